"""``python -m bench.pyramid``: the page's tiles of a full-size scan, beside a plain way of making them."""

from __future__ import annotations

from pathlib import Path

import click

from bench.measure import Row, measured

TARGET_SECONDS, TARGET_MIB = "3", "300"  # of depth


def rows(view: Path, folder: Path) -> list[Row]:
    """Make the tiles of a prepared view's layers in ``folder``, in both ways."""
    from annotate.images.layers import tiled_layers
    from data.storage import open_view

    lines = []
    for layer in tiled_layers(open_view(view)):
        ours, plain = (measured(way, view, folder / way.__name__, layer) for way in (ours_way, plain_way))
        seconds = TARGET_SECONDS if layer == "depth" else ""
        lines += [
            Row(f"tiles of {layer}", "s", ours.seconds, plain.seconds, seconds),
            Row("its memory", "MiB", ours.peak_mib, plain.peak_mib, TARGET_MIB),
            Row("its files", "MB", ours.result, plain.result),
        ]
    return lines


def ours_way(folder: Path, tiles: Path, layer: str) -> float:
    """Make a layer as the page does; return megabytes written."""
    from dataclasses import replace

    from annotate.images.pyramid import Pyramid
    from data.storage import open_view

    _cleared(tiles)
    view = open_view(folder)
    alone = {**view.manifest, "statistics": {layer: view.manifest["statistics"][layer]}}
    Pyramid(replace(view, manifest=alone), tiles).make(lambda share: None)
    return _megabytes(tiles)


def plain_way(folder: Path, tiles: Path, layer: str) -> float:
    """Make it the obvious way: the whole map, each level resized from it, a file a tile; return megabytes written."""
    import cv2
    import numpy as np

    from annotate.images.layers import QUALITY
    from annotate.images.pyramid import TILE, level_shape, levels
    from data.storage import open_view

    _cleared(tiles)
    shape = open_view(folder).shape
    values = np.load(folder / f"{layer}_scan.npy").astype(np.float32) / 65535
    picture = values[0] if len(values) == 1 else np.dstack([np.zeros(shape, np.float32), values[1], values[0]])
    suffix, options = ("png", []) if layer == "normals" else ("jpg", [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    for level in range(levels(shape)):
        height, width = level_shape(shape, level, levels(shape))
        level_picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        pixels = np.rint(255 * level_picture).astype(np.uint8)
        (tiles / str(level)).mkdir()
        for row, top in enumerate(range(0, height, TILE)):
            for column, left in enumerate(range(0, width, TILE)):
                tile = pixels[top : top + TILE, left : left + TILE]
                name = tiles / str(level) / f"{column}_{row}.{suffix}"
                cv2.imwrite(str(name), tile, options)
    return _megabytes(tiles)


def _cleared(folder: Path) -> None:
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=1024), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=1024), help="Scan columns.")
def main(folder: Path, height: int, width: int) -> None:
    """Measure on a made-up mirror with all channels, which stays in FOLDER; each way runs in a fresh process."""
    from bench import preparation
    from bench.data import make_mirror
    from bench.measure import table

    name = f"mirror_{height}x{width}"
    root, storage = folder.resolve() / name, folder.resolve() / "pyramid" / name
    if not root.exists():
        measured(make_mirror, root, height, width)
    measured(preparation.ours_way, root, storage, preparation.CHANNELS)
    (view,) = (path.parent for path in storage.glob("mirrors/*/manifest.json"))
    click.echo(table(rows(view, folder.resolve() / "pyramid")))


if __name__ == "__main__":
    main()
