"""``python -m data.setup``: find, check and prepare the views under DIR_ROOT, once, into STORAGE."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from data.kinds import DEFAULT, kind_named
from data.options import (
    DEPTH_SIGN,
    DPI,
    LINE_WIDTH,
    POLARITY,
    POLARITY_NAMES,
    SIGNS,
    ExplainsKinds,
    Finite,
    KindName,
    UserPath,
    ViewName,
    polarity_of,
    sign_of,
)
from user_config import settings


@click.command(cls=ExplainsKinds, context_settings={"show_default": True})
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the raw data.")
@click.option("--root", type=UserPath(), show_default="DIR_ROOT", help="Where the raw data lie.")
@click.option("--channels", default="", show_default="the kind's own", help="What to prepare, with commas.")
@click.option(
    "--test",
    type=ViewName(),
    multiple=True,
    show_default="those published",
    help="A view kept for testing. Repeatable.",
)
@click.option("--test_last", type=click.IntRange(min=1), help="Keep the last N views by name for testing.")
@click.option("--dpi", type=Finite(min=1), help=DPI)
@click.option("--depth_sign", type=click.Choice([*SIGNS]), show_default="auto", help=DEPTH_SIGN)
@click.option("--line_width", type=Finite(min=0.5, max=200), show_default="measured", help=LINE_WIDTH)
@click.option("--polarity", type=click.Choice([*POLARITY_NAMES]), show_default="auto", help=POLARITY)
def main(
    dataset: str,
    root: Path | None,
    channels: str,
    test: tuple[str, ...],
    test_last: int | None,
    dpi: float | None,
    depth_sign: str | None,
    line_width: float | None,
    polarity: str | None,
) -> None:
    """Prepare views for training, evaluation and prediction."""
    from data.errors import DataError, explain
    from data.ingest import prepare_set

    config = settings()
    try:
        skipped = prepare_set(
            config,
            dataset,
            (root or config.root).resolve(),
            channels=kind_named(dataset).chosen_channels(channels, note=click.echo) if channels.strip() else (),
            test=test,
            test_last=test_last,
            dpi=dpi,
            depth_sign=sign_of(depth_sign),
            line_width=line_width,
            polarity=polarity_of(polarity),
        )
    except (DataError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    if skipped:
        click.echo("Skipped:\n  " + "\n  ".join(skipped), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
