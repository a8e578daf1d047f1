"""A contact sheet of every part that made-up mirrors are made of: ``python -m data.synthetic.sheet FILE.png``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import click
import cv2
import numpy as np

from data.synthetic.parts import INK, Parts, Picture

WIDTH_PX, MARGIN_PX, LABEL_PX, TITLE_PX = 1600, 12, 20, 34
PAPER, TITLE = (250, 248, 243), (150, 60, 40)


@dataclass(frozen=True)
class Section:
    """Titled pictures, ``columns`` beside each other."""

    title: str
    columns: int
    parts: Parts


def sections(seed: int) -> list[Section]:
    """All parts; the mirrors among them are made from ``seed``."""
    from data.synthetic import parts

    whole, patches = parts.levels(seed)
    return [
        Section("--difficulty: one engraving at every level, as the network sees it", len(whole), whole | patches),
        Section("Engraving", 11, parts.motif_parts()),
        Section(
            "Bronze, wear, corrosion, sensor, surroundings (red: engraved but lost, so not in the truth)",
            10,
            parts.bronze_parts(),
        ),
    ]


def sheet(shown: Sequence[Section], seed: int) -> Picture:
    """Paint all sections, one below the other. Each part has random numbers of its own, from seed and label."""
    rows = []
    for section in shown:
        rows.append(_titled(section.title))
        side = (WIDTH_PX - MARGIN_PX) // section.columns - MARGIN_PX
        tiles = []
        for label, paint in section.parts.items():
            rng = np.random.default_rng([seed, crc32(label.encode())])
            tiles.append(_labelled(_fitted(paint(rng), side), label))
        for first in range(0, len(tiles), section.columns):
            rows.append(_row(tiles[first : first + section.columns]))
    return np.concatenate(rows)


def write_sheet(file: Path, picture: Picture) -> None:
    """Write a PNG (H, W, 3) RGB as small as it gets, whole or not at all."""
    from data.io.files import write_whole

    pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    write_whole(file, lambda stream: stream.write(content.tobytes()))


def _fitted(picture: Picture, side: int) -> Picture:
    method = cv2.INTER_AREA if len(picture) > side else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(picture, (side, side), interpolation=method), np.uint8)


def _labelled(tile: Picture, label: str) -> Picture:
    strip = np.full((LABEL_PX, tile.shape[1], 3), PAPER, np.uint8)
    return np.concatenate([tile, _text(strip, label.replace("_", " "), 0.4, INK)])


def _titled(title: str) -> Picture:
    strip = np.full((TITLE_PX, WIDTH_PX, 3), PAPER, np.uint8)
    _text(strip[:, MARGIN_PX:], title, 0.6, TITLE)
    return strip


def _text(strip: Picture, text: str, size: float, colour: tuple[int, int, int]) -> Picture:
    cv2.putText(strip, text, (0, len(strip) - 6), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
    return strip


def _row(tiles: Sequence[Picture]) -> Picture:
    row = np.full((len(tiles[0]) + MARGIN_PX // 2, WIDTH_PX, 3), PAPER, np.uint8)
    for number, tile in enumerate(tiles):
        left = MARGIN_PX + number * (tile.shape[1] + MARGIN_PX)
        row[: len(tile), left : left + tile.shape[1]] = tile
    return row


@click.command()
@click.argument("file", metavar="FILE.png", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=11, show_default=True, type=click.IntRange(min=0), help="Fixes every random choice.")
def main(file: Path, seed: int) -> None:
    """Paint every part of made-up mirrors, and one mirror at every difficulty, into FILE.png."""
    if file.suffix != ".png":
        raise click.BadParameter(f"{file} should end in .png", param_hint="FILE.png")
    write_sheet(file, sheet(sections(seed), seed))
    click.echo(f"{file}: {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
