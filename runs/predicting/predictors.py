"""The networks of a run as functions on arrays, made once in each process: converting one takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch

from interaction.changes import Probabilities
from interaction.refiners import NetworkRefiner
from models.backends import make_predictor
from models.checkpoints import TrainedModel
from models.encoders import StrokeEncoder
from models.networks import STROKE, LineNetwork
from models.prediction import Predictor


def predictor_of(
    model: TrainedModel,
    device: str,
    backend: str,
    say: Callable[[str], None],
    *,
    batch: int = 1,
    repeatable: bool = False,
) -> Predictor:
    """Return what computes a model's network.

    Parameters
    ----------
    model : whose network
    device : PyTorch's name of one
    backend : a name in ``models.backends.BACKENDS``
    say : told when another backend computes than the one that was asked for
    batch : samples that PyTorch computes at once
    repeatable : whether results must be the same however many threads there are, for which PyTorch takes one
    """
    predictor, messages = _made(model.network, device, backend, model.task.side, batch, repeatable)
    for message in messages:
        say(message)
    return predictor


def refiner_of(model: TrainedModel, predictor: Callable[..., Probabilities], scale: float) -> NetworkRefiner:
    """Return who answers strokes with an interactive model, shown what it was trained to see.

    Parameters
    ----------
    model : whose network
    predictor : what computes it
    scale : model pixels a scan pixel
    """
    task = model.task
    encoder = StrokeEncoder(task.side, model.network.inputs)
    return NetworkRefiner(predictor, task.side, scale, encoder, around_stroke=task.window == STROKE)


@lru_cache(maxsize=4)
def _made(
    network: LineNetwork, device: str, backend: str, patch: int, batch: int, repeatable: bool
) -> tuple[Predictor, list[str]]:
    messages: list[str] = []
    where = torch.device(device)
    predictor = make_predictor(
        network, where, backend=backend, patch=patch, batch=batch, repeatable=repeatable, say=messages.append
    )
    return predictor, messages
