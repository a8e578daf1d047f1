"""``python -m data.synthetic DIR --mirrors N``: made-up mirrors in the dataset's own layout."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--mirrors", default=4, show_default=True, type=click.IntRange(min=1), help="How many to make.")
@click.option("--height", default=1024, show_default=True, type=click.IntRange(min=256), help="Scan rows.")
@click.option("--width", default=1024, show_default=True, type=click.IntRange(min=256), help="Scan columns.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Fixes every random choice.")
@click.option("--overwrite", is_flag=True, help="Replace objects that exist.")
def main(folder: Path, mirrors: int, height: int, width: int, seed: int, overwrite: bool) -> None:
    """Write made-up mirrors below DIR, in the dataset's own layout (40 scan pixels a millimetre)."""
    from data.errors import DataError
    from data.synthetic.files import write_mirrors

    try:
        write_mirrors(folder, mirrors, height, width, seed, overwrite, report=click.echo)
    except DataError as error:
        raise click.ClickException(f"{error} with --overwrite") from error


if __name__ == "__main__":
    main()
