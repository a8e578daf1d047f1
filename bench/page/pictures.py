"""The README's pictures of the page, with strokes that were drawn in it by pointer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.page.figures import begun, drawing, tab_of
from bench.page.program import Program, program
from bench.page.simulated_pen import around, button, correcting_strokes
from bench.page.tab import chromium
from data.storage import PreparedView
from interaction.prompts.strokes import Stroke

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from user_config import Settings

MIRRORS, HEIGHT, WIDTH, SEED = 10, 2400, 1800, 18  # the first ones are those of `make annotate`
STROKES = (9, 3, 12, 21, 0, 9)  # that each of the first mirrors gets; the others are not begun
LOOKED_AT = (2, 1, 3, 24, 4, 2)  # places that look right
CORRECTED, IN_RELIEF = 4, 0  # the mirrors of the two pictures
SHOWN = (80.0, 220.0, 1250.0, 1400.0)  # part of those mirrors: top, left, height, width in scan pixels
COLOURS = 256


def make_pictures(work: Path, folder: Path) -> list[Path]:
    """Make mirrors, correct them in the browser, and take pictures of the page.

    Parameters
    ----------
    work : where the mirrors lie; made if they are not there
    folder : of the pictures

    Returns
    -------
    list of Path
        PNG files of 1280 x 800.
    """
    config, views = _mirrors(work / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, program(config) as server:
        corrected(browser, server, views)
        pictures = {
            "list": list_of_mirrors(browser, server),
            "mirror": correction(browser, server, views[CORRECTED]),
            "relief": relief(browser, server, views[IN_RELIEF]),
        }
    return [_written(folder / f"annotate-{name}.png", picture) for name, picture in pictures.items()]


def corrected(browser: Browser, server: Program, views: Sequence[PreparedView]) -> None:
    """Begin some of the mirrors, and correct them here and there."""
    tab = tab_of(browser, server, reduced_motion="reduce")
    for view, strokes, places in zip(views, STROKES, LOOKED_AT, strict=False):
        begun(tab, view.name)
        for stroke in _hand(server, view, strokes):
            tab.show(*around(stroke))
            tab.draw(stroke.path_px, button=button(stroke))
        tab.answered()
        tab.press("n")
        for _ in range(places):
            tab.press("s")
        tab.answered()
    tab.page.context.close()


def list_of_mirrors(browser: Browser, server: Program) -> bytes:
    """Take a picture of the list."""
    tab = tab_of(browser, server).list()
    tab.until("() => [...document.querySelectorAll('#mirrors img')].every((one) => one.naturalWidth)")
    return tab.page.screenshot()


def correction(browser: Browser, server: Program, view: PreparedView) -> bytes:
    """Take a picture of an answer to a stroke that has just been drawn."""
    tab = tab_of(browser, server).open(view.name).show(*SHOWN)
    for stroke in (stroke for stroke in _hand(server, view, 40, seed=1) if _is_shown(stroke)):
        tab.draw(stroke.path_px, button=button(stroke))
        tab.answered()
        if int(tab.page.inner_text("#strokes").split()[0]) > 6 and tab.page.locator("#answer").is_visible():
            break
    tab.page.wait_for_timeout(1500)  # until nothing flashes any more
    return tab.page.screenshot()


def relief(browser: Browser, server: Program, view: PreparedView) -> bytes:
    """Take a picture of the relief in its light, with errors and estimated quality, in the dark."""
    tab = tab_of(browser, server, color_scheme="dark").open(view.name)
    for layer, percent in (("normals", 100), ("errors", 90), ("quality", 45)):
        tab.page.check(f"#layer-{layer}")
        tab.page.locator(f"#opacity-{layer}").fill(str(percent))
    tab.show(*SHOWN)
    tab.page.mouse.move(0, 0)
    return tab.page.screenshot()


def _is_shown(stroke: Stroke) -> bool:
    top, left, height, width = SHOWN
    from_corner = stroke.path_px - (top, left)
    return bool(((from_corner > 0) & (from_corner < (height, width))).all())


def _hand(server: Program, view: PreparedView, strokes: int, seed: int = 0) -> list[Stroke]:
    return list(islice(correcting_strokes(view, drawing(server, view.name), np.random.default_rng(seed)), strokes))


def _mirrors(folder: Path) -> tuple[Settings, list[PreparedView]]:
    """Make and prepare mirrors, if they have not been; what was drawn on them before is forgotten."""
    from bench import preparation
    from data.ingest import prepare_set
    from data.storage import PreparedSet
    from data.synthetic.files import write_mirrors
    from user_config import settings

    config = replace(
        settings(), root=folder / "mirrors", storage=folder / "storage", annotations=folder / "annotations"
    )
    if not config.root.exists():
        write_mirrors(config.root, MIRRORS, HEIGHT, WIDTH, SEED)
    with redirect_stdout(io.StringIO()):
        prepare_set(config, "mirrors", config.root, channels=preparation.CHANNELS, test=(), test_last=None, dpi=None)
    for log in config.annotations.glob("*/log*"):
        log.unlink()
    return config, PreparedSet.open(config.storage, "mirrors").views()


def _written(path: Path, screenshot: bytes) -> Path:
    """Write a picture with few colours, which it takes well to."""
    from PIL import Image

    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    small.save(path, "PNG", optimize=True)
    return path
