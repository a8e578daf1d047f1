"""What a mirror can be begun from, drawn before anybody chooses: small pictures of it, and the drawings themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.images.previews import preview, telling_part
from annotate.library.model_service import ModelService
from annotate.messages import Source
from annotate.session.sources import EMPTY, MODELS, initial_drawing, sources_of, version_for
from data.storage import PreparedView
from interaction.session import LINE

if TYPE_CHECKING:
    from models.versions import Version

Drawing = NDArray[np.float32]
Progress = Callable[[float], None]

PATIENCE_S = 0.1  # between looks at whether somebody has chosen, while models are loaded


class Beginnings:
    """The drawings that a mirror can be begun from; the models' are made once, and kept until the mirror is begun.

    Two threads may ask for drawings; they take turns.

    Parameters
    ----------
    view : the mirror
    models : what draws
    """

    def __init__(self, view: PreparedView, models: ModelService) -> None:
        self._view, self._models = view, models
        self._drawing = Lock()  # held while one is made, which may take minutes
        self._kept: dict[tuple[Source, str], Drawing] = {}  # the models'; the others take a second, and as much memory
        self._not_needed = Event()
        self._pictures: dict[Source, bytes] = {}  # replaced, never changed

    @property
    def shown(self) -> list[Source]:
        """The sources of which there is a picture."""
        return list(self._pictures)

    def draw(self, progress: Progress = lambda share: None) -> None:
        """Draw from every source but the empty one, models first, and make the pictures; may take minutes.

        It ends early, without a picture, if ``leave_to`` or ``forget`` is called meanwhile.

        Raises
        ------
        DataError
            If a source fails.
        """
        self._not_needed.clear()
        with suppress(_NotNeeded):
            while not self._models.wait(PATIENCE_S):
                self._report(progress, 0)
            sources = [source for source in sources_of(self._view, self._models) if source != EMPTY]
            lines = {}
            for number, source in enumerate(sources):
                drawing, _ = self.drawing(source, self._part_of(progress, number, len(sources)))
                lines[source] = drawing > LINE
                self._report(progress, (number + 1) / len(sources))
            if lines:
                part = telling_part(list(lines.values()))
                self._pictures = {
                    source: preview(self._view, line[part.slices], part) for source, line in lines.items()
                }

    def drawing(self, source: Source, progress: Progress = lambda share: None) -> tuple[Drawing, Version | None]:
        """Return the drawing from a source, and the version that drew it if one did that had learned.

        Returns
        -------
        (H, W) float32, Version or None
            In [0, 1], at model scale; a model's as it was made before.

        Raises
        ------
        DataError
            If it cannot be begun from that, or the model fails.
        """
        with self._drawing:
            version = version_for(source, self._models)
            key = source, version.sha256 if version else ""
            if key in self._kept:
                return self._kept[key], version
            drawing = initial_drawing(source, self._view, self._models, progress, version)
            if source in MODELS:
                self._kept[key] = drawing
            return drawing, version

    def picture(self, source: Source) -> bytes:
        """Return a PNG of a part of the scan with the drawing from a source on it.

        Raises
        ------
        AnnotateError
            If there is none, or none yet.
        """
        if source not in self._pictures:
            raise AnnotateError(f"{self._view.name}: no picture of {source!r} has been made")
        return self._pictures[source]

    def leave_to(self, source: Source) -> None:
        """End ``draw``, which would keep a start waiting, unless it is making the very drawing to start from."""
        if source not in MODELS:
            self._not_needed.set()

    def forget(self) -> None:
        """The mirror is begun: no drawing is needed any more; a page may just ask for one of the small pictures."""
        self._not_needed.set()
        self._kept = {}

    def _part_of(self, progress: Progress, number: int, of: int) -> Progress:
        """Return what reports the progress of one of so many parts."""
        return lambda share: self._report(progress, (number + share) / of)

    def _report(self, progress: Progress, share: float) -> None:
        if self._not_needed.is_set():
            raise _NotNeeded
        progress(share)


class _NotNeeded(Exception):  # no error: somebody has chosen
    pass
