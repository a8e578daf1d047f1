"""The interactive model as a pupil: it learns to answer strokes on the errors inside places that were put right.

Strokes are simulated as in training: the person's truth is known there, and so are the errors of the drawing that the
session began with. What the model is to answer is the truth where it is known, and what it answered before elsewhere.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from data.regions import Region
from interaction.changes import Probabilities, View
from interaction.merging import merge_named
from interaction.prompts import Prompt
from interaction.session import LINE
from models.checkpoints import TrainedModel
from models.encoders import stroke_planes
from models.networks import LineNetwork
from models.versions import INTERACTIVE
from runs.training.online.guard import Score, pooled, score_of
from runs.training.online.lessons import Lesson
from runs.training.online.pupils import Prepared
from runs.training.online.samples import Sample, decoded, to_whole_steps
from simulation.annotators.published import Longer
from simulation.annotators.thinning import Thinning
from simulation.simulated_user import History
from simulation.strokes import MIRROR_BRUSH

STROKES = 8  # simulated on a lesson, at most
TRUSTED = 0.7  # how often the next stroke follows what the model answered; else what the stroke alone drew


@dataclass(frozen=True, eq=False)
class Asked(Prepared):
    """What was asked of the model on a lesson: a view for each sample."""

    views: tuple[View, ...]


class Answering:
    """See ``pupils.Pupil``.

    Parameters
    ----------
    trained : the model that versions begin from
    seed : what chance depends on, together with a lesson's number
    """

    kind = INTERACTIVE
    replay: Sequence[Sample] = ()

    def __init__(self, trained: TrainedModel, seed: int) -> None:
        self.trained, self._seed = trained, seed
        self.network = copy.deepcopy(trained.network).cpu().eval().requires_grad_(False)
        self._merge = merge_named(trained.task.merge)

    def prepared(self, lesson: Lesson, number: int) -> Asked | None:
        """See ``Pupil``; a drawing that was right teaches nothing."""
        rng = np.random.default_rng([self._seed, number])
        user = Thinning(Longer(MIRROR_BRUSH), MIRROR_BRUSH)
        initial = lesson.initial if lesson.reference is None else lesson.reference
        current, given, samples, views = initial.copy(), list[Prompt](), [], []
        for _ in range(STROKES):
            truth = np.where(lesson.known, lesson.truth, current > LINE)
            prompt = user(np.asarray(current > LINE), truth, History(tuple(given), lambda prompts: []), rng)
            if prompt is None:
                break
            given.append(prompt)
            view = View(lesson.image, initial, current, tuple(given), _whole(lesson), MIRROR_BRUSH.scale)
            sample = self._sample(view, lesson)
            samples.append(sample)
            views.append(view)
            answer = sample.shipped_answer(lesson.truth.shape) if rng.random() < TRUSTED else current
            current = self._merged(view, answer)
        if not samples:
            return None
        answers = [sample.shipped_answer(lesson.truth.shape) for sample in samples]
        return Asked(tuple(samples), self._scored(lesson, views, answers), tuple(views))

    def score(self, network: LineNetwork, lesson: Lesson, prepared: Prepared) -> Score:
        """See ``Pupil``: of what a session makes of all answers."""
        assert isinstance(prepared, Asked)
        answers = [sample.answer(network, lesson.truth.shape) for sample in prepared.samples]
        return self._scored(lesson, prepared.views, answers)

    def _scored(self, lesson: Lesson, views: Sequence[View], answers: Sequence[Probabilities]) -> Score:
        drawings = (self._merged(view, answer) for view, answer in zip(views, answers, strict=True))
        return pooled([score_of(drawing, lesson.truth, lesson.known) for drawing in drawings])

    def _merged(self, view: View, answer: Probabilities) -> Probabilities:
        return np.asarray(view.paste(self._merge(view, answer)), np.float32)

    @torch.no_grad()
    def _sample(self, view: View, lesson: Lesson) -> Sample:
        drawn = stroke_planes(view)
        shown = [to_whole_steps(view.image, "edge")]
        shown += [to_whole_steps(drawn[name], "constant") for name in self.network.inputs]
        features = self.network.unet.encoder(self.network.planes(*(torch.from_numpy(plane[None]) for plane in shown)))
        return Sample.of(features, decoded(self.network, features), lesson.truth, lesson.known)


def _whole(lesson: Lesson) -> Region:
    """Return the region of all that is shown; simulated strokes are relative to its corner.

    They are as wide as on mirrors, since all lines are shown about as wide as those, whatever the image's own scale is.
    """
    return Region(0, 0, *lesson.truth.shape)
