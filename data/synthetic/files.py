"""Made-up mirrors on disk, in the dataset's own layout; each file is written aside and renamed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import tifffile
from numpy.random import Generator

from data.errors import DataError
from data.io.files import write_whole
from data.io.png import write_drawing, write_png
from data.progress import ProgressBar
from data.synthetic.difficulty import MIXED, difficulty
from data.synthetic.lines import Hands
from data.synthetic.maps import ROWS_AT_ONCE, Map
from data.synthetic.mirror import Mirror, make_mirror
from data.synthetic.styles import ENGRAVED, STYLES, Style
from user_config import settings

DPI = 1016  # 40 pixels a millimetre
LEVEL_STREAM = 1  # keeps the draw of a mirror's difficulty apart from those of the mirror itself
WIDTH_STREAM = 2  # and the draw of its widths
USUAL, VARIED = TRUTH_WIDTHS = ("usual", "varied")
GROOVE_WIDTHS, DRAWN_WIDTHS = (0.6, 1.1), (0.55, 1.0)  # of varied ones: in usual grooves, and in the mirror's own


def object_name(number: int) -> str:
    """The object's name, from ``SYN-0001`` on."""
    return f"SYN-{number:04d}"


def view_files(root: Path, obj: str) -> dict[str, Path]:
    """Where the back of ``obj`` lies under ``root``: paths of normals, albedo, depth, drawing and mask."""
    names = settings()
    view = f"{obj}_R"
    return {
        "normals": root / obj / "PS" / f"{view}_N.tif",
        "albedo": root / obj / "PS" / f"{view}_RHO.tif",
        "depth": root / obj / "PS" / f"{view}_U.tif",
        "drawing": root / names.gt_rel / f"{view}_drawings.png",
        "mask": root / names.masks_rel / f"{view}_mask.png",
    }


def write_mirror(mirror: Mirror, root: Path, obj: str, overwrite: bool = False) -> None:
    """Write one mirror as object ``obj`` under ``root``, each file aside first and then renamed.

    Raises
    ------
    DataError
        If a file of the object is there already and ``overwrite`` is False.
    """
    files = view_files(root, obj)
    if not overwrite:
        refuse_existing(root, [obj])
    write_tiff(files["normals"], _encoded(mirror.normals), photometric="rgb")
    write_tiff(files["albedo"], mirror.albedo, photometric="minisblack")
    write_drawing(files["drawing"], mirror.drawing)
    write_png(files["mask"], mirror.mask[..., None].repeat(3, axis=2).astype("uint8") * 255)
    write_tiff(files["depth"], mirror.depth, photometric="minisblack")  # last: a view is found by its depth


def refuse_existing(root: Path, objects: list[str]) -> None:
    """Raise DataError, naming the first of ``objects`` that has a folder or a file under ``root``."""
    for obj in objects:
        for path in (root / obj, *view_files(root, obj).values()):
            if path.exists():
                raise DataError(f"{path} exists; remove it, choose another folder, or overwrite it")


def write_mirrors(
    root: Path,
    count: int,
    height: int,
    width: int,
    seed: int,
    overwrite: bool = False,
    report: Callable[[str], None] = lambda line: None,
    level: str = MIXED,
    first: int = 1,
    truth_widths: str = USUAL,
    style: str = ENGRAVED,
) -> list[str]:
    """Make and write ``count`` mirrors of ``height`` x ``width`` scan pixels; the names of the objects.

    Mirror k depends on ``seed``, k and its difficulty alone: ``level`` is a name of ``difficulty.SCALE``, or "mixed",
    and then seed and k draw one. k counts from ``first``, so that a set can grow. ``report`` takes a line of text for
    each mirror. Nothing is written where any of the objects exists, unless ``overwrite``. ``truth_widths`` is a name of
    ``TRUTH_WIDTHS``: with "varied" each mirror has grooves of its own width, and an annotator who draws them more or
    less thin. ``style`` is a name in ``STYLES``.

    Raises
    ------
    DataError
        If an object is there already and ``overwrite`` is False.
    ValueError
        If the scan is too small, ``count`` is below 1, or no difficulty is called ``level``.
    """
    if count < 1:
        raise ValueError(f"{count} mirrors were asked for: 1 or more can be made")
    objects = [object_name(k) for k in range(first, first + count)]
    if not overwrite:
        refuse_existing(root, objects)
    with ProgressBar(objects, report, unit="mirrors") as progress:
        for k, obj in enumerate(objects, start=first):
            started = time.perf_counter()
            drawn = difficulty(level, np.random.default_rng([seed, k, LEVEL_STREAM]))
            workshop = STYLES[style]
            if truth_widths == VARIED:
                workshop = with_varied_widths(workshop, np.random.default_rng([seed, k, WIDTH_STREAM]))
            mirror = make_mirror(height, width, np.random.default_rng([seed, k]), drawn, workshop)
            write_mirror(mirror, root, obj, overwrite)
            progress.echo(
                f"{obj}  {height} x {width}  {drawn.name:8}  lines {mirror.line_share:.1%}  "
                f"crust {mirror.crust_share:.0%}  lost {mirror.lost_share:.0%}  {time.perf_counter() - started:.1f} s"
            )
            progress.end(obj)
    return objects


def with_varied_widths(style: Style, rng: Generator) -> Style:
    """A workshop with a graver of another width, and an annotator with a pen of another width, as people's differ."""
    engraver, annotator = style.hands.engraver, style.hands.annotator
    engraver = replace(engraver, width=engraver.width * rng.uniform(*GROOVE_WIDTHS))
    annotator = replace(annotator, width=annotator.width * rng.uniform(*DRAWN_WIDTHS))
    return replace(style, hands=Hands(engraver, annotator))


def _encoded(normals: Map) -> np.ndarray:
    """Unit normals ``(H, W, 3)`` as uint16, (n + 1) / 2 scaled to 65535."""
    encoded = np.empty(normals.shape, dtype=np.uint16)
    for row in range(0, len(normals), ROWS_AT_ONCE):
        rows = slice(row, row + ROWS_AT_ONCE)
        encoded[rows] = np.rint((normals[rows] + 1.0) * 32767.5)
    return encoded


def write_tiff(path: Path, image: np.ndarray, photometric: str) -> None:
    """Write a TIFF with its resolution, whole or not at all; without date or other changing tags."""

    def write(file: IO[bytes]) -> None:
        tifffile.imwrite(
            file,
            image,
            photometric=photometric,
            resolution=(DPI, DPI),
            resolutionunit="INCH",
            compression="zlib",
            compressionargs={"level": 1},
            rowsperstrip=64,
            metadata=None,
        )

    write_whole(path, write)
