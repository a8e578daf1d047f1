"""A user goes from place to place, says which look right, and takes that back."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect

from interaction.prompts.strokes import ADD
from tests.annotate.page.seen import require_strokes
from tests.annotate.page.whole import BEGUN, Site

CORNERS = [[0.0, 0.0], [767.0, 767.0]]
CURRENT = "[...document.querySelectorAll('#places-map button')].findIndex((each) => each.ariaCurrent === 'true')"
LABEL = re.compile(r"Place 2: open, about [\d,]+ wrong pixels? expected")


def place(number: int) -> str:
    """Return the selector of a place on the map, counted from 0."""
    return f"#places-map button >> nth={number}"


def test_a_place_that_is_clicked_on_the_map_is_gone_to_and_arrows_go_on(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    buttons = tab.page.locator("#places-map button")
    assert buttons.count() == 4
    before = tab.screen_of(CORNERS)
    tab.page.click(place(1))
    tab.rest()
    after = tab.screen_of(CORNERS)
    assert np.abs(after - before).max() > 50
    expect(buttons.nth(1)).to_have_attribute("aria-current", "true")
    expect(buttons.nth(1)).to_have_attribute("aria-label", LABEL)

    buttons.nth(1).focus()
    tab.press("ArrowLeft")
    assert tab.page.evaluate("document.activeElement.ariaLabel").startswith("Place 1:")
    assert np.abs(tab.screen_of(CORNERS) - after).max() < 1  # the arrow moved the focus alone
    tab.press("Enter")
    tab.rest()
    expect(buttons.nth(0)).to_have_attribute("aria-current", "true")
    assert np.abs(tab.screen_of(CORNERS) - after).max() > 50


def test_undo_after_looks_right_takes_the_mark_back_and_goes_back_there(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.draw(site.mistake(ADD).path_px)
    tab.answered()
    tab.page.click("#next-place")
    buttons = tab.page.locator("#places-map button")
    first = tab.page.evaluate(CURRENT)
    tab.page.click("#looks-right")
    expect(buttons.nth(first)).to_have_attribute("data-state", "seen")
    expect(buttons.nth(first)).to_have_attribute("aria-current", "false")

    tab.page.click("#undo")
    expect(buttons.nth(first)).not_to_have_attribute("data-state", "seen")
    expect(buttons.nth(first)).to_have_attribute("aria-current", "true")
    require_strokes(tab, 1)  # the stroke before it stays
    tab.page.click("#redo")
    expect(buttons.nth(first)).to_have_attribute("data-state", "seen")

    tab.page.click("#undo")
    expect(buttons.nth(first)).not_to_have_attribute("data-state", "seen")
    tab.page.click("#undo")
    require_strokes(tab, 0)


def test_a_mark_is_taken_back_where_it_was_made(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    buttons, right = tab.page.locator("#places-map button"), tab.page.locator("#looks-right")
    tab.page.click(place(2))
    right.click()
    expect(buttons.nth(2)).to_have_attribute("data-state", "seen")
    tab.page.click(place(2))
    expect(right).to_have_attribute("aria-pressed", "true")
    right.click()
    expect(buttons.nth(2)).to_have_attribute("data-state", "")
    expect(right).to_have_attribute("aria-pressed", "false")
    assert [event.body["right"] for event in site.events("seen")] == [True, False]


def test_progress_says_what_it_counts_on_the_page_and_in_the_list(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    shown = tab.page.locator("#places-shown")
    counted = r"{} of (\d+) places done: {} looked right, 0 corrected; about [\d,]+ wrong pixels expected in the rest"
    expect(shown).to_have_text(re.compile(counted.format(0, 0)))
    tab.page.click("#next-place")
    tab.page.click("#looks-right")
    expect(shown).to_have_text(re.compile(counted.format(1, 1)))
    said = shown.inner_text()
    tab.page.click("#back")
    entry = tab.page.locator(f"[data-mirror={BEGUN}]")
    expect(entry.locator(".mirror-places")).to_have_text(said)
    expect(entry.locator("progress")).to_have_attribute("aria-label", f"{BEGUN}: {said}")
