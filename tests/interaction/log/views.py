"""Small prepared views that only say what they were made from: what a log asks of one, and light to import."""

from pathlib import Path

import numpy as np

from data.io.files import write_array, write_json
from data.storage import FORMAT, PreparedView, open_view

SHAPE = (40, 56)  # model pixels


def view_at(folder: Path, *, shape=SHAPE, scan="a", mask="a", drawing="a", channels=("depth",)) -> PreparedView:
    """Write a view; ``scan``, ``mask`` and ``drawing`` stand for what is in their files."""

    def part(**contents: str) -> dict:
        files = [{"file": f"/{name}", "sha256": f"{name} {content}"} for name, content in contents.items()]
        return {"files": files, "parameters": {}}

    write_array(folder / "mask_model.npy", np.ones(shape, bool))
    manifest = {
        "format": FORMAT,
        "view": folder.name,
        "object": folder.name[:-2],
        "shape": [2 * length for length in shape],
        "pixels_per_mm": 40.0,
        "model_scale": 0.5,
        "mask": True,
        "drawing": True,
        "statistics": {channel: {} for channel in channels},
        "parts": {channel: part(**{channel: scan, "mask": mask}) for channel in channels}
        | {"mask": part(mask=mask), "truth": part(drawing=drawing, mask=mask)},
    }
    write_json(folder / "manifest.json", manifest)
    return open_view(folder)
