"""The README's pictures of the page, with strokes that were drawn in it by pointer."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.page.figures import begun, drawing, tab_of
from bench.page.program import Program, program
from bench.page.simulated_pen import around, button, correcting_strokes
from bench.page.tab import Tab, chromium
from data.regions import Region
from data.storage import PreparedView
from interaction.prompts.strokes import Stroke
from simulation.strokes import Brush, trace_false_negative, trace_false_positive

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from user_config import Settings

MIRRORS, HEIGHT, WIDTH, SEED = 10, 2400, 1800, 18  # the first ones are those of `make annotate`
STROKES = (9, 3, 12, 21, 0, 9)  # that each of the first mirrors gets; the others are not begun
LOOKED_AT = (2, 1, 3, 24, 4, 2)  # places that look right
CORRECTED, IN_RELIEF, NOT_BEGUN = 4, 0, 7  # the mirrors of three pictures
PHOTOGRAPHS, PHOTOGRAPH_SEED, LINE_PX = 2, 5, 5.0  # cracks, which no model that ships has seen much of
PUT_RIGHT, STROKES_A_PLACE = 2, 60  # places that are learned from, and strokes that each gets at most
LEARNING_S = 600  # at most; some seconds on a machine with nothing else to do
SHOWN = (80.0, 220.0, 1250.0, 1400.0)  # part of those mirrors: top, left, height, width in scan pixels
LENGTH = 40  # model pixels of line that a stroke in a place follows
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
        PNG files of 1280 x 800, or of the card before the first stroke.
    """
    config, views = _mirrors(work / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    made = []

    def keep(name: str, picture: bytes) -> None:
        made.append(_written(folder / f"annotate-{name}.png", picture))

    with chromium() as browser, program(config) as server:
        corrected(browser, server, views)
        keep("list", list_of_mirrors(browser, server))
        keep("mirror", correction(browser, server, views[CORRECTED]))
        keep("relief", relief(browser, server, views[IN_RELIEF]))
        keep("start", what_to_begin_from(browser, server, views[NOT_BEGUN]))
    config, views = _photographs(work / "pictures" / "photographs")
    with chromium() as browser, program(config, "--dataset", "lines") as server:
        keep("lines", how_wide_lines_are(browser, server, views[0]))
        keep("redrawing", redrawing(browser, server, views[0]))
    return made


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


def what_to_begin_from(browser: Browser, server: Program, view: PreparedView) -> bytes:
    """Take a picture of what a mirror can be begun from, with a small picture of each."""
    return _card(tab_of(browser, server), view).screenshot()


def how_wide_lines_are(browser: Browser, server: Program, view: PreparedView) -> bytes:
    """Take a picture of a line of a photograph being measured."""
    tab = tab_of(browser, server)
    card = _card(tab, view)
    tab.page.click("#show-otherwise")
    tab.until("() => document.querySelector('#close-up img').naturalWidth")
    box = tab.page.locator("#close-up").bounding_box()
    assert box is not None
    row, first, last, width = _across_a_line(server, view)
    enlarged = box["width"] / width
    for column, press in ((first, tab.page.mouse.down), (last, tab.page.mouse.up)):
        tab.page.mouse.move(box["x"] + enlarged * column, box["y"] + enlarged * (row + 0.5))
        press()
    return card.screenshot()


def redrawing(browser: Browser, server: Program, view: PreparedView) -> bytes:
    """Draw some places of a photograph, have the model learn from them, and take a picture of what it would draw."""
    from annotate.library.places import grid_of

    tab = tab_of(browser, server, reduced_motion="reduce")
    begun(tab, view.name, "empty")
    grid = grid_of(view.mask)
    lines = np.array(view.truth) ^ drawing(server, view.name)
    worst = sorted(range(len(grid)), key=lambda place: -int(lines[grid[place].slices].sum()))
    for place in worst[:PUT_RIGHT]:
        tab.page.locator("#places-map button").nth(place).click()
        tab.rest()
        for stroke in _in_place(server, view, grid[place]):
            tab.draw(stroke.path_px, button=button(stroke))
            tab.answered()
        tab.press("t")
        tab.page.wait_for_selector("#learning-progress:visible")
        tab.page.wait_for_selector("#learning-progress", state="hidden", timeout=1000 * LEARNING_S)
    if not tab.page.is_visible("#redrawing"):
        tab.page.click("#redraw")
        tab.page.wait_for_selector("#redrawing:visible", timeout=1000 * LEARNING_S)
    tab.page.mouse.move(0, 0)
    tab.page.wait_for_timeout(3000)  # until what would be drawn is loaded
    return tab.page.screenshot()


def _card(tab: Tab, view: PreparedView) -> Locator:
    """Return the card of a mirror that is not begun, once it shows what there is."""
    tab.page.goto(f"{tab.address}/#/{view.name}")
    tab.page.wait_for_selector(".choice-picture:visible", timeout=1000 * LEARNING_S)
    tab.until("() => [...document.querySelectorAll('.choice-picture:not([hidden])')].every((one) => one.naturalWidth)")
    return tab.page.locator("#start-card")


def _across_a_line(server: Program, view: PreparedView) -> tuple[int, int, int, int]:
    """Find a line in the part that is shown to measure in: its row, where it begins and ends, and the part's width."""
    import cv2
    import httpx

    answer = httpx.get(f"{server.address}/api/mirrors/{view.name}/close_up", timeout=60).raise_for_status()
    part = np.asarray(cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_GRAYSCALE))
    level, _ = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    wanted = view.showing.line_width if view.showing else 0.0
    runs = [
        (abs(row - len(part) / 2) + abs(last - first - wanted), row, int(first), int(last))
        for row in range(len(part))
        for first, last in zip(*_ends(part[row] <= level), strict=True)
    ]
    _, row, first, last = min(run for run in runs if 0.8 < (run[3] - run[2]) / wanted < 1.5)
    return row, first, last, part.shape[1]


def _ends(marked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the runs of a row begin, and behind which column each ends."""
    steps = np.diff(np.concatenate([[0], marked.astype(np.int8), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def _in_place(server: Program, view: PreparedView, place: Region) -> Iterator[Stroke]:
    """Make strokes that correct one place, each of the drawing as the one before left it."""
    from data.storage import PreparedSet

    rng, truth = np.random.default_rng(0), np.zeros(view.model_shape, bool)
    widths = PreparedSet.open(view.folder.parent.parent, view.dataset).lines
    brush = Brush(widths, view.scale, LENGTH)
    for number in range(STROKES_A_PLACE):
        lines = drawing(server, view.name)
        truth[:] = lines
        truth[place.slices] = view.truth[place.slices]
        traces = (trace_false_negative, trace_false_positive)[:: -1 if number % 2 else 1]
        found = next((made for trace in traces if (made := trace(lines, truth, rng, brush)) is not None), None)
        if found is None:
            return
        yield found


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


def _photographs(folder: Path) -> tuple[Settings, list[PreparedView]]:
    """Make and prepare photographs of cracks, if they have not been; what was drawn before is forgotten."""
    from data.ingest import prepare_set
    from data.storage import PreparedSet
    from data.synthetic.photographs.files import write_photographs
    from user_config import settings

    config = replace(settings(), root=folder / "root", storage=folder / "storage", annotations=folder / "annotations")
    if not config.root.exists():
        write_photographs(config.root, PHOTOGRAPHS, 1000, 1300, PHOTOGRAPH_SEED, line_px=LINE_PX, style="cracks")
    with redirect_stdout(io.StringIO()):
        prepare_set(config, "lines", config.root, channels=("rgb",), test=(), test_last=None, dpi=None)
    shutil.rmtree(config.annotations, ignore_errors=True)
    return config, PreparedSet.open(config.storage, "lines").views()


def _written(path: Path, screenshot: bytes) -> Path:
    """Write a picture with few colours, which it takes well to."""
    from PIL import Image

    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    small.save(path, "PNG", optimize=True)
    return path
