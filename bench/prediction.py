"""The cost of drawing a whole scan, and how memory grows with the scan."""

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
    from bench.networks import AUTO, TORCH

    (mirror,) = (path.parent for path in storage.glob("mirrors/*/manifest.json"))
    auto, torch = (measured(draw_view, mirror, encoder, backend) for backend in (AUTO, TORCH))
    measured(make_large_view, large, LARGE_SIDE)
    alone = measured(draw_view, large, "", TORCH)
    return [
        Row("drawing a scan", "s", auto.seconds, "", "PyTorch", torch.seconds),
        Row("its memory", "MiB", auto.peak_mib, "", "PyTorch", torch.peak_mib),
        Row("memory of 240 megapixels, a network that does nothing", "MiB", alone.peak_mib, "4096"),
        Row("its time, all but the network's", "s", alone.seconds),
    ]


def draw_view(folder: Path, encoder: str, backend: str) -> None:
    """Draw a prepared view as ``python -m predict`` does."""
    from runs.predicting.drawings import WINDOWS_AT_ONCE, draw
    from runs.predicting.loaded_models import LoadedModel

    view, model = opened(folder, encoder)
    predictor = LoadedModel(model, "cpu", backend).predictor(print, batch=WINDOWS_AT_ONCE)
    draw(folder / f"{backend}.png", view, model, predictor)


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
    writer = ViewWriter(folder, scale=0.5)
    writer.planes("depth", Prepared((1, side, side), lambda top, bottom: noise[:, : bottom - top], 0.0), disc)
    writer.mask("mask", disc)
    manifest = {"view": "LARGE_R", "object": "LARGE", "shape": [side, side], "pixels_per_mm": 40.0, "model_scale": 0.5}
    write_json(folder / VIEW_MANIFEST, manifest)


def opened(folder: Path, encoder: str) -> tuple[PreparedView, TrainedModel]:
    """Return a prepared view and a base model for it, of random weights; without an encoder, one that does nothing."""
    import torch

    from bench.networks import untrained
    from data.storage import VIEW_MANIFEST, PreparedView
    from models.networks import LineNetwork

    model = untrained(LineNetwork, "unet-slim", encoder or "resnet18")
    if not encoder:
        model.network.unet = torch.nn.Identity()
    return PreparedView(folder, json.loads((folder / VIEW_MANIFEST).read_text())), model
