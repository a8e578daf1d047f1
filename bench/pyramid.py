"""``python -m bench.pyramid``: the cost of the page's tiles of a full-size scan."""

from __future__ import annotations

from pathlib import Path

import click

from bench.measure import Row, measured, megabytes
from data.options import UserPath

TARGET_SECONDS, TARGET_MIB = "3", "300"  # of depth


def rows(view: Path, folder: Path) -> list[Row]:
    """Make the tiles of a prepared view's layers in ``folder``, each layer in a process of its own."""
    from annotate.images.layers import tiled_layers
    from data.storage import open_view

    lines = []
    for layer in tiled_layers(open_view(view)):
        done = measured(make_tiles, view, folder / "tiles", layer)
        lines += [
            Row(f"tiles of {layer}", "s", done.seconds, TARGET_SECONDS if layer == "depth" else ""),
            Row("its memory", "MiB", done.peak_mib, TARGET_MIB),
            Row("its files", "MB", done.result),
        ]
    return lines


def make_tiles(folder: Path, tiles: Path, layer: str) -> float:
    """Make a layer's tiles as the page does, in an empty folder; return megabytes written."""
    from dataclasses import replace
    from shutil import rmtree

    from annotate.images.pyramid import Pyramid
    from data.storage import open_view

    rmtree(tiles, ignore_errors=True)
    tiles.mkdir(parents=True)
    view = open_view(folder)
    alone = {**view.manifest, "statistics": {layer: view.manifest["statistics"][layer]}}
    Pyramid(replace(view, manifest=alone), tiles).make(lambda share: None)
    return megabytes(tiles)


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=1024), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=1024), help="Scan columns.")
def main(folder: Path, height: int, width: int) -> None:
    """Measure on a made-up mirror with all channels, which stays in FOLDER."""
    from bench.measure import table
    from bench.preparation import CHANNELS, made_up_mirror, prepare

    root = made_up_mirror(folder.resolve(), height, width)
    storage = folder.resolve() / "pyramid" / root.name
    measured(prepare, root, storage, CHANNELS)
    (view,) = (path.parent for path in storage.glob("mirrors/*/manifest.json"))
    click.echo(table(rows(view, folder.resolve() / "pyramid")))


if __name__ == "__main__":
    main()
