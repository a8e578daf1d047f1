"""A user on the whole page: opening a mirror, what is shown of it, and that it stays as it is."""

from __future__ import annotations

import re

import numpy as np
from numpy.testing import assert_array_equal
from playwright.sync_api import expect

from bench.page.tab import OPEN
from interaction.prompts.strokes import ADD, ERASE
from tests.annotate.page.seen import (
    furthest,
    on_canvas,
    on_screen,
    only_the_drawing,
    require_shown,
    require_strokes,
    to_be_shown,
)
from tests.annotate.page.whole import BEGUN, LINE, UNTOUCHED, Site

STAGE, YELLOW = (211, 209, 204), (240, 228, 66)  # behind the mirror, and the current drawing


def test_list_leads_to_a_mirror_and_back(site: Site) -> None:
    tab = site.tab().list()
    page = tab.page
    expect(page.locator(".mirror-link")).to_have_count(2)
    begun = page.locator(f"[data-mirror={BEGUN}]")
    expect(begun).to_contain_text("Begun")
    expect(page.locator(f"[data-mirror={UNTOUCHED}]")).to_contain_text("Not begun")
    tab.until("() => [...document.querySelectorAll('#mirrors img')].every((one) => one.naturalWidth)")
    begun.click()
    tab.drawable()
    expect(page).to_have_title(BEGUN)
    page.click("#back")
    expect(begun).to_be_visible()
    expect(page.locator("#mirror")).to_be_hidden()


def test_mirror_is_begun_from_the_models_drawing(site: Site) -> None:
    tab = site.tab()
    tab.page.goto(f"{site.address}/#/{UNTOUCHED}")
    for choice in ("model", "otsu", "sauvola", "drawing", "empty"):
        expect(tab.page.locator(f"#start-{choice}")).to_be_visible()
    tab.page.click("#start-model")
    tab.drawable()
    (start,) = site.events("start", name=UNTOUCHED)
    assert start.body["source"] == "model"
    only_the_drawing(tab)
    drawing = site.drawing(name=UNTOUCHED)
    assert (drawing > LINE).mean() > 0.01
    assert furthest(on_canvas(tab), to_be_shown(tab, drawing)) <= 1.5


def test_picture_of_the_page_has_lines_where_the_drawing_has_them(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    only_the_drawing(tab)
    tab.page.evaluate("document.querySelector('#first-lines').hidden = true")  # they lie over it
    shown = []
    for seen, tolerance in (((0, 0, 768, 768), 2.0), ((250, 300, 260, 220), 3.0)):  # a pixel of the model is 1.7, 5.8
        tab.show(*seen)
        tab.page.mouse.move(0, 0)  # no pen over the picture
        shown.append(on_screen(tab, STAGE, YELLOW))
        assert furthest(shown[-1], to_be_shown(tab, site.drawing())) <= tolerance
    assert (shown[0] != shown[1]).mean() > 0.01


def test_wheel_comes_nearer_to_what_is_under_the_pointer(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    place = np.array([[300.0, 420.0]])
    (before,) = tab.screen_of(place)
    widths = [np.ptp(tab.screen_of([[0, 0], [0, 100]])[:, 0])]
    tab.page.mouse.move(*before)
    tab.page.mouse.wheel(0, -400)
    tab.rest()
    widths.append(np.ptp(tab.screen_of([[0, 0], [0, 100]])[:, 0]))
    assert widths[1] > 1.5 * widths[0]
    assert np.linalg.norm(tab.screen_of(place)[0] - before) < 2
    require_shown(site, tab)


def test_next_place_is_shown_and_progress_grows_as_places_look_right(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    progress, corners = tab.page.locator("#progress"), [[0.0, 0.0], [767.0, 767.0]]
    assert float(progress.get_attribute("value") or 0) == 0
    before = tab.screen_of(corners)
    tab.page.click("#next-place")
    tab.rest()
    assert np.abs(tab.screen_of(corners) - before).max() > 50  # it has been gone to
    tab.page.click("#looks-right")
    expect(progress).not_to_have_attribute("value", "0")
    (seen,) = site.events("seen")
    share = float(progress.get_attribute("value") or 0)
    assert 0 < share < 1
    for _ in range(round(1 / share) - 1):
        tab.page.click("#looks-right")
    expect(progress).to_have_attribute("value", "1")
    cells = [event.body["cell"] for event in site.events("seen")]
    assert cells[0] == seen.body["cell"]
    assert sorted(cells) == list(range(len(cells)))
    tab.page.click("#back")
    expect(tab.page.locator(f"[data-mirror={BEGUN}]")).to_contain_text("All places done")


def test_reloaded_page_shows_the_same_drawing(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.draw(site.mistake(ADD).path_px)
    tab.answered()
    before = on_canvas(tab)
    tab.page.reload()
    tab.drawable()
    require_strokes(tab, 1)
    assert_array_equal(on_canvas(tab), before)
    require_shown(site, tab)


def test_two_tabs_stay_in_step(site: Site) -> None:
    one = site.tab().open(BEGUN)
    other = site.tab(beside=one).open(BEGUN)
    before = on_canvas(other)
    one.page.bring_to_front()  # a browser lets tabs that nobody sees rest
    one.draw(site.mistake(ADD).path_px)
    one.answered()
    other.page.bring_to_front()
    require_strokes(other, 1)
    assert_array_equal(on_canvas(other), on_canvas(one))
    assert (on_canvas(other) != before).any()
    other.press("z")
    require_strokes(one, 0)
    assert_array_equal(on_canvas(one), before)
    expect(one.page.locator("#redo")).to_be_enabled()


def test_held_key_shows_the_initial_drawing(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.draw(site.mistake(ERASE).path_px, button="right")
    tab.answered()
    current, initial = (tab.page.locator(f"[data-canvas={name}]") for name in ("current", "initial"))
    tab.page.keyboard.down("c")
    expect(tab.page.locator("#comparing")).to_be_visible()
    expect(initial).to_be_visible()
    expect(current).to_be_hidden()
    tab.page.keyboard.up("c")
    expect(current).to_be_visible()
    expect(initial).to_be_hidden()


def test_without_models_it_is_a_plain_drawing_page(closed_site: Site) -> None:
    from annotate.library.model_service import ModelService

    with closed_site.serving(ModelService(None, None, closed_site.config)):
        tab = closed_site.tab()
        tab.page.goto(f"{closed_site.address}/#/{UNTOUCHED}")
        tab.page.wait_for_selector("#start-empty:visible")
        expect(tab.page.locator("#start-model")).to_be_hidden()
        tab.page.click("#start-empty")
        tab.drawable()
        expect(tab.page.locator("#model-state")).to_have_text(re.compile("plain drawing page"))
        expect(tab.page.locator("#refine-mode")).to_be_hidden()
        tab.draw([[300.0, 300.0], [380.0, 420.0]])
        tab.answered()
        require_strokes(tab, 1)
        drawing = closed_site.drawing(name=UNTOUCHED)
        assert 100 < (drawing > LINE).sum() < 2000
        assert furthest(on_canvas(tab), to_be_shown(tab, drawing)) <= 1.5
        tab.page.click("#undo")
        require_strokes(tab, 0)
        assert not closed_site.drawing(name=UNTOUCHED).any()


def test_whole_walk_by_keyboard_alone(site: Site) -> None:
    tab = site.tab().list()
    page, focused = tab.page, "document.activeElement.id || document.activeElement.dataset.mirror"

    def go_to(what: str, most: int = 40) -> None:
        for _ in range(most):
            if page.evaluate(focused) == what:
                return
            tab.press("Tab")
        raise AssertionError(f"{most} times Tab did not lead to {what}")

    go_to(UNTOUCHED)
    tab.press("Enter")
    page.wait_for_selector("#start-model:visible")
    go_to("start-model")
    tab.press("Enter")
    tab.drawable()
    assert page.evaluate(focused) == "surface"  # the keys are the picture's at once
    zoom = page.inner_text("#zoom")
    tab.press("+")
    tab.rest()
    assert page.inner_text("#zoom") != zoom
    tab.press("n")
    tab.press("s")
    expect(page.locator("#progress")).not_to_have_attribute("value", "0")
    tab.press("e")
    expect(page.locator("#tool-erase")).to_have_attribute("aria-pressed", "true")
    tab.press("1")
    expect(page.locator("#layer-depth")).not_to_be_checked()
    tab.press("?")
    expect(page.locator("#help")).to_be_visible()
    tab.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.evaluate("document.querySelector('#export summary').focus()")
    tab.press("Enter")
    go_to("export-csv", 6)
    with page.expect_download():
        tab.press("Enter")
    page.evaluate("document.querySelector('#back').focus()")
    tab.press("Enter")
    expect(page.locator(f"[data-mirror={UNTOUCHED}]")).to_be_visible()


def test_hidden_behind_nothing_at_the_sizes_that_it_is_made_for(site: Site) -> None:
    tab = site.tab(has_touch=True).open(BEGUN)
    outside = """() => [...document.querySelectorAll("#mirror :is(button, a, summary, input, [role=slider])")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".panel-scroll"))
        .filter((one) => {
          const { left, top, right, bottom } = one.getBoundingClientRect();
          return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
        }).map((one) => one.id)"""
    for width, height in ((1280, 720), (1024, 768), (768, 1024)):  # the least screen, and a tablet either way up
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.rest()
        assert tab.page.evaluate(outside) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        surface = tab.page.locator("#surface").bounding_box()
        assert surface is not None
        assert surface["width"] * surface["height"] > 0.5 * width * height
    assert tab.page.locator(OPEN).count() == 1
