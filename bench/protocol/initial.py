"""What the initial drawing of a whole mirror costs, by windows that overlap by half."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.protocol.predictors import base_model, fast_predictor, torch_predictor
from bench.protocol.scenes import Subject, prepared_view
from bench.untrained import CHANNELS, PATCH
from models.prediction import Planes, Predictor, predict_bands
from runs.predicting.drawings import WINDOWS_AT_ONCE, initial_drawing

TORCH_BATCH = 8


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawing and its cost.

    Parameters
    ----------
    drawing : (H, W) float32 in [0, 1], at model scale
    seconds : from a network in memory to the drawing, so with what it takes to make the network ready
    windows : that the network answered
    """

    drawing: Planes
    seconds: float
    windows: int


class Counting:
    """A predictor, and how many windows it was given."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.windows = predictor, 0

    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``."""
        self.windows += len(inputs[0])
        return self.predictor(*inputs)


def ours(subject: Subject) -> Drawn:
    """Draw the mirror as the commands do: only windows that show some of the object."""
    view, model = prepared_view(subject.storage), base_model(subject)
    started = perf_counter()
    predictor = Counting(fast_predictor(model, subject.device, WINDOWS_AT_ONCE))
    drawing = initial_drawing(view, model, predictor)
    return Drawn(drawing, perf_counter() - started, predictor.windows)


def plain(subject: Subject) -> Drawn:
    """Draw it the straightforward way: every window, by PyTorch."""
    view, model = prepared_view(subject.storage), base_model(subject)
    started = perf_counter()
    predictor = Counting(torch_predictor(model, subject.device, TORCH_BATCH))
    bands = predict_bands(
        view, view.model_shape, predictor, channels=CHANNELS, scale=view.scale, patch=PATCH, batch=TORCH_BATCH
    )
    drawing = np.concatenate(list(bands))
    return Drawn(drawing, perf_counter() - started, predictor.windows)
