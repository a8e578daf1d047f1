"""The context of one run of the evaluation: its mirror, models, options and folders."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data.channels import channel_named
from data.io.files import file_hash, write_whole
from data.paths import entry
from data.regions import whole
from data.storage import PreparedSet, PreparedView
from interaction.changes import Refiner, whole_window
from interaction.learning_places import EXPECTED_GAIN, places_named
from interaction.merging import merge_named
from interaction.patch_selection import Ranking, ranking_named
from interaction.prompts.strokes import ADD, ERASE
from interaction.refiners import ManualRefiner, NetworkRefiner
from interaction.session import RefinementSession
from lines.centre_lines import cached_centre_line
from metrics.calibration import AS_THEY_ARE
from metrics.truths import TruthCache
from models.classical import CLASSICAL
from runs.calibration import calibration_path, read_calibration
from runs.errors import RunError
from runs.evaluation.kept_models import ModelPair
from runs.evaluation.recorded_run import Manual, RecordedRun
from runs.jobs import Reporter
from runs.options import BASE, OFF, PREDICTED, EvalOptions
from runs.predicting.channels import channels_for
from runs.provenance import data_hash
from runs.report.groups import CALIBRATION
from runs.report.results import SCORECARDS, read_cards
from runs.report.table import read_curves
from simulation.annotators import annotator_named
from simulation.correction_loop import CorrectionLoop
from simulation.finishing import Exacting
from simulation.learning import ENOUGH, LearningLoop
from simulation.simulated_user import Only, SimulatedUser
from simulation.strokes import Brush
from user_config import Settings

if TYPE_CHECKING:
    from runs.evaluation.teaching import ImageTeacher

OPERATIONS = {"both": None, "add": ADD, "erase": ERASE}


@cache
def process_truths() -> TruthCache:
    """Return the skeletons and weights that all runs of this process share.

    A process goes through many runs of a mirror, a seed each, and a mirror's weights take seconds. This process owns
    them; nobody else asks for them here.
    """
    return TruthCache()


class RunContext:
    """The mirror, models, options and folders that the jobs of one run share.

    Parameters
    ----------
    options : of the run
    config : where things lie
    report : prints lines and progress
    models : that ``options`` name
    """

    def __init__(self, options: EvalOptions, config: Settings, report: Reporter, models: ModelPair) -> None:
        self.options, self.models = options, models
        self.base, self.interactive = models.base.trained, models.interactive.trained
        self.prepared = PreparedSet.open(config.storage, options.dataset)
        self.view: PreparedView = self.prepared.view(options.mirror)
        _ = self.view.truth  # refused at once if there is none
        self.channels = channels_for(self.base.task, self.view)
        self.report = report
        self.truths = process_truths()
        self.common = entry(config.eval, options.mirror)
        self.home = entry(config.eval / (options.group or options.conditions), options.mirror)
        self.manual_home = entry(config.eval / options.manual.conditions, options.mirror) / "manual"
        self.hashes = {"base": self.base.sha256, "data": data_hash([self.view], self.channels)}

    def refined_run(self) -> RecordedRun:
        """Return the run with the interactive model, which has not begun or goes on from its saved state."""
        options = self.options
        config, hashes = options.recorded, {**self.hashes, "interactive": self.interactive.sha256}
        if options.needs_calibration:
            hashes[CALIBRATION] = file_hash(calibration_path(self.base))
        if options.mode == "headline":
            config["manual"] = os.path.relpath(self.manual_home, self.home)
        return RecordedRun(options.title, self.home, self.view, config, hashes, self.report, self.truths)

    def manual_run(self) -> RecordedRun:
        """Return the run without the interactive model, which has not begun or goes on from its saved state."""
        title = f"{self.options.title}, manual"
        return RecordedRun(
            title, self.manual_home, self.view, self.options.recorded, self.hashes, self.report, self.truths
        )

    def correction_loop(self, refiner: Refiner) -> CorrectionLoop:
        """Return the loop in which the simulated user corrects the mirror, at its start."""
        options, view = self.options, self.view
        session = RefinementSession(
            view,
            self.initial(),
            refiner,
            scale=view.scale,
            channels=self.channels,
            merge=whole_window if isinstance(refiner, ManualRefiner) else merge_named(self.merge),
            undoable=0,
        )
        shared: dict[str, Any] = {
            "patch": self.base.task.patch,
            "seed": options.seed,
            "ranking": self._ranking(session),
            "truths": self.truths,
        }
        scene = session, view.truth, view.mask, self._annotator()
        if options.learn == OFF:
            return CorrectionLoop(*scene, published=options.mode == "published", **shared)
        shared |= {"teacher": self._teacher(), "places": self._places(session)}
        return LearningLoop(*scene, finisher=self._finisher(), enough=ENOUGH, keeps=True, **shared)

    def _teacher(self) -> ImageTeacher:
        """Return a teacher who knows of no other mirror; ``bench.domains`` goes from image to image with one."""
        from runs.evaluation.teaching import CollectionTeacher  # scikit-learn and more, which other runs do without

        collection = CollectionTeacher(self.models.base, self.models.interactive, seed=self.options.seed)
        batch, disagreeing = max(1, self._annotator().previews), self.options.places == EXPECTED_GAIN
        reference = None if self.options.initial == BASE else self.initial()
        return collection.taught_on(self.view, self.report, batch=batch, disagreeing=disagreeing, reference=reference)

    def _finisher(self) -> SimulatedUser | None:
        return Exacting(self._annotator(), self._brush()) if self.options.operations == "both" else None

    def _places(self, session: RefinementSession) -> Ranking | None:
        options, calibration = self.options, read_calibration(self.base) if self.options.needs_calibration else None
        return places_named(
            options.places,
            session,
            self.view.mask,
            self.base.task.patch,
            calibration=calibration or AS_THEY_ARE,
            seed=options.seed,
        )

    def network_refiner(self) -> NetworkRefiner:
        """Return the refiner of the interactive model; its batch holds as many strokes as the user previews at once."""
        batch = max(1, self._annotator().previews)
        return self.models.interactive.refiner(self.view.scale, self.report, batch=batch)

    @property
    def merge(self) -> str:
        """The name of the merge rule for the interactive model's predictions, see ``interaction.merging``."""
        return self.options.merge or self.interactive.task.merge

    def manual(self) -> Manual | None:
        """Return what the independent manual run came to; None in the published mode, which has none."""
        if self.options.mode == "published":
            return None
        name = f"{self.view.name}_{self.options.seed}"
        cards = read_cards(entry(self.manual_home, name) / SCORECARDS, ("refined",))
        return Manual(read_curves(entry(self.manual_home, f"{name}.csv")), cards["refined"])

    def initial(self) -> NDArray[np.float32]:
        """Return the drawing that corrections begin with."""
        path = self.initial_path()
        try:
            return np.asarray(np.load(path), np.float32)
        except (ValueError, EOFError) as error:
            raise RunError(f"{path}: damaged; remove it, and it is drawn again") from error

    def initial_path(self) -> Path:
        """Return the file of the drawing that corrections begin with, made if need be."""
        method, key = self.options.initial, self.hashes["data"][:12]
        if method == BASE:
            key = f"{self.options.backend}_{self.hashes['base'][:12]}_{key}"
        path = self.common / f"initial_{method}_{key}.npy"
        if not path.exists():
            drawing = self._drawn() if method == BASE else self.classical_drawing(method)
            write_whole(path, lambda file: np.save(file, drawing))
        return path

    def _drawn(self) -> NDArray[np.float32]:
        self.report(f"{self.view.name}: drawing with the base model")
        return self.models.base.drawing(self.view, self.report, self.report.share)

    @property
    def flat_channel(self) -> str | None:
        """The first channel of one plane that the base model sees, if there is one."""
        return next((name for name in self.channels if channel_named(name).planes == 1), None)

    def classical_drawing(self, method: str) -> NDArray[np.float32]:
        """Return the drawing by a method of ``CLASSICAL``, of what the base model sees."""
        if self.flat_channel is None:
            raise RunError(f"--initial {method}: the base model sees no channel of one plane; this needs one")
        (image,) = self.view.read(whole(self.view.model_shape), [self.flat_channel], self.view.scale)
        return CLASSICAL[method](image, self.view.mask).astype(np.float32)

    def _brush(self) -> Brush:
        return Brush(self.prepared.lines, scale=self.view.scale, centre_line=cached_centre_line())

    def _annotator(self) -> SimulatedUser:
        chosen = annotator_named(self.options.annotator, self._brush(), self.options.seed)
        sign = OPERATIONS[self.options.operations]
        return chosen if sign is None else Only(chosen, sign)

    def _ranking(self, session: RefinementSession) -> Ranking | None:
        order = self.options.order
        calibration = read_calibration(self.base) if order == PREDICTED else AS_THEY_ARE
        return ranking_named(
            order,
            session,
            self.view.mask,
            self.base.task.patch,
            calibration=calibration,
            seed=self.options.seed,
        )
