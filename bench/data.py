"""``python -m bench.data``: full-size scans prepared, loaded, trained on and drawn, beside plain ways of doing it."""

from __future__ import annotations

import shutil
from pathlib import Path

import click


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=1024), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=1024), help="Scan columns.")
@click.option("--enc_str", default="tu-mobilenetv4_conv_small", help="Encoder of the networks.")
def main(folder: Path, height: int, width: int, enc_str: str) -> None:
    """Measure on a made-up mirror, which stays in FOLDER; ours and plain are each run in a fresh process."""
    from bench import prediction, preparation, thinning, training
    from bench.measure import measured, table

    root, storage = folder.resolve() / f"mirror_{height}x{width}", folder.resolve() / "storage"
    if not root.exists():
        made = measured(make_mirror, root, height, width)
        click.echo(f"Made a mirror of {height} x {width}: {made.seconds:.0f} s, {made.peak_mib:.0f} MiB (90, 3072)")
    shutil.rmtree(storage, ignore_errors=True)
    rows = preparation.rows(root, storage)
    of_training, step = training.rows(storage / "ours_1", enc_str)
    rows += [*of_training, *thinning.rows(storage / "ours_1")]
    rows += prediction.rows(storage / "ours_1", folder / "large", enc_str)
    click.echo(table(rows))
    click.echo(f"\nA training step of {training.BATCH} crops with up to {training.ROUNDS} strokes ({enc_str}):")
    for part, seconds in step.items():
        click.echo(f"  {part:10} {seconds:6.3f} s  {seconds / sum(step.values()):4.0%}")


def make_mirror(root: Path, height: int, width: int) -> None:
    """Write one made-up mirror."""
    from data.synthetic.files import write_mirrors

    write_mirrors(root, 1, height, width, seed=1)


if __name__ == "__main__":
    main()
