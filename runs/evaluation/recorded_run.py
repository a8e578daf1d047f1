"""One simulated correction of one mirror, recorded while it runs.

::

    <home>/<MIRROR>_<seed>.csv            a row every N interactions, and the last one
    <home>/<MIRROR>_<seed>/run.json       what the run was made from
    <home>/<MIRROR>_<seed>/state.npz      its state; a killed run continues from it
    <home>/<MIRROR>_<seed>/scores.json    scorecards of the initial, the manual and the refined drawing
    <home>/<MIRROR>_<seed>/pictures/      initial drawing, drawing now, errors
    <home>/<MIRROR>_<seed>/<MIRROR>_drawings.png
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from data.enlarging import at_scan_size
from data.io.files import write_json, write_text, write_whole
from data.io.png import write_drawing, write_png
from data.paths import composed, entry
from data.storage import PreparedView
from interaction.session import LINE
from metrics.effort import Curve
from metrics.scorecard import scorecard
from metrics.truths import TruthCache
from runs import pictures
from runs.errors import RunError
from runs.jobs import Reporter
from runs.provenance import NO_FIGURE, RECORD, changes, read_record, write_record
from runs.report.results import SCORECARDS
from runs.report.table import FIRST_VERSION, table_columns
from simulation.correction_loop import CorrectionLoop, Progress

PICTURE_SIDE = 1200  # pixels of the longer side of one drawing in a picture
DRAWINGS = ("current", "initial")  # arrays of a loop's state; the initial drawing is one where it may be redrawn
SNAPSHOT_SECONDS = 20.0  # between two saved states; a killed run repeats no more than that


@dataclass(frozen=True)
class Manual:
    """An independent run without the interactive model: its curves by score, and the scores of its last drawing."""

    curves: dict[str, Curve]
    scores: dict[str, float]


@dataclass(frozen=True)
class RecordedRun:
    """One mirror, one seed, one refiner, in one folder.

    Parameters
    ----------
    title : its name in messages
    home : the folder of the mirror's runs
    view : the mirror
    config : the run's options as JSON values, written into its record; among them ``seed``, ``record_every`` and
        ``picture_every``
    hashes : of weights and data, also for the record
    report : prints its progress
    truths : keeps what scores need of the mirror's truth
    """

    title: str
    home: Path
    view: PreparedView
    config: dict[str, Any]
    hashes: dict[str, str]
    report: Reporter
    truths: TruthCache

    @property
    def folder(self) -> Path:
        """Where all but the table lies."""
        return entry(self.home, f"{self.view.name}_{self.config['seed']}")

    @property
    def table(self) -> Path:
        """The run's table."""
        return self.home / f"{self.folder.name}.csv"

    def run(self, begin: Callable[[], CorrectionLoop], manual: Manual | None = None) -> Path:
        """Run to the end, from the saved state of an earlier start if there is one; return the table.

        Parameters
        ----------
        begin : makes the correction loop, from its start
        manual : the independent manual run to compare with; without it the loop's own manual drawing, if it keeps
            one, and otherwise this is the manual run

        Raises
        ------
        RunError
            If another run holds the place, or what an earlier start left is damaged.
        """
        self._claim()
        earlier = self._saved()
        # A run that was begun before a score existed ends without it, so that all its rows are alike.
        columns = tuple(earlier["columns"]) if earlier else table_columns()
        if earlier and earlier["finished"] and (self.folder / SCORECARDS).exists():
            self._write_rows(columns, earlier["rows"])  # all the same: somebody may have lost or cut the table
            self._report(f"finished earlier: {self.table}")
            return self.table
        loop = begin()
        if earlier:
            loop.restore(earlier["state"])
            rows = earlier["rows"]
        else:
            self._picture(loop)
            rows = [_row(columns, loop.progress, manual)]
        self._write_rows(columns, rows)
        saved = monotonic()
        for progress in self._recorded(loop):
            self.report.share(loop.share_done)
            row = _row(columns, progress, manual)
            if row == rows[-1]:  # written before the kill
                continue
            rows.append(row)
            with self.table.open("a") as file:
                file.write(rows[-1] + "\n")
            counts = progress.refined.counts
            self.report.detail(
                f"{self.title}: {progress.interaction} strokes, pFM {counts.pfm:.4f}, IoU {counts.iou:.4f}"
            )
            if monotonic() - saved >= SNAPSHOT_SECONDS:
                self._save(loop, columns, rows, finished=False)
                saved = monotonic()
        self._conclude(loop, manual)
        self._save(loop, columns, rows, finished=True)
        return self.table

    def _report(self, line: str) -> None:
        self.report(f"{self.title}: {line}")

    def _conclude(self, loop: CorrectionLoop, manual: Manual | None) -> None:
        self._picture(loop)
        line = at_scan_size(loop.session.current, self.view)
        write_drawing(self.folder / f"{self.view.name}_drawings.png", line, self.view.pixels_per_mm)
        session = loop.session
        scores = {"initial": self._scorecard(session.initial), "refined": self._scorecard(session.current)}
        if manual is not None:
            scores["manual"] = manual.scores
        elif loop.manual_drawing is not None:
            scores["manual"] = self._scorecard(loop.manual_drawing)
        write_json(self.folder / SCORECARDS, scores)

    def _scorecard(self, drawing: NDArray[np.float32]) -> dict[str, float]:
        return scorecard(drawing > LINE, self.view.truth & self.view.mask, self.view.mask, self.truths)

    def _claim(self) -> None:
        """Record the run, or make sure that the one recorded here is the same."""
        record = read_record(self.folder / RECORD)
        if not record:
            if self.table.exists():
                raise RunError(f"{self.table}: a table, but nothing says of which run; move it away")
            write_record(self.folder / RECORD, self.config, **self.hashes)
            return
        there, wanted = {**record["config"], **record["hashes"]}, {**self.config, **self.hashes}
        there |= {"mirror": composed(str(there.get("mirror")))}  # earlier versions wrote it as the disk stores it
        if differing := changes(there, wanted, [name for name in wanted if name not in NO_FIGURE]):
            raise RunError(
                f"{self.folder}: holds another run ({differing}); move it away, or set RETRACE_DIR_EVAL elsewhere"
            )

    def _recorded(self, loop: CorrectionLoop) -> Iterator[Progress]:
        """Run to the end; yield the progress of each row of the table."""
        progress = loop.progress
        for progress in loop.run():
            if progress.interaction % self.config["picture_every"] == 0:
                self._picture(loop)
            if progress.interaction % self.config["record_every"] == 0:
                yield progress
        if progress.interaction % self.config["record_every"]:
            yield progress

    def _write_rows(self, columns: Sequence[str], rows: list[str]) -> None:
        text = "\n".join([",".join(columns), *rows]) + "\n"
        write_text(self.table, text)

    def _save(self, loop: CorrectionLoop, columns: Sequence[str], rows: list[str], *, finished: bool) -> None:
        state = loop.state()
        arrays = {name: state.pop(name) for name in DRAWINGS if name in state}
        rest = json.dumps({"state": state, "columns": columns, "rows": rows, "finished": finished})
        write_whole(self.folder / "state.npz", lambda file: np.savez(file, rest=np.array(rest), **arrays))

    def _saved(self) -> dict[str, Any] | None:
        """Return what an earlier start saved: the loop's state, columns, rows, and whether it was finished."""
        path = self.folder / "state.npz"
        if not path.exists():
            return None
        try:
            with np.load(path) as arrays:
                content: dict[str, Any] = json.loads(str(arrays["rest"]))
                content["state"] |= {name: arrays[name] for name in DRAWINGS if name in arrays}
                _ = content["state"]["current"]
                content.setdefault("columns", FIRST_VERSION)
        except (ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
            raise RunError(f"{path}: damaged; remove it, and the run begins again") from error
        return content

    def _picture(self, loop: CorrectionLoop) -> None:
        """Draw initial drawing, drawing now, and errors, side by side."""
        session = loop.session
        wrong = pictures.errors((session.current > LINE) & self.view.mask, self.view.truth & self.view.mask)
        shown = (pictures.ink(session.initial), pictures.ink(session.current), wrong)
        smaller = [pictures.shrunk(picture, PICTURE_SIDE) for picture in shown]
        name = f"{loop.progress.interaction:05d}.png"
        write_png(self.folder / "pictures" / name, pictures.side_by_side(*smaller))


def _row(columns: Sequence[str], progress: Progress, manual: Manual | None) -> str:
    """Format a row of the table; a score that the independent manual run does not have is left empty."""
    refined = progress.refined.scores
    if manual is not None:  # an independent run, read at the same effort
        human = {name: float(curve.at(progress.effort)) for name, curve in manual.curves.items()}
    elif progress.manual is not None:  # the same strokes, pasted
        human = progress.manual.scores
    else:  # this is the manual run
        human = refined
    values: dict[str, int | str] = {
        "interaction": progress.interaction,
        "human_input": progress.effort,
        "repaired": progress.repaired,
        "spoiled": progress.spoiled,
    }
    values |= {name: f"{value:.6f}" for name, value in refined.items()}
    values |= {f"{name}_human": f"{value:.6f}" for name, value in human.items()}
    return ",".join(str(values.get(column, "")) for column in columns)
