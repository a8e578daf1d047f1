"""Publishing to pages: a copy of the drawing, messages about its changes, and the subscribers that get them."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.images.encoding import EVEN_PNG, encoded
from annotate.messages import DrawingStatus, box_of
from annotate.session.logged_session import LoggedSession
from annotate.session.outcomes import Outcome, RedrawOutcome
from annotate.stream_messages import ChangeMessage, Message, RedrawnMessage, Subscriber
from data.regions import Region, whole
from interaction.changes import Change
from interaction.session import LINE

DARK = 127  # of 255: what is above is line
OFF_OBJECT = (
    "part of this line lies off the object: it stays in the drawing, and exported pictures leave it out unless asked"
)
Grey = NDArray[np.uint8]


class PublishedDrawing:
    """A copy of the drawing in 8 bits and its status, readable by any thread without waiting for a running prediction.

    Parameters
    ----------
    logged : whose drawing; its thread alone updates
    mask : (H, W) bool, the object
    """

    def __init__(self, logged: LoggedSession, mask: NDArray[np.bool_]) -> None:
        self._lock = threading.Lock()  # never held for long
        self._grey = as_grey(logged.session.current)
        self._off = ~np.asarray(mask)
        self.status = _status_of(logged, self._line_off_object(whole(self._grey.shape)))

    def update(self, logged: LoggedSession, regions: Sequence[Region]) -> None:
        """Take over what has changed in some regions."""
        off_object = self.status.off_object
        with self._lock:
            for region in regions:
                off_object -= self._line_off_object(region)
                self._grey[region.slices] = as_grey(logged.session.current[region.slices])
                off_object += self._line_off_object(region)
            self.status = _status_of(logged, off_object)

    def _line_off_object(self, region: Region) -> int:
        """Count the pixels of line that exported pictures leave out."""
        return int(np.count_nonzero((self._grey[region.slices] > DARK) & self._off[region.slices]))

    def drawing(self) -> tuple[int, Grey]:
        """Return the last event that is in the drawing, and a copy of it, (H, W)."""
        with self._lock:
            return self.status.event, self._grey.copy()

    def png(self, region: Region) -> bytes:
        """Return a region as PNG; on the thread that updates."""
        return encoded(".png", self._grey[region.slices], EVEN_PNG)


class Subscribers:
    """The subscribers to the messages of one mirror; any thread may add or remove one."""

    def __init__(self) -> None:
        self._subscribers: dict[object, Subscriber] = {}

    def add(self, subscriber: Subscriber) -> Callable[[], None]:
        """Send messages to one more from now on; return what ends that."""
        key = object()
        self._subscribers[key] = subscriber

        def stop() -> None:
            self._subscribers.pop(key, None)

        return stop

    def publish(self, message: Message) -> None:
        """Send a message to all of them, on this thread."""
        for key, subscriber in list(self._subscribers.items()):
            try:
                subscriber(message)
            except Exception:  # whatever it is: the others must get the message nevertheless
                logging.getLogger(__name__).exception("a subscriber failed, and gets no more messages")
                self._subscribers.pop(key, None)


def change_message(
    outcome: Outcome,
    published: PublishedDrawing,
    waiting: int,
    ms: float,
    *,
    went_off: bool = False,
    says: str | None = None,
) -> ChangeMessage:
    """Return the message about a change that was published.

    Parameters
    ----------
    outcome : what a command did
    published : with that in it
    waiting : strokes that are not answered yet
    ms : since the command came
    went_off : whether there is more line off the object than before
    says : what else a person should know
    """
    return ChangeMessage(
        **(dict(published.status) | {"event": outcome.event}),
        cause=outcome.cause,
        stroke=outcome.step.prompt_event,
        sign=1 if outcome.change.prompt.sign > 0 else -1,
        bare=outcome.step.unrefined,
        region=box_of(outcome.region),
        changed=turned_beyond(outcome.change),
        png=base64.b64encode(published.png(outcome.region)).decode(),
        ms=round(ms, 1),
        waiting=waiting,
        message=outcome.message or says or (OFF_OBJECT if went_off and outcome.cause == "stroke" else None),
    )


def redrawn_message(outcome: RedrawOutcome, published: PublishedDrawing, waiting: int) -> RedrawnMessage:
    """Return the message about a redrawing that was published; ``waiting``: strokes that are not answered yet."""
    region = outcome.redraw.region
    return RedrawnMessage(
        **(dict(published.status) | {"event": outcome.event}),
        waiting=waiting,
        cause=outcome.cause,
        region=box_of(region),
        png=base64.b64encode(published.png(region)).decode(),
    )


def as_grey(probabilities: NDArray[np.float32]) -> Grey:
    """Return probabilities in [0, 1] in 8 bits."""
    return np.asarray(cv2.convertScaleAbs(probabilities, alpha=255), np.uint8)


def turned_beyond(change: Change) -> int:
    """Count the pixels that an answer turned beyond its stroke."""
    return int(np.count_nonzero((change.after > LINE) != (change.unrefined > LINE)))


def _status_of(logged: LoggedSession, off_object: int) -> DrawingStatus:
    return DrawingStatus(
        event=logged.event,
        strokes=logged.strokes,
        can_undo=logged.can_undo,
        can_redo=logged.can_redo,
        can_keep=logged.can_keep,
        pending_refine=logged.pending,
        off_object=off_object,
    )
