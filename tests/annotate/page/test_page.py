"""A person at the whole page: what is drawn, what is answered, what is seen of it, and what comes out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.testing import assert_array_equal
from playwright.sync_api import expect
from pypdf import PdfReader

from bench.page.tab import OPEN, Tab
from data.storage import PreparedSet
from journal.replay import replayed
from journal.tables import read_json
from simulation.strokes import ADD, ERASE
from tests.annotate.page.whole import (
    BEGUN,
    LINE,
    UNTOUCHED,
    Site,
    covered,
    furthest,
    on_canvas,
    on_screen,
    only_the_drawing,
    prepare,
    to_be_shown,
)

STAGE, YELLOW = (211, 209, 204), (240, 228, 66)  # behind the mirror, and the current drawing


def count(tab: Tab, strokes: int) -> None:
    expect(tab.page.locator("#strokes")).to_have_text(f"{strokes} stroke{'' if strokes == 1 else 's'}")


def require_shown(site: Site, tab: Tab) -> None:
    """Assert that the drawing's canvas shows what the server has."""
    tab.rest()
    assert furthest(on_canvas(tab), to_be_shown(tab, site.drawing())) <= 1.5


def refined(site: Site) -> list[bool]:
    """Of each answer in the log, whether the model gave it."""
    return [not event.body["bare"] for event in site.events("change")]


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
    for choice in ("model", "drawing", "empty"):
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
    shown = []
    for seen in ((0, 0, 768, 768), (250, 300, 260, 220)):
        tab.show(*seen)
        tab.page.mouse.move(0, 0)  # no pen over the picture
        shown.append(on_screen(tab, STAGE, YELLOW))
        assert furthest(shown[-1], to_be_shown(tab, site.drawing())) <= 2.0
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


def test_stroke_that_adds_and_one_that_erases_are_refined(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    for done, sign in enumerate((ADD, ERASE), 1):
        before, stroke = site.drawing(), site.mistake(sign)
        tab.page.click("#tool-add" if sign == ADD else "#tool-erase")
        tab.draw(stroke.path_px)
        tab.answered()
        count(tab, done)
        after = site.drawing()
        turned = (after > LINE) != (before > LINE)
        assert (turned & covered(stroke, after)).any()
        assert ((after > LINE) == (sign == ADD))[covered(stroke, after)].mean() > 0.8
        require_shown(site, tab)
    drawn, erased = site.events("stroke")
    assert [event.body["stroke"]["sign"] for event in (drawn, erased)] == [ADD, ERASE]
    assert refined(site) == [True, True]


def test_stroke_lies_in_the_log_where_the_pointer_went(site: Site) -> None:
    tab = site.tab().open(BEGUN).show(200, 200, 300, 300)
    path = [[260.0, 250.0], [330.0, 320.0], [300.0, 400.0]]
    tab.draw(path)
    tab.answered()
    (event,) = site.events("stroke")
    written = np.array(event.body["stroke"]["path_px"])
    pixel = 1 / np.ptp(tab.screen_of([[0, 0], [0, 1]])[:, 0])  # of the window, in those of the scan
    for corner in path:
        assert np.linalg.norm(written - corner, axis=1).min() <= pixel


def test_undo_and_redo_bring_back_exactly_what_was(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    states = [site.drawing()]
    for sign in (ADD, ERASE):
        tab.draw(site.mistake(sign).path_px, button="right" if sign == ERASE else "left")
        tab.answered()
        states.append(site.drawing())
    for left in (1, 0):
        tab.page.click("#undo")
        count(tab, left)
        assert_array_equal(site.drawing(), states[left])
        require_shown(site, tab)
    expect(tab.page.locator("#undo")).to_be_disabled()
    for done in (1, 2):
        tab.page.click("#redo")
        count(tab, done)
        assert_array_equal(site.drawing(), states[done])
    expect(tab.page.locator("#redo")).to_be_disabled()
    require_shown(site, tab)


def test_of_an_answer_the_stroke_alone_can_be_kept(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    before, stroke = site.drawing(), site.mistake(ADD)
    tab.draw(stroke.path_px)
    tab.answered()
    tab.page.click("#keep")
    expect(tab.page.locator("#keep")).to_be_disabled()
    kept = site.drawing()
    assert refined(site) == [True, False]
    turned = (kept > LINE) != (before > LINE)
    assert turned.any()
    drawn = np.array(site.events("stroke")[0].body["stroke"]["path_px"]) / 2
    nearest = np.linalg.norm(np.argwhere(turned)[:, None] - drawn, axis=2).min(axis=1)
    assert nearest.max() < 12  # model pixels: nothing further from the pen's way than its own width
    require_shown(site, tab)


def test_strokes_are_refined_on_request(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.page.locator("label:has(#refine-request)").click()
    for seed in (0, 1):
        tab.draw(site.mistake(ADD, seed).path_px)
        tab.answered()
    assert refined(site) == [False, False]
    expect(tab.page.locator("#refine")).to_have_text("Refine 2 strokes")
    tab.page.click("#refine")
    expect(tab.page.locator("#refine")).to_be_disabled()
    assert refined(site)[2:] == [True, True]
    count(tab, 2)
    require_shown(site, tab)


def test_strokes_are_never_refined_if_so_wished(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.page.locator("label:has(#refine-never)").click()
    tab.draw(site.mistake(ADD).path_px)
    tab.answered()
    assert refined(site) == [False]
    expect(tab.page.locator("#refine")).to_be_disabled()
    tab.page.reload()
    tab.drawable()
    expect(tab.page.locator("#refine-never")).to_be_checked()  # remembered


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
    expect(tab.page.locator(f"[data-mirror={BEGUN}]")).to_contain_text("All looked at")


def test_reloaded_page_shows_the_same_drawing(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.draw(site.mistake(ADD).path_px)
    tab.answered()
    before = on_canvas(tab)
    tab.page.reload()
    tab.drawable()
    count(tab, 1)
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
    count(other, 1)
    assert_array_equal(on_canvas(other), on_canvas(one))
    assert (on_canvas(other) != before).any()
    other.press("z")
    count(one, 0)
    assert_array_equal(on_canvas(one), before)
    expect(one.page.locator("#redo")).to_be_enabled()


def test_held_key_shows_the_initial_drawing(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.draw(site.mistake(ERASE).path_px, button="right")
    tab.answered()
    current, initial = (tab.page.locator(f"[data-sheet={name}]") for name in ("current", "initial"))
    tab.page.keyboard.down("c")
    expect(tab.page.locator("#comparing")).to_be_visible()
    expect(initial).to_be_visible()
    expect(current).to_be_hidden()
    tab.page.keyboard.up("c")
    expect(current).to_be_visible()
    expect(initial).to_be_hidden()


def exported(tab: Tab, kind: str, folder: Path) -> Path:
    """Export by the page's menu, and return the file that the browser has saved."""
    tab.page.click("#export summary")
    with tab.page.expect_download() as begun:
        tab.page.click(f"#export-{kind}")
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    return path


def test_exports_can_be_used(site: Site, tmp_path: Path) -> None:
    tab = site.tab().open(BEGUN)
    for sign in (ADD, ERASE):
        tab.draw(site.mistake(sign).path_px, button="right" if sign == ERASE else "left")
        tab.answered()
    files = {kind: exported(tab, kind, tmp_path / "out") for kind in ("png", "svg", "pdf", "csv", "json")}
    drawing, view = site.drawing(), site.view()

    # the drawing, in the place of the one that the mirror came with, is what it is trained on
    config = replace(site.config, root=tmp_path / "root", storage=tmp_path / "storage")
    for source in site.config.root.rglob(f"{BEGUN.removesuffix('_R')}*"):
        if source.is_file():
            target = config.root / source.relative_to(site.config.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    assert files["png"].name == f"{BEGUN}_drawings.png"
    (config.root / "drawings" / files["png"].name).write_bytes(files["png"].read_bytes())
    prepare(config)
    truth = PreparedSet.open(config.storage, "mirrors").view(BEGUN).truth
    assert (truth != ((drawing > LINE) & view.mask)).mean() < 0.01
    assert truth[(drawing > 190) & view.mask].mean() > 0.99
    assert (drawing[truth] > 60).mean() > 0.99

    picture = ET.parse(files["svg"]).getroot()
    assert picture.get("width") == f"{view.shape[1] / 40:.3f}mm"
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) > 5
    (sheet,) = PdfReader(files["pdf"]).pages
    assert re.search(r"\d [cm]m", sheet.extract_text())  # of the scale bar
    assert len(files["csv"].read_text().splitlines()) > 2
    again = replayed(read_json(files["json"])).current
    assert_array_equal(np.rint(255 * again), site.drawing())


def test_without_models_it_is_a_plain_drawing_page(closed_site: Site) -> None:
    from annotate.engine import Engine

    with closed_site.serving(Engine(None, None, closed_site.config)):
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
        count(tab, 1)
        drawing = closed_site.drawing(name=UNTOUCHED)
        assert 100 < (drawing > LINE).sum() < 2000
        assert furthest(on_canvas(tab), to_be_shown(tab, drawing)) <= 1.5
        tab.page.click("#undo")
        count(tab, 0)
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
