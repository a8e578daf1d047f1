"""What drawing a whole scan costs: band by band without the windows off the object, and with whole maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Row, measured

if TYPE_CHECKING:
    from data.storage import PreparedView
    from models.checkpoints import TrainedModel

LARGE_SIDE = 15_492  # scan pixels: a square of 240 megapixels


def rows(storage: Path, large: Path, encoder: str) -> list[Row]:
    """Draw the prepared mirror below ``storage``, and one of 240 megapixels made in ``large``."""
    (mirror,) = (path.parent for path in storage.glob("mirrors/*/manifest.json"))
    ours, plain = (measured(way, mirror, encoder) for way in (ours_way, plain_way))
    measured(make_large_view, large, LARGE_SIDE)
    large_ours, large_plain = (measured(way, large, "") for way in (ours_way, plain_way))
    return [
        Row("drawing a scan", "s", ours.seconds, plain.seconds),
        Row("its memory", "MiB", ours.peak_mib, plain.peak_mib),
        Row(
            "memory of 240 megapixels, a network that does nothing",
            "MiB",
            large_ours.peak_mib,
            large_plain.peak_mib,
            "4096",
        ),
        Row("its time, all but the network's", "s", large_ours.seconds, large_plain.seconds),
    ]


def ours_way(folder: Path, encoder: str) -> None:
    """Draw a prepared view as ``python -m predict`` does."""
    import torch

    from models.prediction import TorchPredictor
    from runs.predicting.drawings import draw

    view, model = opened(folder, encoder)
    draw(folder / "ours.png", view, model, TorchPredictor(model.network, torch.device("cpu"), 8))


def plain_way(folder: Path, encoder: str) -> None:
    """Draw it the obvious way: every window, whole maps, one picture."""
    import cv2
    import numpy as np
    import torch

    from data.regions import padded, sliding_windows
    from models.prediction import TorchPredictor

    view, model = opened(folder, encoder)
    predictor = TorchPredictor(model.network, torch.device("cpu"), 8)
    total, weight = np.zeros(view.model_shape, np.float32), np.zeros(view.model_shape, np.float32)
    hann = np.maximum(np.hanning(258)[1:-1], 0.03).astype(np.float32)
    windows = list(sliding_windows(view.model_shape, 256, 128))
    for start in range(0, len(windows), 8):
        part = windows[start : start + 8]
        images = np.stack([padded(view.read(window, ["depth"], view.scale), 256) for window in part])
        for window, probability in zip(part, predictor(images), strict=True):
            here = np.outer(hann, hann)[: window.height, : window.width]
            total[window.slices] += probability[: window.height, : window.width] * here
            weight[window.slices] += here
    height, width = view.shape
    large = cv2.resize(total / weight, (width, height), interpolation=cv2.INTER_LINEAR)
    picture = np.zeros((height, width, 4), np.uint8)
    picture[..., 3] = 255 * ((large > 0.5) & view.scan_mask())
    cv2.imwrite(str(folder / "plain.png"), picture)


def make_large_view(folder: Path, side: int) -> None:
    """Write a prepared view of noise, a square of ``side`` scan pixels whose object is a disc; once."""
    import numpy as np

    from data.io.files import write_json
    from data.preparing.channels import Prepared
    from data.preparing.writing import ViewWriter
    from data.storage import VIEW_MANIFEST

    if (folder / VIEW_MANIFEST).exists():
        return
    rows, columns = np.ogrid[:side, :side]
    disc = (rows - side // 2) ** 2 + (columns - side // 2) ** 2 < (side * 9 // 20) ** 2
    noise = np.random.default_rng(0).random((1, 256, side), np.float32)
    writer = ViewWriter(folder, halved=True)
    writer.planes("depth", Prepared((1, side, side), lambda top, bottom: noise[:, : bottom - top], 0.0), disc)
    writer.mask("mask", disc)
    facts = {"view": "LARGE_R", "object": "LARGE", "shape": [side, side], "pixels_per_mm": 40.0, "model_scale": 0.5}
    write_json(folder / VIEW_MANIFEST, facts)


def opened(folder: Path, encoder: str) -> tuple[PreparedView, TrainedModel]:
    """Return a prepared view and a base model for it, of random weights; without an encoder, one that does nothing."""
    import torch

    from bench.untrained import untrained
    from data.storage import VIEW_MANIFEST, PreparedView
    from models.networks import LineNetwork

    model = untrained(LineNetwork, "unet-slim", encoder or "resnet18")
    if not encoder:
        model.network.unet = torch.nn.Identity()
    return PreparedView(folder, json.loads((folder / VIEW_MANIFEST).read_text())), model
