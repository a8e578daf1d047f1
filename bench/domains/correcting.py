"""The simulated correction of one image of a domain, with any refiner and any loop, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.ceilings import NEAR, Perfect
from bench.domains.sets import Domain
from data.storage import PreparedSet, PreparedView
from interaction.changes import Merge, Refiner, whole_window
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from lines.centre_lines import cached_centre_line
from metrics.counts import count
from metrics.effort import POINTS, Curve
from metrics.masks import Mask
from metrics.scorecard import scorecard
from metrics.truths import TruthCache
from simulation.annotators import annotator_named
from simulation.correction_loop import CorrectionLoop, Progress
from simulation.finishing import Exacting
from simulation.simulated_user import SimulatedUser
from simulation.strokes import Brush

Drawing = NDArray[np.float32]


@dataclass(frozen=True)
class Person:
    """The simulated person, the same for all methods.

    Parameters
    ----------
    annotator : a name in ``simulation.annotators.ANNOTATORS``
    strokes : after which an image is left that is corrected by hand; by other methods it is after as many pixels
    patch : side of the places that are corrected one after the other, in model pixels
    """

    annotator: str
    strokes: int
    patch: int


@dataclass(frozen=True)
class Outcome:
    """What came of a correction.

    Parameters
    ----------
    strokes, effort, pfm : at the start, after each stroke, and where the image was drawn anew
    scores : of the last drawing, see ``metrics.scorecard``
    repaired, spoiled : see ``simulation.correction_loop.Progress``; None where nobody counted them
    seconds : that it took
    notes : further figures, by name
    """

    strokes: list[int]
    effort: list[int]
    pfm: list[float]
    scores: dict[str, float]
    repaired: int | None
    spoiled: int | None
    seconds: float
    notes: dict[str, float] = field(default_factory=dict)

    @cached_property
    def curve(self) -> Curve:
        """The pFM over the effort."""
        return Curve(np.array(self.effort), np.array(self.pfm))

    @property
    def worst_update(self) -> float:
        """The largest fall of the pFM where the image was drawn anew, in points; 0 if there is none."""
        falls = [
            before - after
            for before, after, one, next_one in zip(
                self.pfm, self.pfm[1:], self.strokes, self.strokes[1:], strict=False
            )
            if one == next_one
        ]
        return POINTS * max([0.0, *falls])

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


class Scene:
    """An image of a domain, its truth, and the person who corrects it.

    Parameters
    ----------
    domain, view : the image
    person : who corrects it
    seed : of the person
    """

    def __init__(self, domain: Domain, view: str, person: Person, seed: int) -> None:
        self.prepared = PreparedSet.open(domain.storage, domain.kind)
        self.view: PreparedView = self.prepared.view(view)
        self.person, self.seed, self.truths = person, seed, TruthCache()
        self.valid = np.asarray(self.view.mask)
        self.truth = np.asarray(self.view.truth) & self.valid

    @cached_property
    def brush(self) -> Brush:
        """How the simulated person draws."""
        return Brush(self.prepared.lines, self.view.scale, centre_line=cached_centre_line())

    @cached_property
    def user(self) -> SimulatedUser:
        """The simulated person."""
        return annotator_named(self.person.annotator, self.brush, self.seed)

    @property
    def finisher(self) -> SimulatedUser:
        """The same person in places that models are to learn from."""
        return Exacting(self.user, self.brush)

    @property
    def shared(self) -> dict[str, Any]:
        """What all loops take."""
        return {"patch": self.person.patch, "seed": self.seed, "truths": self.truths, "keeps": True}

    def session(
        self,
        initial: Drawing,
        refiner: Refiner | None = None,
        channels: Sequence[str] = (),
        merge: Merge = whole_window,
    ) -> RefinementSession:
        """Begin a session; without a refiner strokes are only pasted."""
        return RefinementSession(
            self.view,
            initial,
            refiner or ManualRefiner(self.view.scale),
            scale=self.view.scale,
            channels=channels,
            merge=merge,
            undoable=0,
        )

    def loop(self, session: RefinementSession) -> CorrectionLoop:
        """Begin the correction of a session without learning."""
        return CorrectionLoop(session, self.view.truth, self.view.mask, self.user, published=False, **self.shared)

    def manual(self, initial: Drawing) -> Outcome:
        """Correct a drawing by hand."""
        return self.corrected(self.loop(self.session(initial)))

    def ceiling(self, initial: Drawing, effort: int) -> Outcome:
        """Correct a drawing with answers that are perfect in what touches the stroke, for so much effort."""
        perfect = Perfect(self.truth, NEAR, self.view.scale, touching=True)
        return self.corrected(self.loop(self.session(initial, perfect)), effort=effort)

    def corrected(
        self,
        loop: CorrectionLoop,
        look: Callable[[Progress], None] = lambda progress: None,
        *,
        effort: int | None = None,
    ) -> Outcome:
        """Go on until no stroke helps, or the person has done enough.

        Parameters
        ----------
        loop : at its start
        look : called after each stroke
        effort : pixels after which the person stops; None: after as many strokes as the person gives by hand
        """
        began, steps = perf_counter(), [loop.progress]
        for step in loop.run():
            steps.append(step)
            look(step)
            if (step.interaction >= self.person.strokes) if effort is None else (step.effort >= effort):
                break
        return Outcome(
            [step.interaction for step in steps],
            [step.effort for step in steps],
            [step.refined.counts.pfm for step in steps],
            self.scores(loop.session.current),
            steps[-1].repaired,
            steps[-1].spoiled,
            round(perf_counter() - began, 1),
        )

    def scores(self, drawing: Drawing) -> dict[str, float]:
        """Return all scores of a drawing."""
        return scorecard(drawing > LINE, self.truth, self.valid, self.truths)

    def pfm(self, drawing: Drawing, where: Mask | None = None) -> float:
        """Return the pFM of a drawing, of all of it or where a mask says."""
        valid = self.valid if where is None else self.valid & where
        return count(drawing > LINE, self.truth, self.truths.skeleton(self.truth), valid).pfm
