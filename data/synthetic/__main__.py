"""``python -m data.synthetic DIR --mirrors N``: made-up mirrors in the dataset's own layout."""

from __future__ import annotations

from pathlib import Path

import click

from data.options import UserPath
from data.synthetic.difficulty import CHOICES, MIXED


@click.command()
@click.argument("folder", metavar="DIR", type=UserPath(file_okay=False))
@click.option("--mirrors", default=4, show_default=True, type=click.IntRange(min=1), help="How many to make.")
@click.option("--first", default=1, show_default=True, type=click.IntRange(min=1), help="Number of the first one.")
@click.option("--height", default=1024, show_default=True, type=click.IntRange(min=256), help="Scan rows.")
@click.option("--width", default=1024, show_default=True, type=click.IntRange(min=256), help="Scan columns.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Fixes every random choice.")
@click.option(
    "--difficulty",
    "level",
    default=MIXED,
    show_default=True,
    type=click.Choice(CHOICES),
    help="How worn and corroded; mixed draws a level for each mirror.",
)
@click.option("--overwrite", is_flag=True, help="Replace objects that exist.")
def main(
    folder: Path, mirrors: int, first: int, height: int, width: int, seed: int, level: str, overwrite: bool
) -> None:
    """Write made-up mirrors below DIR, in the dataset's own layout (40 scan pixels a millimetre).

    A line for each says how hard it is, how much of the object is line and crust, and which share of the engraved lines
    no annotator would see. The notebook
    notebooks/made_up_mirrors.ipynb shows every part and compares with real patches.
    """
    from data.errors import DataError, explain
    from data.synthetic.files import write_mirrors

    try:
        write_mirrors(folder, mirrors, height, width, seed, overwrite, report=click.echo, level=level, first=first)
    except DataError as error:
        raise click.ClickException(f"{error} with --overwrite") from error
    except OSError as error:
        raise click.ClickException(explain(error)) from error


if __name__ == "__main__":
    main()
