"""One mirror: what is proposed after so many labels, and what becomes of the pieces without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.propagation.features import decoder_features, own_features, surface_features
from bench.propagation.labels import Labels, Said, reveal
from bench.propagation.learner import line_probability, refitted_threshold
from bench.propagation.pieces import LOW, Floats, cut
from data.regions import whole
from data.storage import PreparedView
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from metrics.masks import Mask
from models.checkpoints import TrainedModel
from runs.errors import RunError
from simulation.annotators import annotator_named
from simulation.correction_loop import CorrectionLoop
from simulation.strokes import Brush

SETS = ("probability", "+ surface", "+ decoder", "+ two blocks")  # of features, each with those before
THRESHOLD, ALL = "threshold", "all mistakes"


@dataclass(frozen=True)
class Outcome:
    """What a way of proposing changes came to.

    Parameters
    ----------
    mirror, labels : where, and after how many labels
    way : ``THRESHOLD``, ``ALL`` or what the learner saw and how sure it was
    proposed, right : pieces, and those of them whose change repairs more pixels than it spoils
    changed, repaired : pixels, and those that become right less those that become wrong
    """

    mirror: str
    labels: int
    way: str
    proposed: int
    right: int
    changed: int
    repaired: int


class Trial:
    """A mirror with its pieces, and what is known of them.

    Parameters
    ----------
    view : the mirror, with its truth
    initial : (H, W), what the base model drew
    base : the model
    brush : of the person

    Raises
    ------
    RunError
        If the model takes nothing there for line, however little.
    """

    def __init__(self, view: PreparedView, initial: NDArray[np.float32], base: TrainedModel, brush: Brush) -> None:
        self.name = str(view.folder)
        self.view, self.initial, self.patch, self.brush = view, initial, base.task.patch, brush
        self.inside = np.array(view.mask)
        self.truth: Mask = view.truth & self.inside
        if not (self.inside & (initial > LOW)).any():
            raise RunError(f"{self.name}: nothing there is likely line to {base.path}; leave this view out")
        self.pieces = cut(initial, self.inside, brush.lines.mean * brush.scale)
        self.gain = self.pieces.gain(self.truth)
        self.changes = self.pieces.count(self.inside)
        own = own_features(self.pieces, initial)
        (image, *_) = view.read(whole(view.model_shape), base.task.channels, view.scale)
        groups = [own, surface_features(self.pieces, initial, image), *decoder_features(self.pieces, view, base)]
        self.wrong = np.count_nonzero(self.pieces.asked & (self.gain > 0))
        self.logit = own[:, 0]
        self.features = {
            name: _standardised(np.concatenate(groups[: count + 1], axis=1), self.pieces.asked)
            for count, name in enumerate(SETS)
        }

    def outcomes(self, counts: tuple[int, ...], sure: Sequence[float], seed: int) -> Iterator[Outcome]:
        """Let a person of a seed correct the mirror; yield what every way would change after so many labels."""
        rng = np.random.default_rng([seed, 1])
        for count, labels in reveal(self._correction(seed), Said(self.pieces, self.patch, rng), counts):
            free = self.pieces.asked.copy()
            free[labels.pieces] = False
            yield self._threshold(count, labels, free)
            yield self._outcome(count, ALL, free & (self.gain > 0))
            for name, features in self.features.items():
                line = line_probability(features, self.logit, labels)
                mistake = np.where(self.pieces.drawn, 1 - line, line)
                for least in sure:
                    yield self._outcome(count, f"{name}, {least:g} sure", free & (mistake >= least))

    def _outcome(self, count: int, way: str, flipped: Mask) -> Outcome:
        sums = np.stack([np.ones_like(self.gain), self.gain > 0, self.changes, self.gain])[:, flipped].sum(axis=1)
        return Outcome(self.name, count, way, *sums.tolist())

    def _threshold(self, count: int, labels: Labels, free: Mask) -> Outcome:
        """Apply the threshold to all pixels but those of pieces with a label."""
        probability = self.pieces.along(self.initial)
        least = refitted_threshold(probability, labels)
        flipped = free & ((probability > least) != self.pieces.drawn)
        counted = self.inside & ~np.isin(self.pieces.flips, labels.pieces)
        changed = counted & ((self.initial > least) != (self.initial > LINE))
        right = changed & ((self.initial > least) == self.truth)
        proposed, useful, total, gained = (
            int(np.count_nonzero(mask)) for mask in (flipped, flipped & (self.gain > 0), changed, right)
        )
        return Outcome(self.name, count, THRESHOLD, proposed, useful, total, 2 * gained - total)

    def _correction(self, seed: int) -> CorrectionLoop:
        scale = self.view.scale
        session = RefinementSession(self.view, self.initial, ManualRefiner(scale), scale=scale, channels=())
        person = annotator_named("longer", self.brush)
        return CorrectionLoop(session, self.truth, self.inside, person, patch=self.patch, seed=seed, published=False)


def _standardised(features: Floats, asked: Mask) -> Floats:
    mean, deviation = features[asked].mean(axis=0), features[asked].std(axis=0)
    return np.asarray((features - mean) / np.where(deviation > 0, deviation, 1))
