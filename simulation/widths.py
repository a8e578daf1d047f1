"""``python -m simulation.widths DIR``: how wide the lines of some drawings, or a user's strokes, are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.errors import DataError, explain
from data.options import UserPath
from interaction.log import LOG

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from data.line_statistics import LineStatistics

LOG_ENDINGS = (".sqlite", ".json")
DRAWN_ON = ("ps", "images")  # folders below a place that hold what was drawn on: maps of scans, photographs
SHOWN_DEVIATIONS = 5  # the picture ends so far above the mean; beyond lie filled areas


@click.command()
@click.argument("places", metavar="DIR|LOG...", type=UserPath(), nargs=-1, required=True)
@click.option("--out", type=UserPath(dir_okay=False), default="line_widths.png", show_default=True, help="PNG.")
def main(places: tuple[Path, ...], out: Path) -> None:
    """Measure the lines of all drawings and line masks under DIR, and the strokes that a person drew on the
    annotation page (logs under DIR, or LOG: a log or its export as JSON). Prints statistics and draws a histogram.

    Widths are radii, centre line to edge, in the files' own pixels, of logs in scan pixels: two files of different
    resolution don't mix.
    """
    import numpy as np

    from data.line_statistics import fit_radii

    try:
        _require_place(out)
        radii, skipped = measure(*places)
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


def measure(*places: Path) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Measure the radii of each drawing and each log in some places, by name; one without line is named and left out.

    Parameters
    ----------
    places : folders, and logs of the annotation page

    Returns
    -------
    radii, skipped
        Of each file, and what was wrong with those that could not be read.

    Raises
    ------
    DataError
        If there is no such place, nothing to measure in it, nothing that can be read, or nowhere a line.
    """
    paths = list(dict.fromkeys(path for place in places for path in _files(place)))
    radii: list[NDArray[np.float32]] = []
    skipped: list[str] = []
    for path in paths:
        try:
            measured, without = _measured(path)
        except DataError as error:
            if len(paths) == 1:
                raise
            skipped.append(explain(error, path))
            click.echo(f"SKIPPED: {skipped[-1]}", err=True)
            continue
        if measured.size:
            radii.append(measured)
        else:
            click.echo(f"{path}: skipped, {without}", err=True)
    where = ", ".join(map(str, places))
    if len(skipped) == len(paths):
        raise DataError(f"{where}: none of its {len(paths)} files can be read; see above what is wrong with each")
    if not radii:
        raise DataError(
            f"{where}: no line in any of {len(paths)} files; line is opaque, bright in grey files, or added by strokes"
        )
    return radii, skipped


def _files(place: Path) -> list[Path]:
    """List the drawings and logs in a place; pictures beside a log are the annotation page's own."""
    if place.is_file():
        if place.suffix.lower() in LOG_ENDINGS:
            return [place]
        raise DataError(f"{place}: a file; give the folder that holds the drawings, or a log ({LOG})")
    if not place.is_dir():
        raise DataError(f"{place}: no such folder; give the one that holds the drawings, or logs ({LOG})")
    from data.images import SUFFIXES

    logs = [path for path in place.rglob(LOG) if path.is_file()]
    pages = {log.parent for log in logs}
    pictures = (path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    drawn = (
        path
        for path in pictures
        if path.relative_to(place).parent.name.lower() not in DRAWN_ON and not path.name.startswith(".")
    )
    paths = sorted([*logs, *(path for path in drawn if not pages.intersection(path.parents))])
    if not paths:
        raise DataError(
            f"{place}: no picture below it; give the folder that holds the drawings or line masks, or logs ({LOG})"
        )
    return paths


def _measured(path: Path) -> tuple[NDArray[np.float32], str]:
    """Return the radii of a file, and the message for the case that there are none."""
    import numpy as np

    from data.images import read_drawing
    from data.line_statistics import line_radii

    if path.suffix.lower() in LOG_ENDINGS:
        return drawn_radii(path), "no stroke in it adds line"
    drawing = read_drawing(path)
    if drawing.any() and not drawing.all():
        return line_radii(drawing), ""
    return np.empty(0, np.float32), f"{'all of it' if drawing.any() else 'none of it'} is line"


def drawn_radii(path: Path) -> NDArray[np.float32]:
    """Return the radii with which a user added line, one for each pixel of the pen's way.

    Parameters
    ----------
    path : of a log of the annotation page

    Returns
    -------
    (N,) float32
        In scan pixels; of erase strokes none, whose width says nothing of lines.

    Raises
    ------
    DataError
        If the log cannot be read.
    """
    import numpy as np

    from interaction.log.tables import open_recorded, strokes_of
    from interaction.prompts.strokes import ADD

    radii = [np.empty(0)]
    with open_recorded(path) as log:
        for stroke in strokes_of(log):
            if stroke.sign == ADD:
                steps = np.linalg.norm(np.diff(stroke.path_px, axis=0), axis=1)
                along = np.concatenate([[0], np.cumsum(steps)])
                radii.append(np.interp(np.arange(along[-1] + 1), along, stroke.radius_px))
    return np.concatenate(radii).astype(np.float32)


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
    from data.io.files import write_whole

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
