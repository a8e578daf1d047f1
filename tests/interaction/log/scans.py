"""Small prepared views with any layers, as ``data.setup`` leaves them, written where a test wants them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.channels import FULL_SCALE
from data.io.files import write_array, write_json
from data.preparing.channels import halve, halve_mask
from data.storage import FORMAT, PreparedView, open_view


def grain(shape: tuple[int, int], planes: int = 1, seed: int = 0) -> np.ndarray:
    """Return (planes, H, W) uint16 in which no two pixels are alike."""
    return np.random.default_rng(seed).integers(0, FULL_SCALE, (planes, *shape), np.uint16, endpoint=True)


def prepared(
    folder: Path,
    layers: dict[str, np.ndarray],
    *,
    mask: np.ndarray | None = None,
    truth: np.ndarray | None = None,
    halved: bool = True,
    source: str = "one scan",
) -> PreparedView:
    """Write a view with these layers, (C, H, W) uint16 at scan size; mask and truth (H, W) bool likewise.

    ``source`` stands for the contents of the scan's files, from which alone the page knows that it has changed.
    """
    shape = next((planes.shape[1:] for planes in layers.values()), (64, 96))
    level = "scan" if halved else "model"
    for layer, planes in layers.items():
        write_array(folder / f"{layer}_{level}.npy", planes)
        if halved:
            write_array(folder / f"{layer}_model.npy", np.rint(halve(planes.astype(np.float32))).astype(np.uint16))
    marks = {"mask": np.ones(shape, bool) if mask is None else mask} | ({} if truth is None else {"truth": truth})
    for name, marked in marks.items():
        if halved:
            write_array(folder / f"{name}_scan.npy", np.packbits(marked, axis=1))
        write_array(folder / f"{name}_model.npy", halve_mask(marked) if halved else marked)
    files = {layer: [{"file": f"/{layer}.tif", "sha256": f"{source} {layer}"}] for layer in layers}
    parts = {layer: {"files": of_layer, "parameters": {"pixels_per_mm": 40.0}} for layer, of_layer in files.items()}
    drawing = {"files": [{"file": "/drawing.png", "sha256": "a drawing"}], "parameters": {}}
    manifest = {
        "format": FORMAT,
        "view": folder.name,
        "object": folder.name[:-2],
        "shape": [*shape],
        "pixels_per_mm": 40.0,
        "model_scale": 0.5 if halved else 1.0,
        "mask": True,
        "drawing": truth is not None,
        "statistics": {layer: {} for layer in layers},
        "parts": parts | ({} if truth is None else {"truth": drawing}),
    }
    write_json(folder / "manifest.json", manifest)
    return open_view(folder)
