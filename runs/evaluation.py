"""One evaluation: the simulated correction of one mirror with one seed, written down as it goes.

::

    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>.csv            a row every N interactions, and the last one
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>/run.json       what the run was made from
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>/state.npz      where it stands; a killed run goes on from there
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>/pictures/      initial drawing, drawing now, errors
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>/<MIRROR>_drawings.png
    DIR_EVAL/<MIRROR>/manual/                        likewise: the independent manual runs of the headline mode
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from data.files import file_hash, write_whole
from data.images import write_drawing, write_png
from data.storage import PreparedSet, PreparedView
from metrics.effort import Curve
from metrics.scores import Counts
from models.checkpoints import TrainedModel
from models.prediction import TorchPredictor
from runs import pictures
from runs.drawings import at_scan_size, initial_drawing, require_scale
from runs.errors import RunError
from runs.pairs import Pair
from runs.record import RECORD, data_hash, read_record, write_record
from runs.table import COLUMNS, read_run
from simulation.annotators import ANNOTATORS
from simulation.correction import Correction, Progress
from simulation.refinement import LINE, RefinementSession, Refiner
from simulation.refiners import ManualRefiner, NetworkRefiner
from simulation.strokes import Brush
from user_config import Settings

PICTURE_SIDE = 1200  # pixels of the longer side of one drawing in a picture
SNAPSHOT_SECONDS = 20.0  # between two saved states; a killed run repeats no more than that
# Options that may differ when a run goes on; the weights themselves are compared by their hashes.
FREE_TO_DIFFER = ("ckpt", "base_model", "device", "picture_every")

Say = Callable[[str], None]


@dataclass(frozen=True)
class EvalOptions:
    """The options of one run of ``python -m eval``; see its help."""

    mirror: str
    seed: int
    ckpt: str
    base_model: str
    dataset: str
    mode: str
    annotator: str
    record_every: int
    picture_every: int
    device: str


def expanded(mirrors: Sequence[str], dataset: str, config: Settings) -> list[str]:
    """Return each mirror once, in place of ``test`` all drawn ones that were kept for testing.

    Raises
    ------
    DataError, RunError
        If ``test`` is asked for and nothing is prepared, or no drawn view was kept.
    """
    if "test" not in mirrors:
        return list(dict.fromkeys(mirrors))
    prepared = PreparedSet.open(config.storage, dataset)
    drawn = [name for name in prepared.test if name in prepared.members and prepared.view(name).has_truth]
    if not drawn:
        raise RunError("no drawn view was kept for testing; prepare again with `python -m data.setup --test VIEW`")
    return list(dict.fromkeys([*drawn, *(name for name in mirrors if name != "test")]))


def evaluate(options: EvalOptions, pair: Pair, config: Settings, say: Say) -> Path:
    """Correct a mirror with the interactive model, and manually.

    Parameters
    ----------
    options : what and how
    pair : the models that they name
    config : where things lie
    say : told how it goes

    Returns
    -------
    Path
        The run's table.

    Raises
    ------
    DataError, ModelError, RunError
        If what is asked for does not exist, does not fit, or its place is taken by another run.
    """
    base, interactive = pair.base, pair.interactive
    prepared = PreparedSet.open(config.storage, options.dataset)
    view = prepared.view(options.mirror)
    _ = view.truth  # refused at once if there is none
    require_scale(view, interactive)
    if view.name in (*base.trained_on, *interactive.trained_on):
        say(f"{view.name}: a model was trained on this view, so its scores are no test")
    home = config.eval / view.name
    run = _Run(home, "", view, prepared, base, options, say)
    predictor = TorchPredictor(interactive.network, torch.device(options.device))
    refiner = NetworkRefiner(predictor, interactive.task.patch, view.scale)
    if options.mode == "published":
        return run.correct(refiner, published=True, interactive=file_hash(interactive.path))
    manual_run = _Run(home, "manual", view, prepared, base, options, say)
    manual = read_run(manual_run.correct(ManualRefiner(view.scale), published=False))
    return run.correct(refiner, published=False, interactive=file_hash(interactive.path), manual=manual.refined_curves)


class _Run:
    """One mirror, one seed, one refiner, in one folder."""

    def __init__(
        self,
        home: Path,
        part: str,
        view: PreparedView,
        prepared: PreparedSet,
        base: TrainedModel,
        options: EvalOptions,
        say: Say,
    ) -> None:
        self.home = home
        self.folder = home / part / f"{view.name}_{options.seed}"
        self.table = self.folder.parent / f"{self.folder.name}.csv"
        self.view, self.base, self.options = view, base, options
        self.brush = Brush(prepared.lines, scale=view.scale)
        title = ", ".join([f"{view.name} seed {options.seed}", *filter(None, [part])])
        self.say: Say = lambda line: say(f"{title}: {line}")

    def correct(
        self, refiner: Refiner, *, published: bool, manual: dict[str, Curve] | None = None, **hashes: str
    ) -> Path:
        """Run to the end, from where an earlier run was cut off; return the table."""
        hashes |= {"base": file_hash(self.base.path), "data": data_hash([self.view], self.base.task.channels)}
        self._claim(hashes)
        earlier = self._saved()
        if earlier and earlier["finished"]:
            self._write_rows(earlier["rows"])  # all the same: somebody may have lost or cut the table
            self.say(f"finished earlier: {self.table}")
            return self.table
        correction = self._correction(refiner, published, hashes["base"])
        if earlier:
            correction.restore(earlier["state"])
            rows = earlier["rows"]
        else:
            self._picture(correction)
            rows = [self._row(correction.progress, manual)]
        self._write_rows(rows)
        saved = monotonic()
        for progress in self._recorded(correction):
            row = self._row(progress, manual)
            if row == rows[-1]:  # written before the kill
                continue
            rows.append(row)
            with self.table.open("a") as file:
                file.write(rows[-1] + "\n")
            self.say(f"{progress.interaction} strokes, pFM {progress.refined.pfm:.4f}, IoU {progress.refined.iou:.4f}")
            if monotonic() - saved >= SNAPSHOT_SECONDS:
                self._save(correction, rows, finished=False)
                saved = monotonic()
        self._picture(correction)
        line = at_scan_size(correction.session.current, self.view)
        write_drawing(self.folder / f"{self.view.name}_drawings.png", line)
        self._save(correction, rows, finished=True)
        return self.table

    def _claim(self, hashes: dict[str, str]) -> None:
        """Record the run, or make sure that the one recorded here is the same."""
        record = read_record(self.folder / RECORD)
        config = asdict(self.options)
        if not record:
            write_record(self.folder / RECORD, config, **hashes)
            return
        there = {**record["config"], **record["hashes"]}
        wanted = {**config, **hashes}
        differ = [name for name, value in wanted.items() if name not in FREE_TO_DIFFER and there.get(name) != value]
        if differ:
            changes = ", ".join(
                f"{name} {there.get(name)!s:.12} there, {wanted[name]!s:.12} asked for" for name in differ
            )
            raise RunError(
                f"{self.folder}: holds another run ({changes}); move it away, or set RETRACE_DIR_EVAL elsewhere"
            )

    def _correction(self, refiner: Refiner, published: bool, base_hash: str) -> Correction:
        session = RefinementSession(
            self.view,
            self._initial(base_hash),
            refiner,
            scale=self.view.scale,
            channels=self.base.task.channels,
            undoable=0,
        )
        return Correction(
            session,
            self.view.truth,
            self.view.mask,
            ANNOTATORS[self.options.annotator](self.brush),
            patch=self.base.task.patch,
            seed=self.options.seed,
            published=published,
        )

    def _initial(self, base_hash: str) -> NDArray[np.float32]:
        """Return the base model's drawing, made once for all seeds."""
        key = f"{base_hash[:12]}_{data_hash([self.view], self.base.task.channels)[:12]}"
        path = self.home / f"initial_{key}.npy"
        if not path.exists():
            self.say("drawing with the base model")
            drawing = initial_drawing(self.view, self.base, self.options.device)
            write_whole(path, lambda file: np.save(file, drawing))
        try:
            return np.asarray(np.load(path), np.float32)
        except (ValueError, EOFError) as error:
            raise RunError(f"{path}: damaged; remove it, and the base model draws it again") from error

    def _recorded(self, correction: Correction) -> Iterator[Progress]:
        """Go on to the end; yield what a row is due for."""
        progress = correction.progress
        for progress in correction.run():
            if progress.interaction % self.options.picture_every == 0:
                self._picture(correction)
            if progress.interaction % self.options.record_every == 0:
                yield progress
        if progress.interaction % self.options.record_every:
            yield progress

    def _row(self, progress: Progress, manual: dict[str, Curve] | None) -> str:
        refined = _scores(progress.refined)
        if manual is not None:  # an independent run, read at the same effort
            human = {name: float(curve.at(progress.effort)) for name, curve in manual.items()}
        elif progress.manual is not None:  # the same strokes, pasted
            human = _scores(progress.manual)
        else:  # this is the manual run
            human = refined
        scores = [refined["iou"], refined["pfm"], human["iou"], human["pfm"]]
        return ",".join([str(progress.interaction), *(f"{score:.6f}" for score in scores), str(progress.effort)])

    def _write_rows(self, rows: list[str]) -> None:
        text = "\n".join([",".join(COLUMNS), *rows]) + "\n"
        write_whole(self.table, lambda file: file.write(text.encode()))

    def _save(self, correction: Correction, rows: list[str], *, finished: bool) -> None:
        state = correction.state()
        current = state.pop("current")
        rest = json.dumps({"state": state, "rows": rows, "finished": finished})
        write_whole(self.folder / "state.npz", lambda file: np.savez(file, current=current, rest=np.array(rest)))

    def _saved(self) -> dict[str, Any] | None:
        """Return the state that an earlier start saved: of the correction, its rows, and whether it came to its end."""
        path = self.folder / "state.npz"
        if not path.exists():
            return None
        try:
            with np.load(path) as arrays:
                content: dict[str, Any] = json.loads(str(arrays["rest"]))
                content["state"]["current"] = arrays["current"]
        except (ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
            raise RunError(f"{path}: damaged; remove it, and the run begins again") from error
        return content

    def _picture(self, correction: Correction) -> None:
        """Draw initial drawing, drawing now, and errors, side by side."""
        session = correction.session
        wrong = pictures.errors((session.current > LINE) & self.view.mask, self.view.truth & self.view.mask)
        shown = (pictures.ink(session.initial), pictures.ink(session.current), wrong)
        smaller = [pictures.shrunk(picture, PICTURE_SIDE) for picture in shown]
        name = f"{correction.progress.interaction:05d}.png"
        write_png(self.folder / "pictures" / name, pictures.side_by_side(*smaller))


def _scores(counts: Counts) -> dict[str, float]:
    return {"iou": counts.iou, "pfm": counts.pfm}
