"""What pages are told of a drawing: how things stand, what has changed, and who listens."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.images.encoding import EVEN_PNG, encoded
from annotate.messages import Listener, Said
from annotate.session.logged_session import LoggedSession, Outcome
from data.regions import Region
from interaction.changes import Change
from interaction.session import LINE

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Standing:
    """What a page has to know of a drawing beside its pixels.

    Parameters
    ----------
    event : the last event of the log that is in the drawing
    strokes : how many are in it
    can_undo, can_redo, can_keep : which orders would do anything
    pending_refine : strokes of which the model was not asked yet
    """

    event: int
    strokes: int = 0
    can_undo: bool = False
    can_redo: bool = False
    can_keep: bool = False
    pending_refine: int = 0

    @classmethod
    def of(cls, corrections: LoggedSession) -> Standing:
        """Return how corrections stand."""
        return cls(
            corrections.event,
            corrections.strokes,
            corrections.can_undo,
            corrections.can_redo,
            corrections.can_keep,
            corrections.pending,
        )


class Published:
    """A drawing in 8 bits, and how it stands, for any thread: nobody waits for an answer that is being computed.

    Parameters
    ----------
    corrections : whose drawing; their thread alone updates
    """

    def __init__(self, corrections: LoggedSession) -> None:
        self._lock = threading.Lock()  # never held for long
        self._grey = as_grey(corrections.session.current)
        self.standing = Standing.of(corrections)

    def update(self, corrections: LoggedSession, regions: Sequence[Region]) -> None:
        """Take over what has changed in some regions."""
        standing = Standing.of(corrections)
        with self._lock:
            for region in regions:
                self._grey[region.slices] = as_grey(corrections.session.current[region.slices])
            self.standing = standing

    def drawing(self) -> tuple[int, Grey]:
        """Return the last event that is in the drawing, and a copy of it, (H, W)."""
        with self._lock:
            return self.standing.event, self._grey.copy()

    def png(self, region: Region) -> bytes:
        """Return a region as PNG; on the thread that updates."""
        return encoded(".png", self._grey[region.slices], EVEN_PNG)


class Listeners:
    """Who is told messages; to be changed by any thread."""

    def __init__(self) -> None:
        self._callbacks: dict[object, Listener] = {}

    def add(self, callback: Listener) -> Callable[[], None]:
        """Have messages told from now on; return what ends that."""
        key = object()
        self._callbacks[key] = callback

        def stop() -> None:
            self._callbacks.pop(key, None)

        return stop

    def tell(self, message: Said) -> None:
        """Tell all of them, on this thread."""
        for key, callback in list(self._callbacks.items()):
            try:
                callback(message)
            except Exception:  # whatever it is: the fault of one listener is not the others'
                logging.getLogger(__name__).exception("a listener failed, and hears no more")
                self._callbacks.pop(key, None)


def change_message(outcome: Outcome, published: Published, waiting: int, ms: float) -> Said:
    """Return what pages are told of a change that was published.

    Parameters
    ----------
    outcome : what an order did
    published : with that in it
    waiting : strokes that are not answered yet
    ms : since the order came
    """
    return {
        "type": "change",
        **asdict(published.standing),
        "event": outcome.event,
        "cause": outcome.cause,
        "stroke": outcome.step.prompt_event,
        "sign": outcome.change.prompt.sign,
        "bare": outcome.step.unrefined,
        "region": outcome.region.to_json(),
        "changed": turned_beyond(outcome.change),
        "png": base64.b64encode(published.png(outcome.region)).decode(),
        "ms": round(ms, 1),
        "waiting": waiting,
        "message": outcome.message,
    }


def as_grey(probabilities: NDArray[np.float32]) -> Grey:
    """Return probabilities in [0, 1] in 8 bits."""
    return np.asarray(cv2.convertScaleAbs(probabilities, alpha=255), np.uint8)


def turned_beyond(change: Change) -> int:
    """Count the pixels that an answer turned beyond its stroke."""
    return int(np.count_nonzero((change.after > LINE) != (change.unrefined > LINE)))
