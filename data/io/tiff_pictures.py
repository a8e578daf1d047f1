"""Photographs and masks in TIFF files; maps of scans are read by ``data.io.tiffs``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from data.errors import DataError
from data.io.stored import Stored, luminance
from data.io.tiff_file import TiffPicture, opened

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6  # the tag PhotometricInterpretation
_COLOURED = (_RGB, _YCBCR)  # tifffile decodes the latter, which JPEG has, to RGB
_LOSSY = (6, 7)  # the tag Compression: JPEG


def tiff(path: Path) -> Stored:
    """Return the picture of a TIFF; raise DataError if its header shows a fault, or it is no grey, palette or RGB."""
    with opened(path) as picture:
        page, planes = picture.page, picture.planes
        if planes != page.samplesperpixel:
            pages = planes // page.samplesperpixel
            raise DataError(f"{path}: {pages} pictures of the same size; export the one that is meant alone")
        colours = planes - len(page.extrasamples)
        if (
            page.photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE, *_COLOURED)
            or picture.series.dtype.kind not in "buif"
            or (colours, planes) not in ((1, 1), (1, 2), (3, 3), (3, 4))
        ):
            kind = getattr(page.photometric, "name", page.photometric)
            raise DataError(
                f"{path}: {planes} plane(s) of {picture.series.dtype} of the kind {kind}; save it as plain grey or RGB"
            )
        layout = {(1, 1): "grey", (1, 2): "grey + alpha", (3, 3): "RGB", (3, 4): "RGBA"}[colours, planes]
        return Stored(
            shape=picture.stored_shape,
            bits=page.bitspersample,
            layout="palette" if page.photometric == _PALETTE else layout,
            values=lambda grey: _values(path, grey),
            orientation=picture.orientation,
            resolution=picture.resolution,
            lossy=page.compression in _LOSSY,
            no_value=picture.no_value,
            notes=picture.notes if picture.mask is None else (*picture.notes, _mask_left_aside(path)),
        )


def _mask_left_aside(path: Path) -> str:
    return f"{path}: the mask in the file is left aside, as opacity is; the colours under it are read"


def _values(path: Path, grey: bool) -> NDArray[Any]:
    with opened(path) as picture:
        values = np.moveaxis(picture.values(), 0, -1)
        values = values[..., 0] if values.shape[2] == 1 else values
        by_palette = picture.page.photometric == _PALETTE
        values = _looked_up(values, picture.page) if by_palette else _spread(values, picture)
    return luminance(values) if grey else np.ascontiguousarray(values)


def _spread(values: NDArray[Any], picture: TiffPicture) -> NDArray[Any]:
    """Spread values of less than 8 bits over 8; turn those whose zero is white so that white is bright."""
    bits = picture.page.bitspersample
    if bits < 8:
        values = (values.astype(np.uint16) * 255 // (2**bits - 1)).astype(np.uint8)
    if picture.page.photometric == _WHITE_IS_ZERO and values.dtype.kind == "u":
        values = (2 ** max(bits, 8) - 1) - values
    return values


def _looked_up(values: NDArray[Any], page: tifffile.TiffPage) -> NDArray[np.uint8]:
    """Return a palette's colours, (H, W, 3); some writers store them in 8 bits instead of 16."""
    colours = np.asarray(page.colormap).T
    in_eight_bits = (colours if colours.max() < 256 else colours >> 8).astype(np.uint8)
    return np.asarray(np.take(in_eight_bits, values, axis=0))
