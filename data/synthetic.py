"""Made-up Etruscan mirrors in the dataset's own layout: ``python -m data.synthetic DIR --mirrors N``.

The museum's scans are not public, so these stand in for them: to try the programs, to test, to train a first model.
`data.synthetic_motifs` makes curves, `data.synthetic_engraving` lays them out and cuts them (`data.synthetic_grooves`),
`data.synthetic_surface` is the bronze; here they are put together and written. Lengths are scan pixels, 40 to the
millimetre; depths are millimetres. Layout and encodings are those that the reference's code reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from data.errors import DataError
from user_config import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator

    from data.synthetic_grooves import Map, Mask

DPI = 1016  # 40 pixels a millimetre
LEAST_SIDE_PX = 256  # below, hardly a motif finds room beside the border
CRUST_SHARE = (0.08, 0.35)  # of the object under corrosion, thin or thick
HEAVY_CRUST = 0.75  # cover from which an annotator no longer sees, nor draws, a line
TABLE_BELOW_MM = (0.1, 0.4)  # a small step: a scan's depth is integrated from normals, which flattens steps
SENSOR_NOISE_MM = 0.003  # of the depth, over a pixel
ROWS_AT_ONCE = 256  # when whole maps are encoded, so that no second one is held


@dataclass(frozen=True)
class Mirror:
    """One view of a made-up mirror, at scan pixels.

    Attributes
    ----------
    depth : (H, W) float32, height towards the camera in millimetres; NaN off the object on some mirrors
    normals : (H, W, 3) float32 unit vectors: x along columns, y along rows, z to the camera
    albedo : (H, W) float32 in [0, 1]
    drawing : (H, W) bool, the annotator's lines
    mask : (H, W) bool, the object
    """

    depth: Map
    normals: Map
    albedo: Map
    drawing: Mask
    mask: Mask


def make_mirror(height: int, width: int, rng: Generator) -> Mirror:
    """Make one mirror of ``height`` x ``width`` scan pixels, each at least 256.

    Outline, engraving, surface and sensor draw from generators spawned from ``rng``, so that a change to one leaves the
    others as they were.

    Raises
    ------
    ValueError
        If the scan is too small to hold an engraving.
    """
    import numpy as np

    from data import synthetic_surface as surface
    from data.synthetic_engraving import engrave

    if min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"a scan of {height} x {width} pixels is too small: each side needs {LEAST_SIDE_PX} or more")
    shape_rng, line_rng, bronze_rng, sensor_rng = rng.spawn(4)
    outline = surface.draw_outline(height, width, shape_rng)
    inside_px = outline.inside_px(np.arange(height)[:, None], np.arange(width)[None, :])
    mask = inside_px > 0
    groove, drawing = engrave(outline, mask, line_rng)
    cover = surface.crust_cover(mask, bronze_rng, share=bronze_rng.uniform(*CRUST_SHARE))
    drawing = surface.legible(drawing, cover, HEAVY_CRUST)

    depth = surface.bronze_relief(height, width, outline, inside_px, bronze_rng)
    del inside_px  # a large scan's maps are a quarter of a gigabyte each
    marks = surface.scratches(mask, bronze_rng) + surface.pits(mask, bronze_rng)
    np.maximum(groove, surface.cut_marks(marks, mask), out=groove)
    depth -= groove * (1.0 - cover)
    depth += cover * surface.crust_texture(height, width, bronze_rng)
    depth += mask * surface.bronze_ground(height, width, bronze_rng)
    depth[~mask] -= shape_rng.uniform(*TABLE_BELOW_MM)
    depth += np.float32(SENSOR_NOISE_MM) * surface.grain(height, width, 1.0, sensor_rng)

    normals = surface.normals_of(depth, sensor_rng)
    albedo = surface.albedo_of(mask, cover, groove, sensor_rng)
    if shape_rng.random() < 0.5:  # scans come with and without a table, so both are made
        depth[~mask] = np.nan
    return Mirror(depth, normals, albedo, drawing, mask)


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
    from data.images import write_drawing, write_png

    files = view_files(root, obj)
    if not overwrite:
        refuse_existing(root, [obj])
    _write_tiff(files["normals"], _encoded(mirror.normals), photometric="rgb")
    _write_tiff(files["albedo"], mirror.albedo, photometric="minisblack")
    write_drawing(files["drawing"], mirror.drawing)
    write_png(files["mask"], mirror.mask[..., None].repeat(3, axis=2).astype("uint8") * 255)
    _write_tiff(files["depth"], mirror.depth, photometric="minisblack")  # last: a view is found by its depth


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
    report: Callable[[str], None] | None = None,
) -> list[str]:
    """Make and write ``count`` mirrors of ``height`` x ``width`` scan pixels; the names of the objects.

    Mirror k depends on ``seed`` and k alone. ``report`` takes a line of text for each mirror. Nothing is written where
    any of the objects exists, unless ``overwrite``.

    Raises
    ------
    DataError
        If an object is there already and ``overwrite`` is False.
    ValueError
        If the scan is too small, or ``count`` is below 1.
    """
    import numpy as np

    if count < 1:
        raise ValueError(f"{count} mirrors were asked for: 1 or more can be made")
    objects = [object_name(k) for k in range(1, count + 1)]
    if not overwrite:
        refuse_existing(root, objects)
    for k, obj in enumerate(objects, start=1):
        started = time.perf_counter()
        mirror = make_mirror(height, width, np.random.default_rng([seed, k]))
        write_mirror(mirror, root, obj, overwrite)
        if report is not None:
            share = np.count_nonzero(mirror.drawing) / np.count_nonzero(mirror.mask)
            report(f"{obj}  {height} x {width}  lines {share:.1%}  {time.perf_counter() - started:.1f} s")
    return objects


def _encoded(normals: Map) -> np.ndarray:
    """Unit normals ``(H, W, 3)`` as uint16, (n + 1) / 2 scaled to 65535."""
    import numpy as np

    encoded = np.empty(normals.shape, dtype=np.uint16)
    for row in range(0, len(normals), ROWS_AT_ONCE):
        rows = slice(row, row + ROWS_AT_ONCE)
        encoded[rows] = np.rint((normals[rows] + 1.0) * 32767.5)
    return encoded


def _write_tiff(path: Path, image: np.ndarray, photometric: str) -> None:
    """Write a TIFF with its resolution, whole or not at all; without date or other changing tags."""
    import tifffile

    from data.storage import write_whole

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


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--mirrors", default=4, show_default=True, type=click.IntRange(min=1), help="How many to make.")
@click.option("--height", default=1024, show_default=True, type=click.IntRange(min=LEAST_SIDE_PX), help="Scan rows.")
@click.option("--width", default=1024, show_default=True, type=click.IntRange(min=LEAST_SIDE_PX), help="Scan columns.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Fixes every random choice.")
@click.option("--overwrite", is_flag=True, help="Replace objects that exist.")
def main(folder: Path, mirrors: int, height: int, width: int, seed: int, overwrite: bool) -> None:
    """Write made-up mirrors below DIR, in the dataset's own layout (40 scan pixels a millimetre)."""
    try:
        write_mirrors(folder, mirrors, height, width, seed, overwrite, report=click.echo)
    except DataError as error:
        raise click.ClickException(f"{error} with --overwrite") from error


if __name__ == "__main__":
    main()
