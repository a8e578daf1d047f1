"""The layers of a mirror on the page: their list, the tiles of those that show the scan, and a thumbnail.

Tiles of raster layers are JPEG, grey or in colour. Those of shaded layers are normals as PNG, without loss, since the
browser shades them anew for each light: red is x and green is y, 128 where the surface faces the camera; z follows,
blue is 0.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.images.encoding import GRADUAL_PNG, encoded
from annotate.messages import Layer
from data.channels import FULL_SCALE
from data.io.files import write_whole
from data.storage import PreparedView

Stored = NDArray[np.uint16]  # (C, h, w), [0, 1] scaled to FULL_SCALE, as it is prepared

# All layers of the page, from below. The browser is told of them: a raster layer is added here and nowhere else.
# Two may have the same key where no kind of data has both; there are nine, so layers that few want have none.
# Colours of drawings are such that people who see few colours tell them apart as well (Okabe and Ito, 2008).
LAYERS = (
    Layer(name="depth", title="Depth", kind="raster", key="1", opacity=1),
    Layer(name="normals", title="Relief", kind="shaded", key="2"),
    Layer(name="albedo", title="Albedo", kind="raster", key="3"),
    Layer(name="grey", title="Photograph, grey", kind="raster", key="1", opacity=1),
    Layer(name="rgb", title="Photograph", kind="raster", key="2", opacity=1),
    Layer(name="red", title="Photograph, red", kind="raster", opacity=1),
    Layer(name="green", title="Photograph, green", kind="raster", key="8", opacity=1),
    Layer(name="blue", title="Photograph, blue", kind="raster", opacity=1),
    Layer(name="relief", title="As the model sees it", kind="raster", key="3"),
    Layer(name="initial", title="Initial", kind="drawing", key="4", colours={"initial drawing": "#cc79a7"}),
    Layer(
        name="current", title="Drawing", kind="drawing", key="5", opacity=0.85, colours={"current drawing": "#f0e442"}
    ),
    Layer(
        name="errors",
        title="Errors",
        kind="drawing",
        key="6",
        colours={"missing": "#56b4e9", "superfluous": "#d55e00"},
    ),
    Layer(name="quality", title="Quality", kind="vector", key="7"),
    Layer(
        name="redrawing",
        title="Redrawing",
        kind="drawing",
        key="9",
        opacity=1,
        colours={"would come": "#009e73", "would go": "#0072b2"},
    ),
)
TILED = ("raster", "shaded")  # kinds of layers that are tiles of a prepared channel
QUALITY = 90  # of a JPEG, in [0, 100]

THUMBNAIL = "thumbnail.jpg"
THUMBNAIL_SIDE = 320  # pixels, the longer one
GROUND = 240  # grey of what is not the object
MEAN_GREY, GREYS_A_DEVIATION = 170, 40  # on the object

_JPEG = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)
_COMMENT = b"\xff\xfe"  # the marker of a JPEG's comment
_writing = Lock()  # a process writes one thumbnail at a time: threads would share the file aside


def layers_of(view: PreparedView) -> list[Layer]:
    """Return the layers that there are of a view, in the order of ``LAYERS``; errors only against a truth."""
    tiled = tiled_layers(view)
    drawn = {layer.name for layer in LAYERS if layer.kind not in TILED} - (set() if view.has_truth else {"errors"})
    return [layer for layer in LAYERS if layer.name in {*tiled, *drawn}]


def tiled_layers(view: PreparedView) -> list[str]:
    """Return the names of the tiled layers that a view was prepared with, in the order of ``LAYERS``."""
    return [name for name in _tiled() if name in view.channels]


def require_tiled(name: str) -> str:
    """Return the name of a layer that may have tiles.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    if name not in _tiled():
        raise ValueError(f"no layer of tiles; there are: {', '.join(_tiled())}")
    return name


def media_type(layer: str) -> str:
    """Return the type of a layer's tiles, as a browser wants it."""
    return "image/png" if _is_shaded(layer) else "image/jpeg"


def source_of(view: PreparedView, layer: str) -> str:
    """Return the SHA-256 of what a layer was prepared from and how; a new drawing of the view does not change it."""
    part = view.manifest["parts"][layer]
    made_from = [view.manifest["format"], part["parameters"], [file["sha256"] for file in part["files"]]]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def scan_rows(view: PreparedView, layer: str, top: int, bottom: int) -> Stored:
    """Return rows of a layer at full size, (C, bottom - top, W).

    The file is mapped for these rows alone: a map that stays open counts as memory as far as it has been read.

    Raises
    ------
    DataError
        If the layer's file is missing, or damaged.
    """
    return np.array(view.mapped(layer, 1)[:, top:bottom])


def encode_tile(layer: str, tile: Stored) -> bytes:
    """Return a tile (C, h, w) as the browser gets it."""
    planes = [cv2.convertScaleAbs(plane, alpha=255 / FULL_SCALE) for plane in tile]
    if not _is_shaded(layer):
        return encoded(".jpg", planes[0] if len(planes) == 1 else cv2.merge(planes[::-1]), _JPEG)  # blue first
    x, y = planes
    return encoded(".png", cv2.merge([np.zeros_like(x), y, x]), GRADUAL_PNG)


def thumbnail(view: PreparedView) -> bytes:
    """Return a JPEG of the object on a light ground, its longer side ``THUMBNAIL_SIDE``: scan alone, no drawing.

    Raises
    ------
    AnnotateError
        If the view has no layer.
    DataError
        If the layer's file is missing, or damaged.
    """
    layer = pictured(view)
    height, width = view.model_shape
    scale = THUMBNAIL_SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    inside = view.mask.view(np.uint8) * np.uint8(255)
    dark, share = (
        cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for plane in (_darkness(layer, view.mapped(layer, view.scale)[0]), inside)
    )
    share /= 255
    total = max(share.sum(), 1.0)
    mean = (dark * share).sum() / total
    deviation = np.sqrt((np.square(dark - mean) * share).sum() / total)
    shown = np.clip(MEAN_GREY - GREYS_A_DEVIATION * (dark - mean) / max(deviation, 1.0), 0, 255)
    return encoded(".jpg", np.rint(GROUND + (shown - GROUND) * share).astype(np.uint8), _JPEG)


def kept_thumbnail(view: PreparedView, folder: Path) -> bytes:
    """Return the thumbnail that is kept in a view's folder of annotations; make it if it is missing or of another scan.

    Where the folder cannot be written it is made each time. Any number of threads and processes may ask.

    Raises
    ------
    AnnotateError, DataError
        As ``thumbnail``.
    """
    path, mark = folder / THUMBNAIL, _comment(view)
    with suppress(OSError):
        kept = path.read_bytes()
        if mark in kept[: len(mark) + 64] and kept.endswith(b"\xff\xd9"):
            return kept
    content = thumbnail(view)
    first = 4 + int.from_bytes(content[4:6])  # behind the start and the header, whose length stands in it
    content = content[:first] + mark + content[first:]
    with suppress(OSError), _writing:
        write_whole(path, lambda file: file.write(content))
    return content


def _darkness(layer: str, plane: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return the darkness of pixels (H, W); a thumbnail shows its averages.

    Of depth and of grey photographs it is the square of how far they are below middle grey: engraved lines stay visible
    when they are shrunk to less than a pixel, where the values themselves would average lines and grain.
    """
    values = np.arange(256) / 255
    curve = np.square(np.maximum(1 - 2 * values, 0)) if layer in ("depth", "grey") else 1 - values
    grey = cv2.convertScaleAbs(plane, alpha=255 / FULL_SCALE)
    return np.asarray(cv2.LUT(grey, np.rint(FULL_SCALE * curve).astype(np.uint16)), np.uint16)


def _comment(view: PreparedView) -> bytes:
    """Return a JPEG's comment that says of which scan and how a thumbnail was made."""
    key = [source_of(view, pictured(view)), THUMBNAIL_SIDE, GROUND, MEAN_GREY, GREYS_A_DEVIATION, QUALITY]
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest().encode()
    return _COMMENT + (len(digest) + 2).to_bytes(2) + digest


def _tiled() -> list[str]:
    return [layer.name for layer in LAYERS if layer.kind in TILED]


def _is_shaded(name: str) -> bool:
    return any(layer.name == name and layer.kind == "shaded" for layer in LAYERS)


def pictured(view: PreparedView) -> str:
    """Choose the layer of a thumbnail, raster before shaded; of normals x shows, as if light came from the side."""
    prepared = sorted(tiled_layers(view), key=_is_shaded)
    if not prepared:
        known = ", ".join(_tiled())
        raise AnnotateError(
            f"{view.name}: prepared without any of {known}; run `python -m data.setup` with one of them"
        )
    return prepared[0]
