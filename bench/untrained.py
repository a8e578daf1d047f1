"""Networks of random weights, and what computes them: the fast way and the straightforward one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

from bench.scenes import CHANNELS, PATCH, Subject
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig, Task
from models.prediction import Predictor, TorchPredictor
from runs.predictors import predictor_of


@lru_cache(maxsize=1)
def base_model(subject: Subject) -> TrainedModel:
    """Return a base model."""
    return _untrained(LineNetwork, subject)


@lru_cache(maxsize=1)
def interactive_model(subject: Subject) -> TrainedModel:
    """Return an interactive model."""
    return _untrained(InteractiveNetwork, subject)


def fast_predictor(model: TrainedModel, batch: int = 1) -> Predictor:
    """Return what the commands compute a model with on a CPU, unless they are told otherwise; made once a process."""
    return predictor_of(model, "cpu", "auto", print, batch=batch)


def torch_predictor(model: TrainedModel, batch: int = 1) -> Predictor:
    """Return PyTorch."""
    return TorchPredictor(model.network, torch.device("cpu"), batch)


def _untrained(kind: type[LineNetwork], subject: Subject) -> TrainedModel:
    torch.manual_seed(0)
    network = kind(NetworkConfig(subject.arch, subject.encoder, (0.5,), (1 / 6,))).eval()
    return TrainedModel(network, Task("mirrors", CHANNELS, 0.5, PATCH), Path("untrained.ckpt"), (), ())
