"""``python -m bench.page``: how fast the annotation page is at a full-size mirror, in Chromium; and pictures of it."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import UserPath, ViewName

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bench.page.figures import Figure
    from data.storage import PreparedView
    from user_config import Settings


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=1024), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=1024), help="Scan columns.")
@click.option(
    "--storage",
    type=UserPath(exists=True, file_okay=False),
    help="A prepared set to take instead, with --mirror; it is only read.",
)
@click.option("--mirror", type=ViewName(), metavar="VIEW", help="A view of --storage, with a drawing to correct by.")
@click.option("--strokes", default=40, type=click.IntRange(min=2), help="How many are timed one by one.")
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Chooses the strokes.")
@click.option(
    "--pictures",
    type=UserPath(file_okay=False),
    help="Make the README's pictures there, and measure nothing.",
)
def main(
    folder: Path,
    height: int,
    width: int,
    storage: Path | None,
    mirror: str | None,
    strokes: int,
    seed: int,
    pictures: Path | None,
) -> None:
    """Measure on a made-up mirror with all channels, which stays in FOLDER; the page's own work goes to FOLDER/page."""
    if (storage is None) != (mirror is None):
        raise click.UsageError("--storage and --mirror go together")
    folder = folder.resolve()
    if pictures is not None:
        from bench.page.pictures import make_pictures

        for path in make_pictures(folder / "page", pictures):
            click.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")
        return
    config, view = _given(folder, storage, mirror) if storage and mirror else _made(folder, height, width)
    _measure(config, view, strokes, seed)


def _measure(config: Settings, view: PreparedView, strokes: int, seed: int) -> None:
    from bench.page.figures import table
    from bench.page.tab import chromium

    load = os.getloadavg()[0]
    with chromium() as browser:
        version, figures = browser.version, _figures(config, view, browser, strokes, seed)
    after = os.getloadavg()[0]
    click.echo(f"{view.name}, {view.shape[0]} x {view.shape[1]}; {', '.join(view.channels)}; Chromium {version}")
    click.echo(
        f"{os.cpu_count()} cores; load over a minute {load:.1f} before and {after:.1f} after (0 is a quiet one)\n"
    )
    click.echo(table(figures))


def _figures(config: Settings, view: PreparedView, browser: Browser, strokes: int, seed: int) -> list[Figure]:
    import numpy as np

    from bench.page import figures
    from bench.page.program import program
    from bench.page.simulated_pen import correcting_strokes

    name, rng = view.name, np.random.default_rng(seed)
    _forget_strokes(config, name)
    with program(config, "--mirror", name) as server:
        made = figures.begun(figures.tab_of(browser, server), name)
        lines = figures.drawing(server, name)
    wanted = strokes + figures.BURST + figures.PROBED
    drawn = list(islice(correcting_strokes(view, lines, rng), wanted))
    if not drawn:
        raise click.UsageError(
            f"{name}: the model's drawing has no error that a stroke could correct; take another model"
        )
    timed, others = drawn[:strokes], drawn[strokes:]
    with program(config, "--mirror", name) as server:
        server.rest()
        tab = figures.tab_of(browser, server)
        made += figures.opened(tab, name)
        made += figures.answered(tab, timed)
        made += figures.burst(tab, others[: figures.BURST])
        made += figures.undone(tab)
        made += figures.inked(tab, others[figures.BURST :])
        made += figures.moved(tab, timed[0])
        made += figures.memory(server)
    return made


def _forget_strokes(config: Settings, name: str) -> None:
    """Take away what earlier runs drew; the tiles stay."""
    for path in (config.annotations / name).glob("log*"):
        path.unlink()


def _given(folder: Path, storage: Path, mirror: str) -> tuple[Settings, PreparedView]:
    """Return where a prepared view and our own work on it lie."""
    from data.storage import PreparedSet
    from user_config import settings

    config = replace(settings(), storage=storage.resolve(), annotations=folder / "page" / "annotations")
    return config, PreparedSet.open(config.storage, "mirrors").view(mirror)


def _made(folder: Path, height: int, width: int) -> tuple[Settings, PreparedView]:
    """Make and prepare a mirror, if it has not been."""
    from bench.measure import measured
    from bench.preparation import CHANNELS, made_up_mirror, prepare

    root = made_up_mirror(folder, height, width)
    storage = folder / "pyramid" / root.name
    measured(prepare, root, storage, CHANNELS)
    return _given(folder, storage, "SYN-0001_R")


if __name__ == "__main__":
    main()
