"""Pixel sizes: what a file states, in whichever unit, and which of it a scan can have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree import ElementTree

import tifffile

from data.errors import DataError

MM_PER_INCH = 25.4
PLAUSIBLE_PIXELS_PER_MM = (1.0, 1e4)  # coarser, no engraved line could be seen, and no camera is finer

RESOLUTION_UNIT_MM = {2: MM_PER_INCH, 3: 10.0}  # the tag ResolutionUnit of TIFF and EXIF: 2 inch, 3 centimetre
_UNITS_MM = {
    **dict.fromkeys(("nm", "nanometer"), 1e-6),
    **dict.fromkeys(("µm", "μm", "um", "micron", "microns", "micrometer", r"\u00b5m"), 1e-3),  # both letters for mu
    **dict.fromkeys(("mm", "millimeter", "millimeters"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters"), 10.0),
    **dict.fromkeys(("m", "meter", "meters"), 1e3),
    **dict.fromkeys(("in", "inch", "inches", '"'), MM_PER_INCH),
}


@dataclass(frozen=True)
class Resolution:
    """The resolution that a file states, and where it states it."""

    pixels_per_mm: float
    source: str


def resolution(across: float, down: float, source: str) -> Resolution | None:
    """Return pixels a millimetre across and down as a resolution; None if they are no scan's, or 1 % apart."""
    low, high = PLAUSIBLE_PIXELS_PER_MM
    if not low <= across <= high or not math.isclose(across, down, rel_tol=0.01):  # nan is not, either
        return None
    return Resolution(float(across), source)


def require_resolution(dpi: float | None) -> None:
    """Raise DataError unless dots an inch, if given, are a scan's."""
    low, high = (bound * MM_PER_INCH for bound in PLAUSIBLE_PIXELS_PER_MM)
    if dpi is not None and not low <= dpi <= high:  # nan is not, either
        raise DataError(f"--dpi {dpi:g}: a scan has {low:.0f} to {high:.0f} dots an inch")


def tiff_resolution(file: tifffile.TiffFile, page: tifffile.TiffPage) -> Resolution | None:
    """Return the resolution of a TIFF's page: OME's, else ImageJ's, else that of the tags XResolution and YResolution.

    OME states it for its first picture, and ImageJ for all of a file; a picture in several sizes has none of theirs
    unless ``page`` is the largest.
    """
    if file.is_ome:
        found = _ome_resolution(file.ome_metadata)
        if found is not None:
            return found
    if file.is_imagej:
        unit_mm = _UNITS_MM.get(str((file.imagej_metadata or {}).get("unit", "")).strip().lower())
        return None if unit_mm is None else _tagged(page.tags, unit_mm, "ImageJ")
    unit = page.tags["ResolutionUnit"].value if "ResolutionUnit" in page.tags else 2
    return _tagged(page.tags, RESOLUTION_UNIT_MM.get(unit), "TIFF tag XResolution")


def _tagged(tags: tifffile.TiffTags, unit_mm: float | None, source: str) -> Resolution | None:
    if "XResolution" not in tags or unit_mm is None:
        return None
    (across, across_unit) = tags["XResolution"].value
    (down, down_unit) = tags["YResolution"].value if "YResolution" in tags else (across, across_unit)
    if not across_unit or not down_unit:
        return None
    return resolution(across / across_unit / unit_mm, down / down_unit / unit_mm, source)


def _ome_resolution(xml: str | None) -> Resolution | None:
    """Return the pixel size of the first picture of an OME-XML; its unit is the micrometre where none is named."""
    try:
        pixels = ElementTree.fromstring(xml or "").find(".//{*}Pixels")
    except ElementTree.ParseError:
        return None
    if pixels is None or "PhysicalSizeX" not in pixels.attrib:
        return None
    (across, down) = (
        float(pixels.get(f"PhysicalSize{axis}", pixels.attrib["PhysicalSizeX"]))
        * _UNITS_MM.get(pixels.get(f"PhysicalSize{axis}Unit", "µm").strip().lower(), math.nan)
        for axis in "XY"
    )
    return resolution(1 / across, 1 / down, "OME PhysicalSizeX") if across > 0 and down > 0 else None
