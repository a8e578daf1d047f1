"""Networks of random weights, since no time depends on weights, and the predictors that compute them."""

from __future__ import annotations

from pathlib import Path

import torch

from models.checkpoints import TrainedModel
from models.networks import LineNetwork, NetworkConfig
from models.prediction import Predictor
from models.task import Task
from runs.predicting.loaded_models import LoadedModel

CHANNELS = ("depth",)
PATCH = 256
AUTO, TORCH = "auto", "torch"  # backends: what the commands choose, and PyTorch


def untrained(kind: type[LineNetwork], arch: str, encoder: str) -> TrainedModel:
    """Return a model of a kind that looks at the depth of mirrors at half of their resolution."""
    torch.manual_seed(0)
    network = kind(NetworkConfig(arch, encoder, (0.5,), (1 / 6,))).eval()
    return TrainedModel(network, Task("mirrors", CHANNELS, 0.5, PATCH), Path("untrained.ckpt"), (), ())


def computed_by(backend: str, model: TrainedModel, device: str, batch: int) -> Predictor:
    """Return the predictor of a model's network, as the evaluation makes it, for ``batch`` samples at once."""
    return LoadedModel(model, device, backend).predictor(print, batch=batch)
