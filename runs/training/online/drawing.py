"""The base model as a pupil: it learns to draw places as the person left them."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.checkpoints import TrainedModel
from models.networks import LineNetwork
from models.versions import BASE
from runs.training.online.guard import Score, score_of
from runs.training.online.lessons import Lesson
from runs.training.online.pupils import Prepared
from runs.training.online.samples import Sample, decoded, to_whole_steps


class Drawing:
    """See ``pupils.Pupil``.

    Parameters
    ----------
    trained : the model that versions begin from
    replay : images (C, h, w) on which it is held to what it drew before it learned
    """

    kind = BASE

    def __init__(self, trained: TrainedModel, replay: Sequence[NDArray[np.float32]]) -> None:
        self.trained = trained
        self.network = copy.deepcopy(trained.network).cpu().eval().requires_grad_(False)
        self.replay = [Sample.held_to(*self._seen(image)) for image in replay]

    def prepared(self, lesson: Lesson, number: int) -> Prepared:
        """See ``Pupil``."""
        sample = Sample.of(*self._seen(lesson.image), lesson.truth, lesson.known)
        scores = [score_of(sample.shipped_answer(lesson.truth.shape), lesson.truth, lesson.known)]
        if lesson.reference is not None:
            scores.append(score_of(lesson.reference, lesson.truth, lesson.known))
        return Prepared((sample,), min(scores, key=lambda score: score.wrong))

    def score(self, network: LineNetwork, lesson: Lesson, prepared: Prepared) -> Score:
        """See ``Pupil``."""
        (sample,) = prepared.samples
        return score_of(sample.answer(network, lesson.truth.shape), lesson.truth, lesson.known)

    @torch.no_grad()
    def _seen(self, image: NDArray[np.float32]) -> tuple[Sequence[torch.Tensor], torch.Tensor]:
        """Return what the encoder and the network make of an image (C, h, w)."""
        shown = torch.from_numpy(to_whole_steps(image, "edge")[None])
        features = self.network.unet.encoder(self.network.planes(shown))
        return features, decoded(self.network, features)
