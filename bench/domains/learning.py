"""The run of a learner through a domain: image after image, each begun with what was learned on those before."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.domains.correcting import Drawing, Outcome, Scene
from bench.domains.rivals import Forest, known_near, learns_after, seen_by_forest
from data.io.files import write_text
from interaction.learning_places import EXPECTED_GAIN, places_named
from interaction.merging import merge_named
from metrics.effort import POINTS
from metrics.masks import Mask
from runs.calibration import read_calibration
from runs.errors import RunError
from runs.evaluation.teaching import CollectionTeacher, Journal, journal_text
from runs.jobs import Reporter
from runs.predicting.channels import channels_for
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from simulation.correction_loop import Progress
from simulation.learning import ENOUGH, LearningLoop

FIRST = 3  # places, after which it is measured what was learned for the rest of the image


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of an image.

    Parameters
    ----------
    initial : (H, W) float32, the drawing that it was begun with
    outcome : of the correction
    forest : what a forest would have drawn at the same time, of the same strokes and places; None: nobody asked
    """

    initial: Drawing
    outcome: Outcome
    forest: Outcome | None


class OnlineRun:
    """A learner and a person, who go through a domain's images.

    Parameters
    ----------
    base, interactive : the models that learn
    places : order of the places that they learn from, see ``interaction.learning_places.PLACES``
    seed : of the person and the learner
    work : folder that keeps what was taught, so that a run that was killed goes on
    report : prints lines
    """

    def __init__(
        self, base: LoadedBase, interactive: LoadedInteractive, places: str, seed: int, work: Path, report: Reporter
    ) -> None:
        self._base, self._interactive, self._places = base, interactive, places
        self._seed, self._work, self._report = seed, work, report
        self._calibration = read_calibration(base.trained)
        self._teacher = CollectionTeacher(base, interactive, seed=seed)

    def resume(self, views: Sequence[str], done: Collection[str]) -> int:
        """Teach what was taught on the images that are done; return how many images that is.

        Only those before the first one that is not: a learner that had seen a later one would be tested on what it
        knows.

        Parameters
        ----------
        views : the images in their order
        done : those of them that there are records of
        """
        kept = list(takewhile(lambda view: view in done and self._journal(view).exists(), views))
        for view in kept:
            path = self._journal(view)
            try:
                journal = Journal.from_json(json.loads(path.read_text()))
            except (ValueError, LookupError, TypeError) as error:
                raise RunError(f"{path}: damaged; remove the folder {path.parent}, and it is taught anew") from error
            for entry in journal.entries:
                self._teacher.take(entry)
        return len(kept)

    def image(self, scene: Scene, shipped: Drawing, effort: int, *, with_forest: bool) -> Learned:
        """Correct an image and learn from it.

        Parameters
        ----------
        scene : the image
        shipped : (H, W) float32, the drawing of the shipped base model
        effort : pixels after which the person stops
        with_forest : whether a forest learns beside
        """
        teacher, view, before = self._teacher, scene.view, len(self._teacher.journal.entries)
        version = teacher.of_next_image()
        initial = teacher.learner.base(version).drawing(view, self._report)
        batch = max(1, scene.user.previews)
        session = scene.session(
            initial,
            teacher.refiner(version, view, self._report, batch),
            channels_for(self._interactive.trained.task, view),
            merge_named(self._interactive.trained.task.merge),
        )
        places = places_named(
            self._places, session, scene.valid, scene.person.patch, calibration=self._calibration, seed=self._seed
        )
        taught = teacher.taught_on(view, self._report, batch=batch, disagreeing=self._places == EXPECTED_GAIN)
        loop = LearningLoop(
            session,
            view.truth,
            view.mask,
            scene.user,
            teacher=taught,
            places=places,
            finisher=scene.finisher,
            enough=ENOUGH,
            **scene.shared,
        )
        watch = _Watch(
            scene, loop, shipped, Forest(seen_by_forest(view), scene.valid, self._seed) if with_forest else None
        )
        outcome = scene.corrected(loop, watch.look, effort=effort)
        outcome = replace(outcome, notes=watch.notes, seconds=round(outcome.seconds - watch.seconds, 1))
        lessons = Journal(teacher.journal.entries[before:])
        self._work.mkdir(parents=True, exist_ok=True)
        write_text(self._journal(view.name), journal_text(lessons))
        return Learned(initial, outcome, watch.forest_outcome(outcome) if with_forest else None)

    def _journal(self, view: str) -> Path:
        return self._work / f"{view}.journal.json"


class _Watch:
    """Watches a correction: what the first places brought elsewhere, and what a forest makes of the same strokes."""

    def __init__(self, scene: Scene, loop: LearningLoop, shipped: Drawing, forest: Forest | None) -> None:
        self._scene, self._loop, self._shipped, self._forest = scene, loop, shipped, forest
        self.notes: dict[str, float] = {}
        self.seconds = 0.0  # that watching took
        self._seen = 0  # learnings
        self._steps: list[tuple[int, int, float]] = []  # of the forest: strokes, effort, pFM
        self._drawn: Drawing | None = None  # by the forest
        self._drawn_after = 0  # strokes

    def look(self, progress: Progress) -> None:
        """Look at the drawing after a stroke or a learning."""
        began = perf_counter()
        learned = len(self._loop.learned)
        if sum(self._loop.rounds[:learned]) >= FIRST and "rest_shipped_pfm" not in self.notes:
            rest = ~(self._finished() | self._loop.session.protected)
            self.notes |= {
                "rest_shipped_pfm": self._scene.pfm(self._shipped, rest),
                "rest_learned_pfm": self._scene.pfm(self._loop.session.current, rest),
                "first_strokes": float(self._loop.learned[-1]),
            }
            self.notes["rest_gain"] = POINTS * (self.notes["rest_learned_pfm"] - self.notes["rest_shipped_pfm"])
        if self._forest:
            if learned > self._seen or learns_after(progress.interaction):
                self._draw_by_forest(self._forest, progress.interaction)
            self._steps.append((progress.interaction, progress.effort, self._scene.pfm(self._beside())))
        self._seen = learned
        self.seconds += perf_counter() - began

    def forest_outcome(self, ours: Outcome) -> Outcome:
        """Return the forest's outcome, beside ours; it draws once more, of all strokes."""
        began = perf_counter()
        if self._forest and self._drawn_after < ours.strokes[-1]:
            self._draw_by_forest(self._forest, ours.strokes[-1])
            self._steps.append((ours.strokes[-1], ours.effort[-1], self._scene.pfm(self._beside())))
        strokes, effort, pfm = (list(column) for column in zip((0, 0, ours.pfm[0]), *self._steps, strict=True))
        seconds = self.seconds + perf_counter() - began
        return Outcome(strokes, effort, pfm, self._scene.scores(self._beside()), None, None, round(seconds, 1))

    def _draw_by_forest(self, forest: Forest, strokes: int) -> None:
        session = self._loop.session
        drawing = forest.redrawn(session.drawing, known_near(session) | self._finished())
        if drawing is not None:
            self._drawn, self._drawn_after = drawing, strokes

    def _beside(self) -> Drawing:
        """Return the forest's drawing with all that the person has corrected; before it has drawn, ours."""
        session = self._loop.session
        kept = session.protected | self._finished()
        return session.current if self._drawn is None else np.where(kept, session.current, self._drawn)

    def _finished(self) -> Mask:
        finished = np.zeros(self._scene.valid.shape, bool)
        for region in self._loop.finished:
            finished[region.slices] = True
        return finished
