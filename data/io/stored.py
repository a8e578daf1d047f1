"""A picture file whose pixels are not decoded yet: what all formats have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.io.orientation import UPRIGHT
from data.io.resolution import Resolution
from data.io.tiff_file import MAX_EXPANSION, MAX_PIXELS, SMALL_BYTES

LUMINANCE = (4899, 9617, 1868)  # of red, green and blue, in 2**14ths: 0.299, 0.587, 0.114 (ITU-R BT.601)


@dataclass(frozen=True)
class Stored:
    """A picture as its file stores it.

    Parameters
    ----------
    shape : rows and columns, not yet upright
    bits : of a value
    layout : ``grey``, ``grey + alpha``, ``palette``, ``RGB`` or ``RGBA``
    values : decodes the pixels, not yet upright: (H, W) grey, or (H, W, C) with C of 2 (grey, alpha), 3 (RGB) or
        4 (RGBA), palettes looked up, values of less than 8 bits spread over 8; told ``True`` it gives grey without an
        alpha channel, (H, W)
    orientation : as EXIF or the TIFF tag 274 state it
    resolution : that the file states
    lossy : whether the compression leaves noise around edges
    no_value : what the file declares to stand for "no value"
    notes : sentences that a user should read
    """

    shape: tuple[int, int]
    bits: int
    layout: str
    values: Callable[[bool], NDArray[Any]]
    orientation: int = UPRIGHT
    resolution: Resolution | None = None
    lossy: bool = False
    no_value: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def encoding(self) -> str:
        """Bits and layout in words: ``8 bit RGBA``."""
        return f"{self.bits} bit {self.layout}"


def luminance(values: NDArray[Any]) -> NDArray[Any]:
    """Return the grey of (H, W[, C]), of the same type; an alpha channel is left out."""
    if values.ndim == 2 or values.shape[2] < 3:
        return values if values.ndim == 2 else values[..., 0]
    red, green, blue = (values[..., plane] for plane in range(3))
    if values.dtype.kind == "f":
        return np.asarray((LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue) / 2**14, values.dtype)
    total = sum(
        np.multiply(plane, weight, dtype=np.int64) for plane, weight in zip((red, green, blue), LUMINANCE, strict=True)
    )
    return np.asarray((total + 2**13) >> 14, values.dtype)


def require_room(
    path: Path, shape: tuple[int, int], bytes_a_pixel: int, size: int, expansion: int = MAX_EXPANSION
) -> None:
    """Raise DataError if a header promises more pixels than a file of ``size`` bytes can hold."""
    height, width = shape
    pixels = height * width
    if not 0 < pixels <= MAX_PIXELS or pixels * bytes_a_pixel > max(SMALL_BYTES, expansion * size):
        raise DataError(
            f"{path}: {size} bytes cannot hold {height} x {width} pixels; the file is damaged, copy or export it again"
        )
