"""``python -m data.check``: say of a folder what could be prepared and what could not, without preparing it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from user_config import settings


@click.command(context_settings={"show_default": True})
@click.option("--dataset", type=click.Choice(["mirrors", "lines"]), default="mirrors", help="Kind of the raw data.")
@click.option("--root", type=click.Path(path_type=Path), show_default="DIR_ROOT", help="Where the raw data lie.")
@click.option("--channels", default="depth", help="Required of mirrors; with commas. Others are looked at, too.")
@click.option("--dpi", type=click.FloatRange(min=1), help="Resolution of scans whose files don't say it.")
@click.option("--full", is_flag=True, help="Decode all files and try all but the writing, not headers alone.")
def main(dataset: str, root: Path | None, channels: str, dpi: float | None, full: bool) -> None:
    """Report on raw data as a table: sizes, resolutions, encodings, and all that is wrong and what to do.

    The exit status is 1 if a view cannot be used. Photographs (--dataset lines) are always decoded.
    """
    from data.errors import DataError, explain
    from data.inspection import report

    config = settings()
    named = channels.replace(" ", "").split(",")
    try:
        unusable = report(config, dataset, (root or config.root).resolve(), named, dpi, full, click.echo)
    except (DataError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    if unusable:
        sys.exit(1)


if __name__ == "__main__":
    main()
