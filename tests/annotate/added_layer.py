"""A raster layer that only tests know, and mirrors that were prepared with its channel."""

from __future__ import annotations

import numpy as np

from annotate.messages import Layer
from data.channels import FULL_SCALE
from data.io.files import write_array, write_json
from data.storage import VIEW_MANIFEST, PreparedView

ROUGHNESS = Layer(name="roughness", title="Roughness", kind="raster", key="8")


def prepare_roughness(view: PreparedView) -> None:
    """Prepare a view's roughness, the same everywhere: white."""
    write_array(view.folder / "roughness_scan.npy", np.full((1, *view.shape), FULL_SCALE, np.uint16))
    files = [{"file": "/roughness.tif", "sha256": "a scan"}]
    statistics = view.manifest["statistics"] | {"roughness": {}}
    parts = view.manifest["parts"] | {"roughness": {"files": files, "parameters": {}}}
    write_json(view.folder / VIEW_MANIFEST, view.manifest | {"statistics": statistics, "parts": parts})
