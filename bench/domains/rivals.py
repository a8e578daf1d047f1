"""Rivals that learn from strokes as well: a threshold fitted anew, and a random forest on hand-made features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.domains.forest import ForestDrawer
from data.regions import whole
from data.storage import PreparedView
from interaction.prompts import Prompt
from interaction.prompts.prompt import touched
from interaction.session import RefinementSession
from metrics.masks import Mask
from simulation.correction_loop import Progress
from simulation.learning import RedrawnLoop

Drawing = NDArray[np.float32]

NEAR = 16  # model pixels from a stroke within which the drawing is taken to be right
FIRST = (5, 10)  # strokes after which a rival learns for the first times, and then
EVERY = 20  # so many
THRESHOLDS = np.linspace(0.02, 0.98, 49)
SURELY = 1e-6  # probabilities are held this far from 0 and 1


class Rival(Protocol):
    """Draws an image by what is known of some of its pixels."""

    def drawing(self, line: Mask, known: Mask) -> Drawing | None:
        """Return its drawing, (H, W) float32 in [0, 1]; None if line or ground is missing in what is known."""


class Threshold:
    """The base model's probabilities, cut where that agrees best with what is known.

    Parameters
    ----------
    probability : (H, W) float32, what the base model draws
    """

    def __init__(self, probability: Drawing) -> None:
        self._logit = _logit(probability)
        self._probability = probability

    def drawing(self, line: Mask, known: Mask) -> Drawing | None:
        """See ``Rival``."""
        probability, truth = self._probability[known], line[known]
        if truth.all() or not truth.any():
            return None
        best = max(THRESHOLDS, key=lambda threshold: _f_measure(probability > threshold, truth))
        return (1 / (1 + np.exp(_logit(np.float32(best)) - self._logit))).astype(np.float32)


class Forest(ForestDrawer):
    """A random forest on one image, whose features are computed once.

    Parameters
    ----------
    image : (C, H, W) float32 in [0, 1]
    valid : (H, W) bool, the object; nothing is drawn off it
    seed : what chance depends on
    """

    def __init__(self, image: Drawing, valid: Mask, seed: int) -> None:
        super().__init__(seed)
        self._image, self._valid = image, valid
        self._kept = super()._features(image)

    def _features(self, image: Drawing) -> Drawing:
        return self._kept if image is self._image else super()._features(image)

    def redrawn(self, line: Mask, known: Mask) -> Drawing | None:
        """See ``Rival.drawing``."""
        known = known & self._valid
        if not line[known].any() or line[known].all():
            return None
        self.learn([(self._image, line, known)])
        return np.where(self._valid, self.drawing(self._image), np.float32(0))


class ForestRival:
    """A forest as a rival; see ``Forest``."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest

    def drawing(self, line: Mask, known: Mask) -> Drawing | None:
        """See ``Rival``."""
        return self._forest.redrawn(line, known)


class RivalLoop(RedrawnLoop):
    """A correction by strokes that are only pasted, from which a rival learns to draw the rest anew.

    Places that the person has gone through are known to the rival and stay as they are, as for a learner.

    Parameters
    ----------
    session, ... : see ``RedrawnLoop``
    rival : draws
    """

    def __init__(self, session: RefinementSession, *scene: Any, rival: Rival, **shared: Any) -> None:
        super().__init__(session, *scene, **shared)
        self._rival = rival

    def run(self) -> Iterator[Progress]:
        """See ``CorrectionLoop.run``."""
        for progress in super().run():
            yield progress
            if learns_after(progress.interaction) and self._drawn_anew():
                yield self.progress

    def _drawn_anew(self) -> bool:
        finished = np.zeros(self.session.shape, bool)
        for index in np.flatnonzero(self._retired):
            finished[self._grid[index].slices] = True
        drawing = self._rival.drawing(self.session.drawing, known_near(self.session) | finished)
        return drawing is not None and self.redraw(drawing, "rival", finished)


def learns_after(strokes: int) -> bool:
    """Whether a rival learns after so many strokes."""
    return strokes in FIRST or (strokes > 0 and strokes % EVERY == 0)


def known_near(session: RefinementSession) -> Mask:
    """Return the pixels within ``NEAR`` of a session's strokes, (H, W) bool: the drawing is taken to be right there."""
    strokes = np.zeros(session.shape, bool)
    for prompt in session.prompts:
        _touch(strokes, prompt, session)
    if not strokes.any():
        return strokes
    away = cv2.distanceTransform((~strokes).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away <= NEAR)


def seen_by_forest(view: PreparedView) -> Drawing:
    """Return what a forest is shown of an image, (C, H, W): the photograph as it is, and what networks see of it."""
    wanted = [view.showing.channel, "relief"] if view.showing else ["depth"]
    return view.read(whole(view.model_shape), wanted, view.scale)


def _touch(strokes: Mask, prompt: Prompt, session: RefinementSession) -> None:
    bounds = prompt.bounds(session.scale, session.shape)
    strokes[bounds.slices] |= touched(prompt, bounds, session.scale)


def _f_measure(drawn: Mask, truth: Mask) -> float:
    right = float(np.count_nonzero(drawn & truth))
    return 2 * right / max(1.0, float(np.count_nonzero(drawn) + np.count_nonzero(truth)))


def _logit(probability: Any) -> Any:
    likely = np.clip(probability, SURELY, 1 - SURELY)
    return np.log(likely / (1 - likely))
