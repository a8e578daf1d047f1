"""``python -m simulation.widths DIR``: how wide the lines of some drawings are, beside the published mirrors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.errors import DataError, explain

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from data.line_statistics import LineStatistics

SHOWN_DEVIATIONS = 5  # the picture ends so far above the mean; beyond lie filled areas


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default="line_widths.png", show_default=True, help="PNG."
)
def main(folder: Path, out: Path) -> None:
    """Measure the lines of all drawings and line masks (PNG) under DIR; print their statistics and draw a histogram.

    Widths are radii, centre line to edge, in the files' own pixels: two files of different resolution don't mix.
    """
    import numpy as np

    from data.line_statistics import fit_radii

    try:
        _require_place(out)
        radii, skipped = measure(folder)
        measured = np.concatenate(radii)
        lines = fit_radii(radii)
        write_picture(out, measured, lines)
    except (DataError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    click.echo(table(len(radii), len(measured), lines))
    click.echo(f"{out}: written")
    if skipped:
        click.echo("Skipped:\n  " + "\n  ".join(skipped), err=True)
        sys.exit(1)


def measure(folder: Path) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Measure the radii of each drawing under a folder, by name; one without line is named and left out.

    Returns
    -------
    radii, skipped
        Of each drawing, and what was wrong with those that could not be read.

    Raises
    ------
    DataError
        If there is no such folder, no PNG below it, none that can be read, or nowhere a line.
    """
    from data.line_statistics import line_radii
    from data.pictures import read_drawing

    if folder.is_file():
        raise DataError(f"{folder}: a file; give the folder that holds the drawings, as PNG files")
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the one that holds the drawings, as PNG files")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".png" and path.is_file())
    if not paths:
        raise DataError(f"{folder}: no PNG below it; give the folder that holds the drawings or line masks")
    radii: list[NDArray[np.float32]] = []
    skipped: list[str] = []
    for path in paths:
        try:
            drawing = read_drawing(path)
        except DataError as error:
            if len(paths) == 1:
                raise
            skipped.append(explain(error, path))
            click.echo(f"SKIPPED: {skipped[-1]}", err=True)
            continue
        if drawing.any() and not drawing.all():
            radii.append(line_radii(drawing))
        else:
            click.echo(f"{path}: skipped, {'all of it' if drawing.any() else 'none of it'} is line", err=True)
    if len(skipped) == len(paths):
        raise DataError(f"{folder}: none of its {len(paths)} PNG files can be read; see above what is wrong with each")
    if not radii:
        raise DataError(f"{folder}: no line in any of {len(paths)} PNG files; line is opaque, or bright in grey files")
    return radii, skipped


def table(files: int, pixels: int, lines: LineStatistics) -> str:
    """Lay the statistics of some drawings beside those of the published mirrors."""
    from data.line_statistics import MIRROR_LINES

    rows = [
        ("", "here", "mirrors, published"),
        ("radius, mean ± deviation", str(lines), str(MIRROR_LINES)),
        *(
            (f"Gamma, {name}", f"{value:.4f}", f"{MIRROR_LINES.as_dict()[name]:.4f}")
            for name, value in lines.as_dict().items()
        ),
    ]
    head = f"files: {files}, pixels of centre line: {pixels}\n"
    return head + "\n".join(f"{name:<26}{here:>16}{published:>22}" for name, here, published in rows)


def _require_place(path: Path) -> None:
    """Raise DataError before all the work if a file lies where a folder of the path should be."""
    for folder in path.parents:
        if folder.is_file():
            raise DataError(f"{folder}: a file, so nothing can be written below it; choose another --out")


def write_picture(path: Path, radii: NDArray[np.float32], lines: LineStatistics) -> None:
    """Write a PNG: histogram of radii, with the Gamma's density over it."""
    from data.files import write_whole

    figure = picture(radii, lines)
    write_whole(path, lambda file: figure.savefig(file, format="png"))


def picture(radii: NDArray[np.float32], lines: LineStatistics) -> Figure:
    """Draw the histogram of radii, (N,) in pixels, with the Gamma's density over it."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from scipy.stats import gamma

    end = lines.mean + SHOWN_DEVIATIONS * lines.deviation
    at = np.linspace(0, end, 400)
    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)  # needs no screen
    axes = figure.add_subplot()
    axes.hist(radii, bins=80, range=(0, end), density=True, color="0.75", label=f"{len(radii)} pixels of centre line")
    axes.plot(at, gamma.pdf(at, lines.shape, lines.location, lines.scale), color="tab:red", label=f"Gamma, {lines}")
    axes.set(xlabel="radius, centre line to edge (px)", ylabel="density")
    axes.legend()
    return figure


if __name__ == "__main__":
    main()
