"""Networks of random weights, on which no time depends."""

from __future__ import annotations

from pathlib import Path

import torch

from models.checkpoints import TrainedModel
from models.networks import LineNetwork, NetworkConfig, Task

CHANNELS = ("depth",)
PATCH = 256


def untrained(kind: type[LineNetwork], arch: str, encoder: str) -> TrainedModel:
    """Return a model of a kind that looks at the depth of mirrors at half of their resolution."""
    torch.manual_seed(0)
    network = kind(NetworkConfig(arch, encoder, (0.5,), (1 / 6,))).eval()
    return TrainedModel(network, Task("mirrors", CHANNELS, 0.5, PATCH), Path("untrained.ckpt"), (), ())
