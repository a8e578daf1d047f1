"""The resolution of a scan: what was given, or what its files say, and when that is to be doubted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path

from data.io.tiffs import MM_PER_INCH, MapHeader

EDITOR_DPI = (72.0, 96.0, 150.0, 300.0)  # what image editors write where they know of no resolution
COARSE_DPI = 200.0  # below, an engraved line of 0.3 mm is not two pixels wide: no scan of mirrors is so coarse
LARGEST_MM = 400.0  # no hand mirror is longer
AGREE = 0.005  # resolutions that differ by less are the same, rounded


@dataclass(frozen=True)
class Resolution:
    """The resolution of a scan.

    Parameters
    ----------
    pixels_per_mm : None if nobody says it
    source : who says it
    remarks : doubts, each a sentence
    """

    pixels_per_mm: float | None
    source: str
    remarks: tuple[str, ...] = ()


def resolution_of(
    headers: Mapping[Path, MapHeader], given_dpi: float | None, before: float | None = None, *, earlier: bool = False
) -> Resolution:
    """Return a scan's resolution: as given, or else as its first map says, or else as it was prepared before.

    Parameters
    ----------
    headers : of its maps; the first one stands for the scan
    given_dpi : by ``--dpi``; None: not given
    before : pixels a millimetre that an earlier preparation took
    earlier : whether ``given_dpi`` was given to an earlier preparation, which holds until another one is given
    """
    (path, header), *others = headers.items()
    found = header.pixels_per_mm
    if given_dpi is not None:
        given = given_dpi / MM_PER_INCH
        if found is None:
            return Resolution(given, "--dpi")
        if isclose(found, given, rel_tol=AGREE):
            return Resolution(found, "--dpi and file")
        when = ", as given before," if earlier else ""
        remark = f"{path.name} says {_dpi(found)}; --dpi {given_dpi:g}{when} is used instead"
        return Resolution(given, "--dpi", (remark,))
    if found is None:
        return Resolution(before, "an earlier preparation" if before else "nobody")
    differing = [
        f"{other.name} says {_dpi(its.pixels_per_mm)}, but {path.name}, which is used, {_dpi(found)}; "
        "if that is wrong, give --dpi"
        for other, its in others
        if its.pixels_per_mm is not None and not isclose(its.pixels_per_mm, found, rel_tol=AGREE)
    ]
    source = header.resolution_source or "file"
    return Resolution(found, source, (*_doubts(path, header, found), *differing))


def _doubts(path: Path, header: MapHeader, found: float) -> tuple[str, ...]:
    dots, longest_mm = found * MM_PER_INCH, max(header.shape) / found
    if not any(isclose(dots, usual, abs_tol=0.5) for usual in EDITOR_DPI):
        return ()
    if dots >= COARSE_DPI and longest_mm <= LARGEST_MM:
        return ()
    return (
        f"{path.name} says {_dpi(found)}, which image editors write by default, so the picture would be "
        f"{longest_mm:.0f} mm long; if that is wrong, give the true resolution with --dpi",
    )


def _dpi(pixels_per_mm: float | None) -> str:
    return f"{(pixels_per_mm or 0) * MM_PER_INCH:.4g} dots an inch"
