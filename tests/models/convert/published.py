"""Checkpoints as the published code wrote them."""

import segmentation_models_pytorch as smp
import torch

SMALL = "efficientnet-b0"
SAID = {"arch": "unet", "in_channels": 1, "out_channels": 1, "lr": 2e-4, "enc_str": SMALL, "patch_size": 512}


def network(planes, encoder=SMALL):
    """Build a network as the authors did, with statistics and weights that training might have left."""
    torch.manual_seed(planes)
    unet = smp.Unet(encoder, encoder_weights=None, in_channels=planes, classes=1, aux_params={"classes": 1}).eval()
    for module in unet.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return unet


def below(prefix, unet):
    return {prefix + name: value.clone() for name, value in unet.state_dict().items()}


def saved(path, state, hyper_parameters=SAID):
    content = {
        "epoch": 55,
        "state_dict": state,
        "hyper_parameters": hyper_parameters,
        "optimizer_states": [{"state": {}}],
    }
    torch.save(content, path)
    return path
