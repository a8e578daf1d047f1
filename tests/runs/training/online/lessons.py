"""Made-up lessons: lines on a noisy ground, and a small base model that has learned to see dark ones."""

import numpy as np
import torch

from data.regions import Region
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.task import Task
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online import Lesson

SIDE = 128
ENCODER = "tu-mobilenetv4_conv_small_050"


def picture(rng, *, bright=False, lines=3):
    """An image with lines 6 pixels wide, dark or bright on a noisy ground, and where they are."""
    truth = np.zeros((SIDE, SIDE), bool)
    for _ in range(lines):
        at = int(rng.integers(8, SIDE - 14))
        if rng.random() < 0.5:
            truth[at : at + 6] = True
        else:
            truth[:, at : at + 6] = True
    image = rng.normal(0.5, 0.05, (1, SIDE, SIDE)) + np.where(truth, 0.3 if bright else -0.3, 0.0)
    return np.clip(image, 0, 1).astype(np.float32), truth


def lesson(seed, view="a", *, event=0, known=None, truth=None, **made):
    image, lines = picture(np.random.default_rng([7, seed]), **made)
    whole = Region(0, 0, SIDE, SIDE)
    return Lesson(
        view=view,
        region=whole,
        shown=whole,
        image=image,
        truth=lines if truth is None else truth,
        known=np.ones((SIDE, SIDE), bool) if known is None else known,
        initial=np.zeros((SIDE, SIDE), np.float32),
        prompts=(),
        scale=0.5,
        finished=known is None,
        event=event,
    )


def dark_model(path, steps=60):
    """Return a small base model that draws dark lines, and is blind to bright ones."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = LineNetwork(NetworkConfig("unet-slim", ENCODER, (0.5,), (0.15,)))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(steps):
        pairs = [picture(rng, bright=bool(rng.random() < 0.3)) for _ in range(4)]
        image = torch.from_numpy(np.stack([image for image, _ in pairs]))
        dark = np.stack([truth & (image[0] < 0.5) for image, truth in pairs])[:, None]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(image), torch.from_numpy(dark).float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    path.write_bytes(b"its file")  # of which versions take the hash
    trained = TrainedModel(network.eval(), Task("mirrors", ("depth",), 0.5, SIDE), path, (), ())
    return LoadedBase(trained, "cpu", "torch")


def pasting_model(path, base):
    """Return an interactive model that begins with a base model's weights: it answers as that draws."""
    torch.manual_seed(0)
    config = NetworkConfig("unet-slim", ENCODER, (0.5,), (0.15,), "session")
    network = InteractiveNetwork(config)
    network.start_from(base.trained.network)
    path.write_bytes(b"another file")
    task = Task("mirrors", ("depth",), 0.5, SIDE, window="stroke", window_size=SIDE, merge="pieces")
    return LoadedInteractive(TrainedModel(network.eval(), task, path, (), ()), "cpu", "torch")
