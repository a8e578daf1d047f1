"""``python -m data.synthetic DIR``: made-up mirrors or photographs of lines, in the layouts that their kinds have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from data.options import UserPath
from data.synthetic.difficulty import CHOICES, MIXED
from data.synthetic.offered import LINES, MIRRORS, OWN, STYLES, chosen_style, refuse_others


@click.command()
@click.argument("folder", metavar="DIR", type=UserPath(file_okay=False))
@click.option(
    "--dataset",
    default=MIRRORS,
    show_default=True,
    type=click.Choice(list(STYLES)),
    help="What to make: mirrors, or photographs of lines with masks of them.",
)
@click.option("--mirrors", default=4, show_default=True, type=click.IntRange(min=1), help="How many mirrors to make.")
@click.option("--images", default=4, show_default=True, type=click.IntRange(min=1), help="How many photographs.")
@click.option("--first", default=1, show_default=True, type=click.IntRange(min=1), help="Number of the first one.")
@click.option("--height", type=click.IntRange(min=256), show_default="1024, of photographs 512", help="Rows.")
@click.option("--width", type=click.IntRange(min=256), show_default="1024, of photographs 512", help="Columns.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Fixes every random choice.")
@click.option(
    "--style",
    default="",
    show_default=f"{STYLES[MIRRORS][0]}, of photographs {STYLES[LINES][0]}",
    help=f"Of mirrors: {', '.join(STYLES[MIRRORS])}; all but the first are foreign, for trials of models that never "
    f"saw the like. Of photographs: {', '.join(STYLES[LINES])}. mixed draws a family for each; episodes are pairs "
    "of one image with another mask each.",
)
@click.option(
    "--difficulty",
    "level",
    default=MIXED,
    show_default=True,
    type=click.Choice(CHOICES),
    help="How worn and corroded mirrors are; mixed draws a level for each.",
)
@click.option(
    "--truth_widths",
    default="usual",
    show_default=True,
    type=click.Choice(("usual", "varied")),
    help="How wide annotators draw mirrors. varied: each has its own graver, and a pen of .55 to 1 of its grooves.",
)
@click.option(
    "--line_width",
    type=click.FloatRange(min=1.0, max=50.0),
    show_default="1 to 20, as photographed",
    help="About how many pixels wide the lines of all photographs are shown, however finely they were taken.",
)
@click.option(
    "--polarity",
    default="as_taken",
    show_default=True,
    type=click.Choice(("as_taken", "dark")),
    help="Of photographs. dark: those with bright lines are given as negatives.",
)
@click.option("--overwrite", is_flag=True, help="Replace what exists.")
@click.pass_context
def main(context: click.Context, folder: Path, dataset: str, overwrite: bool, **chosen: Any) -> None:
    """Write made-up mirrors or photographs of lines below DIR.

    Mirrors are in the dataset's own layout (40 scan pixels a millimetre). A line for each says how hard it is, how much
    of the object is line and crust, and which share of the engraved lines no annotator would see. The notebook
    notebooks/made_up_mirrors.ipynb shows every part and compares with real patches.

    Photographs are images/ and masks/ side by side. A line for each says what is on it, and how much of it is line.
    """
    from data.errors import DataError, explain

    given = [name for name in chosen if context.get_parameter_source(name) != ParameterSource.DEFAULT]
    try:
        refuse_others(dataset, given)
        chosen["style"] = chosen_style(dataset, chosen["style"])
        side = 1024 if dataset == MIRRORS else 512
        chosen |= {name: chosen[name] or side for name in ("height", "width")}
        others = OWN[LINES if dataset == MIRRORS else MIRRORS]
        _write(folder, dataset, overwrite, {name: value for name, value in chosen.items() if name not in others})
    except DataError as error:
        hint = " with --overwrite" if "exists" in str(error) else ""
        raise click.ClickException(f"{error}{hint}") from error
    except OSError as error:
        raise click.ClickException(explain(error)) from error


def _write(folder: Path, dataset: str, overwrite: bool, chosen: dict[str, Any]) -> None:
    height, width, seed = (chosen.pop(name) for name in ("height", "width", "seed"))
    if dataset == MIRRORS:
        from data.synthetic.files import write_mirrors

        write_mirrors(folder, chosen.pop("mirrors"), height, width, seed, overwrite, click.echo, **chosen)
        return
    from data.synthetic.photographs.files import write_photographs

    write_photographs(
        folder,
        chosen.pop("images"),
        height,
        width,
        seed,
        overwrite,
        click.echo,
        line_px=chosen.pop("line_width"),
        **chosen,
    )


if __name__ == "__main__":
    main()
