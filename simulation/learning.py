"""The simulated correction of an image whose models learn from it meanwhile.

The person first goes to a few places of the image, those where the model is least sure unless told otherwise, and puts
each right. Then the models learn, and what nobody has touched is drawn anew, if the learner is sure that this is
better. After some such rounds the person goes on as without learning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, whole
from interaction.changes import Change, Refiner
from interaction.learning_places import ExpectedGain
from interaction.patch_selection import Ranking
from interaction.session import RefinementSession
from metrics.harm import turned
from metrics.masks import Mask
from metrics.truths import TruthCache
from simulation.correction_loop import CorrectionLoop
from simulation.simulated_user import SimulatedUser

ENOUGH = 0.92  # pFM of a place that is right enough to learn from: edges differ by a pixel here and there
ROUNDS = (1, 1, 1, 2, 2)  # places that are put right before the models learn for the first time, the second and so on


@dataclass(frozen=True, eq=False)
class Taught:
    """What a teacher wants used from now on.

    Parameters
    ----------
    version : the SHA-256 of the version of the models
    drawing : (H, W) float32 in [0, 1], what it draws; None: the drawing stays
    refiner : what answers prompts; None: it stays
    disagreement : (H, W) float32, what versions disagree on, see ``interaction.learning_places``; None: nobody asked
    """

    version: str
    drawing: NDArray[np.float32] | None = None
    refiner: Refiner | None = None
    disagreement: NDArray[np.float32] | None = None


class Teacher(Protocol):
    """Learns from places that were put right; see ``runs.evaluation.teaching``."""

    def finished(self, session: RefinementSession, region: Region) -> None:
        """Take note of a place that was put right, in model pixels, in the session as it is now."""

    def learn(self) -> Taught | None:
        """Learn from all places so far; return what is to be used now, or None where that stays as it is."""

    def state(self) -> dict[str, Any]:
        """Return what ``restore`` needs, as JSON values and arrays."""

    def restore(self, state: dict[str, Any]) -> Taught | None:
        """Go on from a saved state; return what is to be used now. The drawing of that is in the session already."""


class RedrawnLoop(CorrectionLoop):
    """A simulated user's correction of an image that may be drawn anew on the way; by the headline rule.

    Parameters
    ----------
    session, truth, valid_mask, annotator, patch, seed, ranking, truths, keeps : see ``CorrectionLoop``
    """

    def __init__(
        self,
        session: RefinementSession,
        truth: Mask,
        valid_mask: Mask,
        annotator: SimulatedUser,
        *,
        patch: int,
        seed: int,
        ranking: Ranking | None = None,
        truths: TruthCache | None = None,
        keeps: bool = False,
    ) -> None:
        scene = session, truth, valid_mask, annotator
        shared: dict[str, Any] = {"patch": patch, "seed": seed, "ranking": ranking, "truths": truths, "keeps": keeps}
        super().__init__(*scene, published=False, **shared)

    def redraw(
        self, drawing: NDArray[np.float32], version: str, keep: Mask | None = None, *, sure: bool = False
    ) -> bool:
        """Take a new drawing over where nothing is protected or to be kept; return whether anything has changed.

        Pixels that it turns count as repaired and spoiled, as those of answers do. ``sure`` as in ``differing``.
        """
        redraw = self.session.propose_redraw(drawing, version, keep, sure=sure)
        if not redraw.pixels.where.size:
            return False
        before = self.session.drawing
        self.session.commit_redraw(redraw)
        repaired, spoiled = turned(before, self.session.drawing, self._truth, self._beyond_edge)
        self._repaired += repaired
        self._spoiled += spoiled
        self._scores = self._scoreboard()
        if self._ranking:
            self._ranking.update(redraw.region)
        self._reopen(before != self.session.drawing)
        return True

    def state(self) -> dict[str, Any]:
        """See ``CorrectionLoop.state``; the initial drawing is an array, too."""
        return {**super().state(), "initial": self.session.initial.copy()}

    def _reopen(self, changed: Mask) -> None:
        """Correct cells again in which line has changed."""
        for index in np.flatnonzero(self._retired):
            if changed[self._grid[index].slices].any():
                self._retired[index] = False


class LearningLoop(RedrawnLoop):
    """A simulated user's correction of an image, with a teacher; by the headline rule.

    Parameters
    ----------
    session, truth, valid_mask, annotator, patch, seed, ranking, truths, keeps : see ``CorrectionLoop``
    teacher : learns
    places : ranking of cells of the same size: which place is put right next; None: the one with the lowest true pFM
    rounds : places that are put right before each learning
    finisher : who puts these places right; None: ``annotator``. Models learn every pixel there
    enough : pFM of a place from which it is right enough, in [0, 1]; 1: as long as the user finds anything to correct
    """

    def __init__(
        self,
        session: RefinementSession,
        truth: Mask,
        valid_mask: Mask,
        annotator: SimulatedUser,
        *,
        patch: int,
        seed: int,
        teacher: Teacher,
        places: Ranking | None,
        rounds: Sequence[int] = ROUNDS,
        finisher: SimulatedUser | None = None,
        enough: float = 1.0,
        ranking: Ranking | None = None,
        truths: TruthCache | None = None,
        keeps: bool = False,
    ) -> None:
        scene = session, truth, valid_mask, annotator
        super().__init__(*scene, patch=patch, seed=seed, ranking=ranking, truths=truths, keeps=keeps)
        self.teacher, self.rounds, self.enough = teacher, tuple(rounds), enough
        self.finisher = finisher or annotator
        self._places = places
        self._at: int | None = None  # the place that is being put right
        self._finished: list[int] = []
        self.learned: list[int] = []  # prompts so far, at each learning

    @property
    def finished(self) -> tuple[Region, ...]:
        """The places that were put right to learn from, in their order."""
        return tuple(self._grid[index] for index in self._finished)

    def state(self) -> dict[str, Any]:
        """See ``RedrawnLoop.state``."""
        mine = {"at": self._at, "finished": list(self._finished), "learned": list(self.learned)}
        return {**super().state(), **mine, "teacher": self.teacher.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state of the same image, models, rule and seed."""
        super().restore(state)
        self._at, self._finished, self.learned = state["at"], list(state["finished"]), list(state["learned"])
        if (taught := self.teacher.restore(state["teacher"])) is not None:
            self._hear(taught)
        if self._places:
            self._places.update(whole(self.session.shape))

    def _next(self) -> int | None:
        if self._at is None and len(self.learned) < len(self.rounds):
            self._at = self._next_place()
        return super()._next() if self._at is None else self._at

    def _next_place(self) -> int | None:
        """Return the place that comes next; None if there is none that holds any line."""
        ranks = np.where(self._retired, np.inf, self._places.ranks if self._places else self._scores.pfm)
        index = int(ranks.argmin())
        return index if np.isfinite(ranks[index]) else None

    def _headline_change(self, index: int, rng: np.random.Generator) -> Change | None:
        if index == self._at and self._scores.pfm[index] >= self.enough:
            return None
        return super()._headline_change(index, rng)

    def _user_at(self, index: int) -> SimulatedUser:
        return self.finisher if index == self._at else super()._user_at(index)

    def _commit(self, index: int, change: Change) -> None:
        super()._commit(index, change)
        if self._places:
            self._places.update(change.region)

    def _retire(self, index: int) -> bool:
        super()._retire(index)
        if index != self._at:
            return False
        self._at = None
        self._finished.append(index)
        self.teacher.finished(self.session, self._grid[index])
        if len(self._finished) < sum(self.rounds[: len(self.learned) + 1]):
            return False
        self.learned.append(len(self._cell_of))
        return self._learn()

    def _hear(self, taught: Taught) -> None:
        """Take over what answers prompts, and which places are worth going to."""
        if taught.refiner is not None:
            self.session.refiner = taught.refiner
        if taught.disagreement is not None and isinstance(self._places, ExpectedGain):
            self._places.tell(taught.disagreement)

    def _learn(self) -> bool:
        """Let the teacher learn, and take over what it wants; return whether the drawing has changed."""
        taught = self.teacher.learn()
        if taught is None:
            return False
        self._hear(taught)
        if taught.drawing is None:
            return False
        keep = np.zeros(self.session.shape, bool)
        for region in self.finished:
            keep[region.slices] = True
        if not self.redraw(taught.drawing, taught.version, keep, sure=self.session.redrawn):
            return False
        if self._places:
            self._places.update(whole(self.session.shape))
        return True
