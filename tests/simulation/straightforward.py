"""The published rule written down plainly: the oracle of ``simulation.correction_loop``.

One candidate is answered at a time, and after each interaction every score is counted anew in the whole mirror.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import numpy as np

from bench.networks import CHANNELS, PATCH
from bench.protocol.interaction import Done
from bench.protocol.scenes import Scene
from data.regions import cells
from interaction.changes import Change, Probabilities
from interaction.prompts import Prompt
from interaction.refiners import ManualRefiner, NetworkRefiner
from interaction.session import LINE, RefinementSession
from metrics.masks import Mask
from models.encoders import StrokeEncoder
from runs.evaluation.context import process_truths
from simulation.scoreboard import Scoreboard, paste_overlap
from simulation.simulated_user import History, SimulatedUser


class Straightforward:
    """A simulated user's way through a mirror.

    Parameters
    ----------
    scene : what is corrected
    initial : (H, W) float32, the drawing that it begins with
    predictor : answers one stroke at a time
    annotator : makes the strokes
    seed : with the number of the attempt, all that chance depends on
    """

    def __init__(
        self,
        scene: Scene,
        initial: Probabilities,
        predictor: Callable[..., Probabilities],
        annotator: SimulatedUser,
        seed: int,
    ) -> None:
        self._scene, self._annotator, self._seed = scene, annotator, seed
        self._scale = scene.brush.scale
        refiner = NetworkRefiner(predictor, PATCH, self._scale, StrokeEncoder(PATCH))
        self._refined = RefinementSession(
            scene.canvas, initial, refiner, scale=self._scale, channels=CHANNELS, undoable=0
        )
        self._manual = RefinementSession(
            scene.canvas, initial, ManualRefiner(self._scale), scale=self._scale, channels=(), undoable=0
        )
        self._grid, self._truths = cells(self._refined.shape, PATCH), process_truths()
        self._made: defaultdict[int, list[Prompt]] = defaultdict(list)
        self._refined_scores, self._manual_scores = self._scored(self._refined), self._scored(self._manual)

    def run(self) -> Iterator[Done]:
        """Go on until no patch is left; yield after each committed stroke."""
        retired = np.array([not self._scene.truth[cell.slices].any() for cell in self._grid])
        best = self._manual_scores.pfm.copy()
        for attempt in count():
            if retired.all():
                return
            index = int(np.where(retired, np.inf, self._refined_scores.pfm).argmin())
            change = self._ask(index, np.random.default_rng([self._seed, attempt]))
            if change is None or self._pfm_after(self._refined, index, change) == self._refined_scores.pfm[index]:
                retired[index] = True
                continue
            (pasted,) = self._manual.propose([change.prompt])
            if self._pfm_after(self._manual, index, pasted) <= best[index]:
                retired[index] = True
                continue
            self._refined.commit(change)
            self._manual.commit(pasted)
            self._refined_scores, self._manual_scores = self._scored(self._refined), self._scored(self._manual)
            best[index] = max(best[index], self._manual_scores.pfm[index])
            self._made[index].append(self._moved(change.prompt, index, -1))
            yield Done(change.prompt, self._refined_scores.total, self._manual_scores.total)

    def _scored(self, session: RefinementSession) -> Scoreboard:
        return Scoreboard(session, self._scene.truth, self._scene.valid, self._grid, self._truths)

    def _ask(self, index: int, rng: np.random.Generator) -> Change | None:
        cell, proposed = self._grid[index], dict[Prompt, Change]()

        def answer(stroke: Prompt) -> Change:
            if stroke not in proposed:
                (proposed[stroke],) = self._refined.propose([self._moved(stroke, index, 1)])
            return proposed[stroke]

        def preview(strokes: Sequence[Prompt]) -> list[Mask]:
            return [self._shown(self._cell_after(self._refined, index, answer(stroke)), index) for stroke in strokes]

        drawing = self._shown(self._refined.current[cell.slices], index)
        history = History(tuple(self._made[index]), preview, self._truths)
        stroke = self._annotator(drawing, self._scene.truth[cell.slices], history, rng)
        return None if stroke is None else answer(stroke)

    def _pfm_after(self, session: RefinementSession, index: int, change: Change) -> float:
        return self._refined_scores.count(self._grid[index], self._cell_after(session, index, change)).pfm

    def _cell_after(self, session: RefinementSession, index: int, change: Change) -> Probabilities:
        after = session.current[self._grid[index].slices].copy()
        paste_overlap(after, self._grid[index], change.after, change.region)
        return after

    def _shown(self, drawing: Probabilities, index: int) -> Mask:
        return np.asarray((drawing > LINE) & self._scene.valid[self._grid[index].slices])

    def _moved(self, stroke: Prompt, index: int, sign: int) -> Prompt:
        cell = self._grid[index]
        return stroke.moved(sign * cell.top / self._scale, sign * cell.left / self._scale)
