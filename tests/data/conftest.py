"""Tiny raw mirrors, as they come from the scanner, and tiny prepared views, written where a test wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile

from data.channels import FULL_SCALE
from data.io.files import write_array, write_json
from data.storage import FORMAT, PreparedView, open_view

SHAPE = (48, 64)
DPI = 254.0  # 10 pixels a millimetre
GROOVE = (slice(20, 24), slice(12, 52))  # four rows deep in the bronze, on even pixels, so that it survives halving
OBJECT = (slice(4, 44), slice(4, 60))


def relief() -> np.ndarray:
    """Return a slightly curved plate with one groove, (H, W) float32 in millimetres."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    depth = 0.001 * columns + 0.0005 * rows + 0.0001 * (columns - 30) ** 2
    depth[GROOVE] -= 0.1
    return depth.astype(np.float32)


def masked(where: tuple[slice, slice]) -> np.ndarray:
    """Return (H, W) bool, True in a rectangle."""
    mask = np.zeros(SHAPE, bool)
    mask[where] = True
    return mask


def write_with_mask(path: Path, values: np.ndarray, valid: np.ndarray, **options: Any) -> Path:
    """Write a TIFF with a mask of its valid pixels, (H, W) bool, inside, as GDAL does; returns its path."""
    with tifffile.TiffWriter(path) as file:
        file.write(values, **options)
        file.write(valid.astype(np.uint8) * 255, subfiletype=1, photometric="minisblack")
    with tifffile.TiffFile(path, mode="r+") as file:
        for tag in ("NewSubfileType", "PhotometricInterpretation"):
            file.pages[1].aspage().tags[tag].overwrite(4)  # a mask
    return path


def write_png(path: Path, image: np.ndarray, *options: int) -> Path:
    """Write a picture as OpenCV stores it, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image, options)
    return path


@dataclass
class Raw:
    """A raw map in memory."""

    planes: np.ndarray

    @property
    def shape(self):
        return self.planes.shape

    def rows(self, top, bottom):
        return self.planes[:, top:bottom].copy()


@dataclass(frozen=True)
class RawMirrors:
    """A root in the dataset's layout."""

    root: Path

    def depth_file(self, view: str) -> Path:
        return self.root / view[:-2] / "PS" / f"{view}_U.tif"

    def drawing_file(self, view: str) -> Path:
        return self.root / "drawings" / f"{view}_drawings.png"

    def mask_file(self, view: str) -> Path:
        return self.root / "masks" / f"{view}_mask.png"

    def add(
        self,
        view: str,
        *,
        depth: np.ndarray | None = None,
        dpi: float | None = DPI,
        drawn: bool = True,
        cut: bool = True,
    ) -> None:
        """Write a view: depth, and unless told otherwise its drawing and its mask."""
        path = self.depth_file(view)
        path.parent.mkdir(parents=True, exist_ok=True)
        resolution = None if dpi is None else (dpi, dpi)
        tifffile.imwrite(path, relief() if depth is None else depth, resolution=resolution, resolutionunit="INCH")
        if drawn:
            image = np.zeros((*SHAPE, 4), np.uint8)
            image[GROOVE] = (0, 0, 0, 255)
            write_png(self.drawing_file(view), image)
        if cut:
            write_png(self.mask_file(view), np.repeat(masked(OBJECT)[..., None], 3, 2).astype(np.uint8) * 255)

    def add_normals(self, view: str) -> None:
        """Write normals that face the camera."""
        normals = np.zeros((*SHAPE, 3), np.float32)
        normals[..., 2] = 1
        tifffile.imwrite(self.depth_file(view).with_name(f"{view}_N.tif"), normals, photometric="rgb")


@pytest.fixture
def mirrors(tmp_path: Path) -> RawMirrors:
    """A root without a view yet."""
    return RawMirrors(tmp_path / "mirrors")


MakeView = Callable[..., PreparedView]


@pytest.fixture
def make_view(tmp_path: Path) -> MakeView:
    """A maker of prepared views: ``make_view("A_R", truth, depth)`` in ``tmp_path/storage/mirrors``."""

    def make(
        name: str,
        truth: np.ndarray | None,
        depth: np.ndarray | None = None,
        *,
        shown: str | None = None,
        statistics: dict[str, Any] | None = None,
    ) -> PreparedView:
        folder = tmp_path / "storage" / "mirrors" / name
        shape = SHAPE if truth is None else truth.shape
        values = np.zeros(shape, np.float32) if depth is None else depth
        write_array(folder / "depth_model.npy", (values[None] * FULL_SCALE).astype(np.uint16))
        write_array(folder / "mask_model.npy", np.ones(shape, bool))
        if truth is not None:
            write_array(folder / "truth_model.npy", truth)
        manifest = {
            "view": name,
            "object": name[:-2] if shown is None else shown,
            "shape": [2 * shape[0], 2 * shape[1]],
            "pixels_per_mm": 40.0,
            "model_scale": 0.5,
            "drawing": truth is not None,
            "mask": True,
            "format": FORMAT,
            "statistics": statistics or {},
            "parts": {},
        }
        write_json(folder / "manifest.json", manifest)
        return open_view(folder)

    return make
