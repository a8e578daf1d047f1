"""``python -m data.check``: report which raw views could be prepared and which could not, without preparing any."""

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
    polarity_of,
    sign_of,
)
from user_config import settings


@click.command(cls=ExplainsKinds, context_settings={"show_default": True})
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the raw data.")
@click.option("--root", type=UserPath(), show_default="DIR_ROOT", help="Where the raw data lie.")
@click.option("--channels", default="", show_default="the kind's own", help="Required of each view; with commas.")
@click.option("--dpi", type=Finite(min=1), help=DPI)
@click.option("--depth_sign", type=click.Choice([*SIGNS]), show_default="auto", help=DEPTH_SIGN)
@click.option("--line_width", type=Finite(min=0.5, max=200), show_default="measured", help=LINE_WIDTH)
@click.option("--polarity", type=click.Choice([*POLARITY_NAMES]), show_default="auto", help=POLARITY)
@click.option("--full", is_flag=True, help="Decode all files and try all but the writing, not headers alone.")
def main(
    dataset: str,
    root: Path | None,
    channels: str,
    dpi: float | None,
    depth_sign: str | None,
    line_width: float | None,
    polarity: str | None,
    full: bool,
) -> None:
    """Report on raw data as a table: sizes, resolutions, encodings, and all that is wrong and what to do.

    The exit status is 1 if a view cannot be used. What else lies beside the channels required is looked at, too, and
    photographs (--dataset lines) are always decoded.
    """
    from data.asking import raw_data
    from data.errors import DataError, explain
    from data.inspection import inspect_all

    config = settings()
    try:
        kind = kind_named(dataset)
        chosen = kind.chosen_channels(channels, note=click.echo)
        raw = raw_data(
            kind,
            (root or config.root).resolve(),
            chosen,
            dpi,
            config,
            sign_of(depth_sign),
            line_width=line_width,
            polarity=polarity_of(polarity),
            asked=chosen if channels.strip() else (),
        )
        unusable = inspect_all(dataset, raw, full, click.echo)
    except (DataError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    if unusable:
        sys.exit(1)


if __name__ == "__main__":
    main()
