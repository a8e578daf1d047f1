"""The one way to read a picture, and the one way to read a mask, whatever format the file has.

All that reads or writes pictures of a user goes through here: ``data.io`` decodes, ``data.marking`` holds the rule for
masks. Maps of scans are read by ``data.io.tiffs``, which finds page, orientation and resolution as is done here.

Colours are RGB, a picture is upright (orientations of EXIF and of TIFFs are applied), and opacity is kept beside the
colours, so that transparent parts show the colour that is stored under them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.io.orientation import turned_shape, upright
from data.io.png import write_drawing, write_drawing_bands, write_png
from data.io.rasters import SUFFIXES, stored
from data.marking import MAX_LINE_SHARE, Marks, Of, is_around_a_hole, marks
from data.scaling import CAMERA_BITS, bits_in_use, is_missing, scaled

__all__ = [
    "SUFFIXES",
    "Picture",
    "PictureHeader",
    "ScaledPhotograph",
    "mask_findings",
    "read_drawing",
    "read_grey",
    "read_marks",
    "read_mask",
    "read_photograph",
    "read_picture",
    "read_picture_header",
    "read_rgb",
    "require_lines",
    "require_object",
    "write_drawing",
    "write_drawing_bands",
    "write_png",
]


@dataclass(frozen=True)
class PictureHeader:
    """What is known of a picture before its pixels are decoded.

    Parameters
    ----------
    shape : rows and columns, once it is upright
    encoding : ``8 bit RGBA``
    orientation : that was applied, 1 (none) to 8
    pixels_per_mm : None where the file doesn't say it, or says what no scan can have
    resolution_source : where the file says it: ``PNG pHYs``, ``JFIF density``, ``EXIF XResolution``
    """

    shape: tuple[int, int]
    encoding: str
    orientation: int
    pixels_per_mm: float | None
    resolution_source: str | None


@dataclass(frozen=True)
class Picture:
    """A picture as its file stores it, upright.

    Parameters
    ----------
    path : of the file
    values : (H, W) grey, or (H, W, C) with C of 2 (grey, alpha), 3 (RGB) or 4 (RGBA), palettes looked up; less than 8
        bits are spread over 8
    bits : of a value in the file
    layout : ``grey``, ``grey + alpha``, ``palette``, ``RGB`` or ``RGBA``
    orientation : that was applied, 1 (none) to 8
    lossy : whether the compression left noise around edges
    no_value : what the file declares to stand for "no value"
    pixels_per_mm, resolution_source : see ``PictureHeader``
    notes : sentences that a user should read
    """

    path: Path
    values: NDArray[Any]
    bits: int
    layout: str
    orientation: int
    lossy: bool
    no_value: float | None
    pixels_per_mm: float | None
    resolution_source: str | None
    notes: tuple[str, ...]

    @property
    def effective_bits(self) -> int:
        """The bits that colours use, see ``data.scaling.bits_in_use``."""
        has_alpha = self.values.ndim == 3 and self.values.shape[2] != 3
        return bits_in_use(self.values[..., :-1] if has_alpha else self.values, self.bits)


@dataclass(frozen=True)
class ScaledPhotograph:
    """A photograph for networks, (C, H, W) float32 in [0, 1], with what a user should know of it."""

    planes: NDArray[np.float32]
    notes: tuple[str, ...]


def read_picture(path: Path, *, as_grey: bool = False) -> Picture:
    """Read a picture: png, jpg, tif, bmp, gif or webp; of an animation the first frame, of several pages the largest.

    Parameters
    ----------
    path : of the file; its content says the format, whatever its name says
    as_grey : decode it to grey, (H, W), as the format's own library does, and leave opacity out

    Raises
    ------
    DataError
        If it cannot be read, is damaged, or is neither grey, palette nor RGB.
    """
    file = stored(path)
    return Picture(
        path,
        np.ascontiguousarray(upright(file.values(as_grey), file.orientation)),
        file.bits,
        "grey" if as_grey else file.layout,
        file.orientation,
        file.lossy,
        file.no_value,
        None if file.resolution is None else file.resolution.pixels_per_mm,
        None if file.resolution is None else file.resolution.source,
        file.notes,
    )


def read_picture_header(path: Path) -> PictureHeader:
    """Return what a picture's header says, without decoding its pixels; raises DataError as ``read_picture`` does."""
    file = stored(path)
    found = file.resolution
    return PictureHeader(
        turned_shape(file.shape, file.orientation),
        file.encoding,
        file.orientation,
        None if found is None else found.pixels_per_mm,
        None if found is None else found.source,
    )


def read_marks(path: Path, of: Of) -> Marks:
    """Read a mask by the rule of ``data.marking``, with what a user should know of how it was read.

    Parameters
    ----------
    path : of a drawing or a mask
    of : ``lines`` for drawings and masks of lines, ``object`` for masks of objects

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    picture = read_picture(path)
    values = picture.values
    if values.dtype.kind in "fi":  # in unsigned ones a tag may well name the ground or the line
        values = np.where(is_missing(values, picture.no_value), 0, values)
    return marks(values, _white(picture, values), of, lossy=picture.lossy)


def read_drawing(path: Path) -> NDArray[np.bool_]:
    """Read a drawing, or a mask of lines, as (H, W) bool, True on the line; raises as ``read_marks`` does."""
    return read_marks(path, "lines").mask


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Read an object mask as (H, W) bool, True on the object; see ``data.marking`` for the rule.

    Raises
    ------
    DataError
        If the file cannot be read, or holds no object.
    """
    mask = read_marks(path, "object").mask
    require_object(path, mask)
    return mask


def mask_findings(path: Path, found: Marks, of: Of) -> list[str]:
    """Return sentences on a mask that marks nothing, all, or for lines the greater part; and how it was read."""
    pixels, size = int(np.count_nonzero(found.mask)), found.mask.size
    notes = [f"{path}: {note}" for note in found.notes]
    what, why = ("line", "lines") if of == "lines" else ("object", "the object")
    if pixels == 0:
        because = f"all of it is {found.throughout}" if found.throughout else "nothing differs from the ground"
        return [*notes, f"{path}: 0 of {size} pixels are {what}, since {because}; right only if the image shows none"]
    if pixels == size or (of == "lines" and pixels > MAX_LINE_SHARE * size):
        because = f"all of it is {found.throughout}" if found.throughout else f"its {found.by} says so"
        return [
            *notes,
            f"{path}: {pixels} of {size} pixels ({pixels / size:.0%}) are {what}, since {because}; "
            f"make the ground transparent or black, and {why} white",
        ]
    if of == "object" and is_around_a_hole(found.mask):
        notes.append(
            f"{path}: {pixels} of {size} pixels are object, all of the border; if the object is black, invert it"
        )
    return notes


def require_object(path: Path, mask: NDArray[np.bool_]) -> None:
    """Raise DataError if a mask, (H, W) bool, holds no object."""
    if not mask.any():
        raise DataError(f"{path}: all black, so there is no object; paint the object white, or remove the file")


def require_lines(path: Path, drawing: NDArray[np.bool_]) -> None:
    """Raise DataError if a drawing, (H, W) bool, is empty, or line for the greater part."""
    pixels, size = int(np.count_nonzero(drawing)), drawing.size
    if pixels == 0:
        raise DataError(
            f"{path}: no line in it, 0 of {size} pixels (lines are opaque or unlike the ground); remove or redraw it"
        )
    if pixels > MAX_LINE_SHARE * size:
        raise DataError(
            f"{path}: {pixels / size:.0%} of it is line, {pixels} of {size} pixels; make the ground transparent, or in "
            "a grey file black under white lines"
        )


def read_grey(path: Path) -> NDArray[np.float32]:
    """Read a photograph as (H, W) float32 in [0, 1]."""
    return read_photograph(path, 1).planes[0]


def read_rgb(path: Path) -> NDArray[np.float32]:
    """Read a photograph as (3, H, W) float32 in [0, 1]: red, green, blue; the three are alike where it is grey."""
    return read_photograph(path, 3).planes


def read_photograph(path: Path, planes: Literal[1, 3]) -> ScaledPhotograph:
    """Read a photograph in grey or in red, green and blue.

    Unsigned values are shares of the largest that their bits can hold; where 16 bits hold values of 12 or fewer (the
    fewest of 8, 10, 12, 14 and 16 that hold the largest value), of what these can hold. Other numbers are kept if they
    are floating-point and in [0, 1]; where none is negative they are shares of what those bits can hold, too;
    otherwise their quantiles .001 and .999 become 0 and 1. Pixels without a value get the mean of the others. Opacity
    is left out.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    picture = read_picture(path, as_grey=planes == 1)
    values = picture.values
    if planes == 3:
        values = values[..., None] if values.ndim == 2 else values
        values = values[..., :3] if values.shape[2] >= 3 else values[..., :1].repeat(3, axis=2)
    try:
        shares, notes = scaled(values, picture.bits, picture.no_value)
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    said = (*picture.notes, *(f"{path}: {note}" for note in notes))
    return ScaledPhotograph(shares[None] if planes == 1 else np.moveaxis(shares, 2, 0), said)


def _white(picture: Picture, values: NDArray[Any]) -> float:
    """Return the value of white in a mask."""
    if values.dtype.kind == "u" and picture.bits <= max(CAMERA_BITS):
        return float(2 ** max(picture.bits, 8) - 1)
    largest = float(values.max())
    return next((white for white in (1.0, 255.0) if largest <= white), largest)
