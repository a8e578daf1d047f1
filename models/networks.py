"""The two networks: one computes line logits from an image, the other from an image, a drawing and a user's strokes.

Both are U-Nets of segmentation-models-pytorch, chosen by encoder name, as in "Drawing the Line" (ICDAR 2024) and
"Fusing Forces" (ICPR 2024).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

# Inputs of an interactive network beside the image, a plane each. The longer list adds the drawing that the newest
# stroke corrects, and that stroke by itself.
DRAWN = ("initial", "added", "erased")
IN_SESSION = (*DRAWN, "current", "newest")
PLANES = {  # the planes that the network computes from its inputs, in this order, by the name of its prompts
    "session": IN_SESSION,  # unchanged; initial and current are probabilities, newest is +1 (adds), -1 (erases) or 0
    "separate": DRAWN,
    "signed": ("initial logit", "added less erased"),  # as published
    "initial": ("initial",),
    "strokes": ("added", "erased"),
}
PROMPTS = {name: len(planes) for name, planes in PLANES.items()}  # input planes
# Probabilities are clipped to [LOGIT_EPS, 1 - LOGIT_EPS] before their logit is computed. LOGIT_EPS is float32's step
# below 1, so a probability of 1 gets the largest logit that float32 can express (16.6), and 0 the opposite (-16.6).
LOGIT_EPS = 2.0**-24
# The encoders' own momentum of 0.01 makes running statistics lag hundreds of steps behind, so that the validation
# scores of short trainings are noise.
BATCHNORM_MOMENTUM = 0.1

DECODERS = {  # channels from the deepest block to the shallowest, by --arch
    "unet": (256, 128, 64, 32, 16),  # as published: the library's default
    "unet-slim": (96, 64, 48, 32, 16),  # most of a small network's work is in the decoder
}


def widens(prompts: str, others: str) -> bool:
    """Whether the planes of ``prompts`` begin with those of ``others``, so that their weights can be taken over."""
    return PLANES[prompts][: PROMPTS[others]] == PLANES[others]


@dataclass(frozen=True)
class NetworkConfig:
    """The parameters from which a network is built.

    Parameters
    ----------
    arch : a name in ``DECODERS``
    encoder : an encoder's name in segmentation-models-pytorch
    mean, deviation : of each image plane over the training set; the network standardises its input itself
    prompts : a name in ``PROMPTS``: how drawing and strokes enter an interactive network; a base model has none
    """

    arch: str
    encoder: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    prompts: str = "separate"  # in checkpoints that don't say it

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, which checkpoints hold without pickled code."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> NetworkConfig:
        """Return the configuration that ``as_dict`` gave."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
        return cls(**values)


class LineNetwork(nn.Module):
    """Base model: image (B, C, H, W) in [0, 1] to line logits (B, 1, H, W); H and W multiples of 32.

    Parameters
    ----------
    config : what to build
    prompt_planes : number of further input planes after the image's; they are not standardised

    Raises
    ------
    ValueError
        If the architecture or the encoder is unknown.
    """

    mean: Tensor
    deviation: Tensor
    inputs: tuple[str, ...] = ()  # beside the image, in this order

    def __init__(self, config: NetworkConfig, prompt_planes: int = 0) -> None:
        super().__init__()
        if config.arch not in DECODERS:
            raise ValueError(f"no architecture {config.arch!r}; there are: {', '.join(DECODERS)}")
        _require_encoder(config.encoder)
        self.config = config
        self.unet = smp.Unet(
            config.encoder,
            encoder_weights=None,
            in_channels=len(config.mean) + prompt_planes,
            classes=1,
            decoder_channels=DECODERS[config.arch],
        )
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = BATCHNORM_MOMENTUM
        self.register_buffer("mean", torch.tensor(config.mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(config.deviation).view(1, -1, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (B, 1, H, W)."""
        return self._logits(self.planes(image))

    def planes(self, image: Tensor) -> Tensor:
        """Return what the encoder sees, (B, C, H, W); parameters as of ``forward``."""
        return self.standardise(image)

    def standardise(self, image: Tensor) -> Tensor:
        """Shift and scale an image to mean 0 and deviation 1 over the training set."""
        return (image - self.mean) / self.deviation

    def _logits(self, planes: Tensor) -> Tensor:
        logits: Tensor = self.unet(planes)
        return logits

    def leaves_one_value(self, side: int) -> bool:
        """Whether a patch of so many pixels a side leaves a batch normalisation a single value a channel.

        Of a batch of one such patch there is then no deviation, and PyTorch refuses to train.
        """
        seen: list[int] = []
        norms = [module for module in self.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
        hooks = [
            norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0, 0].numel())) for norm in norms
        ]
        trains = self.training
        self.eval()  # so that nothing is learned from nothing
        try:
            with torch.no_grad():
                image = torch.zeros(1, len(self.config.mean), side, side)
                self(image, *[torch.zeros(1, 1, side, side)] * len(self.inputs))
        finally:
            for hook in hooks:
                hook.remove()
            self.train(trains)
        return 1 in seen

    def start_from(self, other: LineNetwork) -> None:
        """Take over another network's weights; new planes get zero weights, so the first prediction is the other's.

        The other is a base model or, for an interactive network, one whose planes this one's begin with (``widens``).

        Raises
        ------
        ValueError
            If the other is of another encoder, architecture or number of image planes.
        """
        mine, theirs = self.config, other.config
        if (mine.arch, mine.encoder, len(mine.mean)) != (theirs.arch, theirs.encoder, len(theirs.mean)):
            raise ValueError(
                f"a {mine.encoder} {mine.arch} of {len(mine.mean)} image planes cannot start from "
                f"a {theirs.encoder} {theirs.arch} of {len(theirs.mean)}; "
                "give its --enc_str and --arch, and channels of as many planes"
            )
        weights = dict(other.state_dict())
        for name, own in self.state_dict().items():
            if own.shape != weights[name].shape:  # the first convolution, which sees the new planes too
                widened = torch.zeros_like(own)
                widened[:, : weights[name].shape[1]] = weights[name]
                weights[name] = widened
        self.load_state_dict(weights)


def _require_encoder(name: str) -> None:
    """Raise ValueError unless segmentation-models-pytorch has an encoder of that name, or timm behind ``tu-``."""
    if name in smp.encoders.get_encoder_names() or (name.startswith("tu-") and timm.is_model(name[3:])):
        return
    timms = [f"tu-{model}" for model in timm.list_models()] if name.startswith("tu-") else []
    near = get_close_matches(name, timms or smp.encoders.get_encoder_names()) or ["efficientnet-b6"]
    library = "timm" if timms else "segmentation-models-pytorch"
    raise ValueError(f"no encoder {name!r} in {library}; choose one that it has, such as {' or '.join(near)}")


class InteractiveNetwork(LineNetwork):
    """Interactive model: image, drawing and strokes to line logits, all (B, ..., H, W) as for ``LineNetwork``.

    ``config.prompts`` chooses how drawing and strokes are shown. Models that lack one of them show how much the other
    is worth ("Fusing Forces", table of inputs).

    Parameters
    ----------
    config : what to build; its ``prompts`` say which planes the network makes of drawing and strokes

    Raises
    ------
    ValueError
        If the architecture, the encoder or the kind of prompts is unknown.
    """

    def __init__(self, config: NetworkConfig) -> None:
        if config.prompts not in PROMPTS:
            raise ValueError(f"no prompts {config.prompts!r}; there are: {', '.join(PROMPTS)}")
        super().__init__(config, PROMPTS[config.prompts])
        self.inputs = IN_SESSION if config.prompts == "session" else DRAWN

    def forward(self, image: Tensor, *drawn: Tensor) -> Tensor:
        """Return logits (B, 1, H, W); ``drawn`` are its ``inputs``, each (B, 1, H, W) and as ``PROMPTS`` says."""
        return self._logits(self.planes(image, *drawn))

    def planes(self, image: Tensor, *drawn: Tensor) -> Tensor:
        """See ``LineNetwork.planes``."""
        return torch.cat([self.standardise(image), *self._prompts(*drawn)], dim=1)

    def _prompts(self, initial: Tensor, added: Tensor, erased: Tensor, *session: Tensor) -> list[Tensor]:
        match self.config.prompts:
            case "signed":
                return [torch.logit(initial.float(), LOGIT_EPS), added - erased]
            case "initial":
                return [initial]
            case "strokes":
                return [added, erased]
            case _:
                return [initial, added, erased, *session]


NETWORKS: dict[str, type[LineNetwork]] = {"base": LineNetwork, "interactive": InteractiveNetwork}
