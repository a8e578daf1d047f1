"""Three scans of a plate with one groove, with all maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from tests.data.conftest import SHAPE, RawMirrors


def make(root: Path) -> None:
    """Write raw data below a root: three views, all drawn."""
    raw = RawMirrors(root)
    for view in ("A_R", "B_R", "C_R"):
        raw.add(view)
        raw.add_normals(view)
        albedo = np.full(SHAPE, 0.5, np.float32)
        tifffile.imwrite(raw.depth_file(view).with_name(f"{view}_RHO.tif"), albedo)
