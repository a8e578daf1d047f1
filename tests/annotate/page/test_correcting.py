"""A user corrects a drawing: strokes, answers, undo."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_array_equal
from playwright.sync_api import expect

from interaction.prompts.strokes import ADD, ERASE
from tests.annotate.page.seen import covered, require_shown, require_strokes
from tests.annotate.page.whole import BEGUN, LINE, Site


def refined(site: Site) -> list[bool]:
    """Of each answer in the log, whether the model gave it."""
    return [not event.body["bare"] for event in site.events("change")]


def test_stroke_that_adds_and_one_that_erases_are_refined(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    for done, sign in enumerate((ADD, ERASE), 1):
        before, stroke = site.drawing(), site.mistake(sign)
        tab.page.click("#tool-add" if sign == ADD else "#tool-erase")
        tab.draw(stroke.path_px)
        tab.answered()
        require_strokes(tab, done)
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
        require_strokes(tab, left)
        assert_array_equal(site.drawing(), states[left])
        require_shown(site, tab)
    expect(tab.page.locator("#undo")).to_be_disabled()
    for done in (1, 2):
        tab.page.click("#redo")
        require_strokes(tab, done)
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
    require_strokes(tab, 2)
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
