"""``python -m bench.data``: the cost of preparing, thinning, loading, training on and drawing a full-size scan."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.measure import Row, measured
from data.options import UserPath


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=1024), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=1024), help="Scan columns.")
@click.option("--enc_str", default="tu-mobilenetv4_conv_small", help="Encoder of the networks.")
def main(folder: Path, height: int, width: int, enc_str: str) -> None:
    """Measure on a made-up mirror, which stays in FOLDER; each measurement runs in a fresh process."""
    from bench import prediction, preparation, training
    from bench.measure import table

    storage = folder.resolve() / "storage"
    root = preparation.made_up_mirror(folder.resolve(), height, width)
    shutil.rmtree(storage, ignore_errors=True)
    rows = preparation.rows(root, storage)
    of_training, step = training.rows(storage / "depth", enc_str)
    rows += [*of_training, _thinning(storage / "depth")]
    rows += prediction.rows(storage / "depth", folder / "large", enc_str)
    click.echo(table(rows))
    click.echo(f"\nA training step of {training.BATCH} crops with up to {training.MAX_PROMPTS} strokes ({enc_str}):")
    for part, seconds in step.items():
        click.echo(f"  {part:10} {seconds:6.3f} s  {seconds / sum(step.values()):4.0%}")


def _thinning(storage: Path) -> Row:
    """Thin the truth of the prepared mirror below ``storage``, by the project's code and by scikit-image."""
    from skimage.morphology import thin as scikit

    from metrics.thinning import thin

    ours, other = (measured(thinning_seconds, thinned, storage).result for thinned in (thin, scikit))
    return Row("skeleton of a truth", "s", ours, "", "scikit-image", other)


def thinning_seconds(thin: Callable[[Any], Any], storage: Path) -> float:
    """Return the seconds that a function takes to thin a mirror's truth."""
    from time import perf_counter

    import numpy as np

    from data.storage import PreparedSet

    (view, *_) = PreparedSet.open(storage, "mirrors").views()
    truth = np.array(view.truth)
    started = perf_counter()
    thin(truth)
    return perf_counter() - started


if __name__ == "__main__":
    main()
