"""``python -m bench.as_mirrors LINES MIRRORS``: photographs of lines in the mirrors' layout.

So models that have learned on mirrors alone can be tried on them: the grey image takes the depth's place, enlarged
until its lines are as wide as a mirror's. ``python -m data.setup`` prepares what is written as it does any scan.
"""

from __future__ import annotations

from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from data.options import UserPath


@click.command(context_settings={"show_default": True})
@click.argument("lines", type=UserPath(exists=True, file_okay=False))
@click.argument("mirrors", type=UserPath(file_okay=False))
@click.option("--last", type=click.IntRange(min=1), show_default="all", help="The last N images by name.")
@click.option("--overwrite", is_flag=True, help="Replace objects that exist.")
def main(lines: Path, mirrors: Path, last: int | None, overwrite: bool) -> None:
    """Write the images below LINES that have a mask (images/, masks/) as mirrors below MIRRORS."""
    from data.images import read_drawing, read_grey
    from data.kinds import RawData
    from data.kinds.lines import line_sources
    from data.line_statistics import MIRROR_LINES, line_radii
    from data.synthetic.files import refuse_existing
    from runs.commands import one_message
    from runs.errors import RunError

    with one_message():
        sources = line_sources(RawData(lines, lines, lines, channels=()))[-(last or 0) :]
        drawn = {f"LINES-{one.view}": (one.image, one.mask) for one in sources if one.mask}
        if not drawn:
            raise RunError(f"{lines}: no image there has a mask")
        if not overwrite:
            refuse_existing(mirrors, list(drawn))
        masks = {name: read_drawing(mask) for name, (_, mask) in drawn.items()}
        radii = np.concatenate([line_radii(mask) for mask in masks.values()])
        if not radii.size:
            raise RunError(f"{lines}: no mask there holds a line")
        times = MIRROR_LINES.mean / float(radii.mean())
        for name, (image, _) in drawn.items():
            write_as_mirror(mirrors, name, read_grey(image), masks[name], times)
    click.echo(f"{mirrors}: {len(drawn)} images, {times:.2f} times enlarged")


def write_as_mirror(root: Path, obj: str, grey: NDArray[np.float32], line: NDArray[np.bool_], times: float) -> None:
    """Write an image and its lines as a mirror, which fills its scan.

    Parameters
    ----------
    root : gets the files
    obj : what the object is called
    grey : (H, W), read as depth: darker is deeper
    line : (H, W), its drawing
    times : how much larger both become
    """
    from data.io.png import write_drawing, write_png
    from data.synthetic.files import view_files, write_tiff

    files = view_files(root, obj)
    depth, drawing = (_enlarged(plane, times) for plane in (grey, line))
    write_drawing(files["drawing"], drawing > 0.5)
    write_png(files["mask"], np.full((*depth.shape, 3), 255, np.uint8))
    write_tiff(files["depth"], depth, photometric="minisblack")  # last: a view is found by its depth


def _enlarged(plane: NDArray[np.generic], times: float) -> NDArray[np.float32]:
    height, width = plane.shape
    size = round(width * times), round(height * times)
    return np.asarray(cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32)


if __name__ == "__main__":
    main()
