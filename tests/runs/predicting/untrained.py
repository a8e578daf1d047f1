"""Checkpoints of networks that nobody trained."""

import torch

from models.modules import BaseModule, InteractiveModule
from models.networks import NetworkConfig

NETWORK = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 64}
MODULES = {"base": BaseModule, "interactive": InteractiveModule}


def checkpoint(path, kind, **task):
    """Write a checkpoint of a kind; fields of its task may be others."""
    torch.manual_seed(1)
    module = MODULES[kind](NETWORK.as_dict(), TASK | task, 1e-3)
    torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
    return str(path)
