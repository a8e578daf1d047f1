"""Small scenes, models and users on which iterative prompting is tested."""

import numpy as np
import torch
from scipy.ndimage import label
from torch import nn

from models.modules import paste
from models.networks import IN_SESSION
from simulation.iterative_prompting import IterativePrompting
from tests.simulation.fakes import THIN, bar

SHAPE = (48, 48)
EMPTY = np.zeros(SHAPE, bool)
LINE = bar(SHAPE, 20, slice(5, 45))
DOTS = np.zeros(SHAPE, bool)  # far apart, so a stroke corrects one of them and each makes a piece of its own
DOTS[6::12, 6::12] = True
MAPS = IN_SESSION
SIX_STROKES = next(  # a seed with which the first sample gets all of six prompts
    seed for seed in range(100) if np.random.default_rng([seed, 1, 0, 0, 0, 0]).integers(1, 7) == 6
)


class Base(nn.Module):
    """A base model whose drawing is the image itself: bright pixels are line."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1, affine=False)
        self.gain = nn.Parameter(torch.tensor(20.0))

    def forward(self, image):
        self.norm(image)
        return (image - 0.5) * self.gain


class Model(nn.Module):
    """An interactive model that answers with the initial drawing and the strokes; remembers how it was asked."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.asked = []

    def prediction(self, batch):
        asked = {name: batch[name].clone() for name in MAPS}
        self.asked.append(asked | {"gradient": torch.is_grad_enabled(), "training": self.training})
        self.norm(batch["image"])
        return paste(batch["initial"] * self.weight, batch)


def batch_of(*samples):
    """Make a batch of (prediction, truth) pairs."""
    predictions, truths = (torch.from_numpy(np.stack(masks)[:, None]).float() for masks in zip(*samples, strict=True))
    return {"image": predictions, "truth": truths}


def prompting_with(max_prompts=1, seed=0, base=None, annotators=()):
    return IterativePrompting(base or Base(), THIN, max_prompts=max_prompts, seed=seed, annotators=annotators)


def simulated(*samples, max_prompts=1, seed=0, key=(1, 0, 0, 0), model=None, annotators=()):
    batch = batch_of(*samples)
    prompting_with(max_prompts, seed, annotators=annotators).simulate(model or Model(), batch, key)
    return batch


def touched(batch, sample):
    return ((batch["added"] + batch["erased"])[sample, 0] > 0).numpy()


def stroke_count(batch, sample):
    return label(touched(batch, sample), np.ones((3, 3)))[1]


def same(one, other, sample=slice(None)):
    return all(torch.equal(one[name][sample], other[name][sample]) for name in MAPS)


class Remembering:
    """An annotator that keeps what it was told and does what another one does."""

    previews = 0

    def __init__(self, annotator):
        self.annotator, self.told = annotator, []

    def __call__(self, drawing, truth, history, rng):
        self.told.append((drawing, history))
        return self.annotator(drawing, truth, history, rng)
