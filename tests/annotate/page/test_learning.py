"""A simulated person teaches the model: learns, previews, accepts, undoes, and comes back later."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from playwright.sync_api import expect

from annotate.library.collection_learner import LEARNED
from annotate.library.model_service import ModelService
from bench.page.tab import Tab
from simulation.strokes import trace_false_negative
from tests.annotate.page.seen import furthest, on_canvas, to_be_shown
from tests.annotate.page.whole import BASE, INTERACTIVE, LINE, PEN, UNTOUCHED, Lines, Site, decoded
from tests.annotate.serving import until

SAYS, VERSION, BAR = "#learning-says", "#learning-version", "#redrawing"
LEARNING_MS = 120_000  # some seconds, on a machine that does nothing else


@pytest.fixture
def taught(closed_site: Site) -> Iterator[Site]:
    """A site with models of its own, which may learn."""
    models = ModelService(BASE, INTERACTIVE, closed_site.config, "cpu")
    assert models.wait(300)
    with closed_site.serving(models):
        yield closed_site


def current(site: Site, which: str = "current") -> np.ndarray:
    return site.drawing(which, UNTOUCHED)


def correct(site: Site, tab: Tab, place: tuple[slice, slice], seed: int) -> None:
    """Draw a stroke along a line that is missing in a place."""
    missing = np.zeros(current(site).shape, bool)
    missing[place] = np.array(site.view(UNTOUCHED).truth)[place]
    stroke = trace_false_negative(current(site) > LINE, missing, np.random.default_rng(seed), PEN)
    assert stroke is not None
    tab.draw(stroke.path_px)
    tab.answered()


def learn(tab: Tab, places: int) -> None:
    tab.press("t")
    expect(tab.page.locator(SAYS)).to_have_text(re.compile(f"^Learned from {places} place"), timeout=LEARNING_MS)


def redrawing_on_canvas(tab: Tab) -> Lines:
    data = tab.page.evaluate("document.querySelector('[data-canvas=redrawing]').toDataURL()")
    return decoded(base64.b64decode(data.partition(",")[2]))[..., 3] > LINE


def test_a_person_begins_teaches_looks_accepts_undoes_and_comes_back(taught: Site) -> None:
    site, tab = taught, taught.tab()
    page = tab.page

    # Given a drawing that was begun empty, after a look at what else there was
    page.goto(f"{site.address}/#/{UNTOUCHED}")
    expect(page.locator(".choice-picture:visible")).to_have_count(4)
    page.click("#start-empty")
    tab.drawable()
    expect(page.locator(VERSION)).to_have_text("Answers: small-base")

    # When a person puts places right, and lets the model learn from them
    for cell, (top, left) in enumerate(((0, 0), (0, 256))):
        page.locator("#places-map button").nth(cell).click()
        tab.rest()
        correct(site, tab, (slice(top, top + 256), slice(left, left + 256)), cell)
        learn(tab, cell + 1)
        page.mouse.move(0, 0)
    (first, second) = site.events("learn", name=UNTOUCHED)
    assert (len(first.body["lessons"]), len(second.body["lessons"])) == (1, 2)

    # Then what it would draw is shown, and nothing has changed
    before = current(site)
    if not page.locator(BAR).is_visible():  # it has not proved better: the person wants to see it nevertheless
        page.click("#redraw")
    expect(page.locator(BAR)).to_be_visible(timeout=LEARNING_MS)
    expect(page.locator("#redrawing-text")).to_contain_text("would come")
    tab.press("0")
    tab.until("() => !document.querySelector('[data-layer=redrawing]').hidden")
    proposed = current(site, "proposed")
    turned = (proposed > LINE) != (before > LINE)
    assert turned.any()
    assert not turned[:256].any()  # the places that the person said are right
    tab.until("() => document.querySelector('[data-canvas=redrawing]')?.style.opacity !== '0'")
    tab.rest()
    assert furthest(redrawing_on_canvas(tab), to_be_shown(tab, np.where(turned, np.uint8(255), np.uint8(0)))) <= 3
    assert_array_equal(current(site), before)

    # And it is taken over as one change, undone as one, and redone
    tab.press("Shift+A")
    expect(page.locator(BAR)).to_be_hidden()
    for key, drawing in ((None, proposed), ("z", before), ("Shift+Z", proposed)):
        if key:
            tab.press(key)
        until(lambda drawing=drawing: np.array_equal(current(site), drawing), 30)  # type: ignore[misc]
        tab.rest()
        assert furthest(on_canvas(tab), to_be_shown(tab, drawing)) <= 1.5
    assert [event.kind for event in site.events("redraw", "undo", "redo", name=UNTOUCHED)] == ["redraw", "undo", "redo"]

    # And it is all there when the page is loaded anew
    says, version = page.locator(SAYS).inner_text(), page.locator(VERSION).inner_text()
    page.reload()
    tab.drawable()
    expect(page.locator(SAYS)).to_have_text(says)
    expect(page.locator(VERSION)).to_have_text(version)
    assert furthest(on_canvas(tab), to_be_shown(tab, proposed)) <= 1.5
    assert (site.config.annotations / LEARNED).with_suffix(".state").exists()  # other images may begin as shipped
