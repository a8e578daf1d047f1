"""``python -m bench.observers FOLDER``: how far a second person's drawing agrees with the first's.

Beyond that no model can be told from a person, so the figures stand beside a model's as its ceiling. A folder holds
``masks/``, drawn by the first person and taken as truth, and ``second/``, drawn by the other, one file of a name each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import UserPath

if TYPE_CHECKING:
    from metrics.masks import Mask

FIRST, SECOND = "masks", "second"
SCORES = {"pfm": "pFM", "pfm_dibco": "contest pFM", "iou": "IoU", "f_measure": "Dice", "cl_dice": "clDice"}
"""Names in the registry, with titles; Dice is the F-measure of the pixels."""


def read_pairs(folder: Path) -> dict[str, tuple[Mask, Mask]]:
    """Read the drawings of both observers, the first's before the second's, by name.

    Raises
    ------
    DataError
        If a folder is missing or empty, only one of them drew an image, or sizes differ.
    """
    from data.errors import DataError
    from data.images import SUFFIXES, read_drawing

    files = []
    for part in (FIRST, SECOND):
        pictures = (path for path in (folder / part).glob("*") if path.suffix.lower() in SUFFIXES)
        files.append({path.stem: path for path in sorted(pictures)})
        if not files[-1]:
            raise DataError(f"{folder / part}: no picture in it; it should hold the drawings of one observer")
    if alone := sorted(files[0].keys() ^ files[1].keys()):
        raise DataError(f"{folder}: only one of {FIRST}/ and {SECOND}/ has {', '.join(alone)}")
    pairs = {name: (read_drawing(path), read_drawing(files[1][name])) for name, path in files[0].items()}
    for name, (first, second) in pairs.items():
        if first.shape != second.shape:
            raise DataError(f"{folder}: the two drawings of {name} are of {first.shape} and {second.shape} pixels")
    return pairs


def agreement(first: Mask, second: Mask) -> dict[str, float]:
    """Score the second observer's drawing by the first's, both (H, W) bool; keys are those of `SCORES`."""
    from metrics.registry import MaskPair, score_named

    pair = MaskPair(second, first)
    return {name: score_named(name).of(pair) for name in SCORES}


def table(rows: Sequence[dict[str, float]]) -> str:
    """Return the mean of each score over images, its 95 % bootstrap interval, and the worst and the best image."""
    import numpy as np

    from metrics.bootstrap import interval
    from runs.report.markdown import markdown_table

    lines = [["score", "mean", "95 %", "worst", "best"]]
    for name, title in SCORES.items():
        values = 100 * np.array([row[name] for row in rows])
        low, high = interval(values, range(len(values)), np.random.default_rng(0))
        lines.append(
            [title, f"{values.mean():.2f}", f"[{low:.2f}, {high:.2f}]", f"{values.min():.2f}", f"{values.max():.2f}"]
        )
    return markdown_table(lines)


@click.command()
@click.argument("folder", type=UserPath(exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Score the drawings in FOLDER/second against those in FOLDER/masks, in percent."""
    from runs.commands import one_message

    with one_message():
        rows = [agreement(*pair) for pair in read_pairs(folder).values()]
        click.echo(f"images: {len(rows)}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
