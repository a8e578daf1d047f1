"""The networks of a benchmark, and what computes them: the fast way and the straightforward one."""

from __future__ import annotations

from functools import lru_cache

import torch

from bench.protocol.scenes import Subject
from bench.untrained import untrained
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork
from models.prediction import Predictor, TorchPredictor
from runs.predicting.loaded_models import LoadedModel


@lru_cache(maxsize=1)
def base_model(subject: Subject) -> TrainedModel:
    """Return a base model."""
    return untrained(LineNetwork, subject.arch, subject.encoder)


@lru_cache(maxsize=1)
def interactive_model(subject: Subject) -> TrainedModel:
    """Return an interactive model."""
    return untrained(InteractiveNetwork, subject.arch, subject.encoder)


@lru_cache(maxsize=2)
def fast_predictor(model: TrainedModel, device: str, batch: int = 1) -> Predictor:
    """Return what the evaluation computes a model with, unless it is told otherwise; made once a process.

    Parameters
    ----------
    model : of random weights
    device : PyTorch's name of one
    batch : answers at once
    """
    return LoadedModel(model, device, "auto").predictor(print, batch=batch)


def torch_predictor(model: TrainedModel, device: str, batch: int = 1) -> Predictor:
    """Return PyTorch, for the same."""
    return TorchPredictor(model.network, torch.device(device), batch)
