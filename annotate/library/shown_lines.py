"""How lines of photographs are shown to models: as the page says it, and prepared anew where a person knows better."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from annotate.errors import AnnotateError
from annotate.messages import LineShowing, Polarity
from data.channels import GREY, RGB
from data.errors import DataError, some
from data.ingest import prepare_set
from data.paths import entry
from data.showing import POLARITIES, Showing
from data.storage import PreparedSet, PreparedView, open_view
from interaction.log import LOG
from interaction.log.database import explained, lock_of, remove_database
from interaction.log.locking import Lock
from interaction.log.log import Log
from user_config import Settings

Progress = Callable[[float], None]
NO_WORK = "start", "learn"  # events that need nothing of a person: learning without strokes is what others taught


def line_showing(prepared: PreparedSet) -> LineShowing | None:
    """Return how the photographs of a set are shown; None for mirrors, and for sets of an earlier version."""
    showing = prepared.showing
    if showing is None:
        return None
    return LineShowing(
        line_width=showing.line_width,
        polarity=cast(Polarity, showing.named_polarity),
        channel=showing.channel,
        scale=prepared.model_scale,
        known=_known(prepared, showing),
    )


def _known(prepared: PreparedSet, showing: Showing) -> Literal["given", "measured", "estimated"]:
    if "line_width" in showing.given:
        return "given"
    for name in prepared.members:
        with suppress(DataError):
            if name not in prepared.test and prepared.view(name).has_truth:
                return "measured"
    return "estimated"


@dataclass(frozen=True)
class OtherShowing:
    """Other widths or polarity of the lines of a set of photographs, which a person gives.

    Parameters
    ----------
    config : where the set and its annotations lie
    dataset : name of its kind
    line_width : edge to edge, in pixels of the photographs; None: as it is
    polarity : dark or bright; None: as it is
    """

    config: Settings
    dataset: str
    line_width: float | None
    polarity: str | None

    def require_possible(self) -> None:
        """Raise AnnotateError where it cannot be prepared: for mirrors, and once anybody has drawn on one of the set.

        What was drawn is at the scale at which models see a photograph, and the answers are to what they saw.
        """
        prepared = self._prepared
        if prepared.showing is None:
            raise AnnotateError(f"{self.dataset}: these need no width of lines, or were prepared by an earlier version")
        if self.line_width is not None and not math.isfinite(self.line_width):
            raise AnnotateError(f"{self.line_width} is no width of lines")
        drawn = [name for name in prepared.members if _drawn_on(self._log_path(name))]
        if drawn:
            raise AnnotateError(
                f"All images of a set are shown alike, and somebody has drawn on {some(drawn)}: strokes belong to the "
                "size at which they were drawn. To change it all the same, end the program, move the folders of these "
                f"images out of {self.config.annotations}, and start it again."
            )

    def prepare(self, progress: Progress) -> None:
        """Prepare the set anew; prints a line an image, as ``python -m data.setup`` does.

        Drawings that were begun, and not drawn on, are removed: a model began them from what it sees no longer.

        Raises
        ------
        DataError
            If an image cannot be prepared; the others are.
        """
        self.require_possible()
        prepared = self._prepared
        if self.line_width is not None or self.polarity is not None:
            for name in prepared.members:
                make_room(self._log_path(name), lambda about: True)
        skipped = prepare_set(
            self.config,
            self.dataset,
            Path(prepared.source),
            channels=self._channels(prepared),
            test=[name for name in prepared.test if name in prepared.members],
            test_last=None,
            dpi=None,
            line_width=self.line_width,
            polarity=POLARITIES[self.polarity] if self.polarity else None,
            progress=progress,
        )
        if skipped:
            raise DataError("Left out, as they cannot be prepared: " + "; ".join(skipped))

    def _log_path(self, name: str) -> Path:
        return entry(self.config.annotations, name) / LOG

    @property
    def _prepared(self) -> PreparedSet:
        return PreparedSet.open(self.config.storage, self.dataset)

    @staticmethod
    def _channels(prepared: PreparedSet) -> tuple[str, ...]:
        """Return what has to be named so that no channel comes or goes; the kind's own are taken without any."""
        there = prepared.view(prepared.members[0]).channels
        return (RGB.name,) if RGB.name in there and GREY.name not in there else ()


def renewed_view(view: PreparedView) -> PreparedView:
    """Return a view as it is prepared now; as it was where that cannot be opened, which says why once it is used."""
    with suppress(DataError):
        return open_view(view.folder)
    return view


def make_room(path: Path, unwanted: Callable[[dict[str, Any]], bool]) -> None:
    """Remove a log that nobody has drawn on, so that its image can be begun again.

    Its copies are set apart once a new one is begun. One that cannot be read, or that another program has open, stays.

    Parameters
    ----------
    path : of the log; there may be none
    unwanted : whether to remove it, by what it is about
    """
    if not path.exists():
        return
    with suppress(DataError), Log.read(path) as log:
        if not unwanted(log.about) or _holds_work(log):
            return
        with explained(path):
            lock = Lock(lock_of(path), path)
            try:
                log.close()
                remove_database(path)
            finally:
                lock.release()


def _holds_work(log: Log) -> bool:
    """Whether a log holds anything that a person did, beyond choosing what to begin from."""
    return any(event.kind not in NO_WORK for event in log.events(blobs=False))


def _drawn_on(path: Path) -> bool:
    if not path.exists():
        return False
    with Log.read(path) as log:
        return _holds_work(log)
