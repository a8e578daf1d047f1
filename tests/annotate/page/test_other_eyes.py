"""The page in the colours that a system forces, for eyes that tell few colours apart, and on a telephone."""

from __future__ import annotations

from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from bench.page.tab import FRAMES
from tests.annotate.page.whole import BEGUN, UNTOUCHED, Site, decoded

CORNERS = [[0.0, 0.0], [767.0, 767.0]]
PHONES = ((390, 844), (360, 740))  # CSS pixels

# What can be pressed and is shown, with its name and the box in which a finger meets it.
PRESSED = """() => [...document.querySelectorAll("button, a, summary, input, select, [role=slider]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one) => {
    const label = one.matches("input[type=checkbox]") && one.closest("label");
    const { left, top, right, bottom } = (label || one).getBoundingClientRect();
    const own = one.getBoundingClientRect();
    const scrolls = one.closest(".panel-scroll, dialog, #gallery, #start-card") !== null;
    const name = one.id || one.textContent.trim();
    const cell = one.closest("#places-map") !== null; // "Next place" leads to each, too
    return { name, left, top, right, bottom, scrolls, cell, least: Math.min(own.width, own.height) };
  })"""
STYLE = "(one, name) => getComputedStyle(one)[name]"


def _style(one: Locator, name: str) -> str:
    return str(one.evaluate(STYLE, name))


def _luminance(one: Locator) -> float:
    """The mean relative luminance of what is seen within an element's middle, as WCAG 2.2 defines it, in [0, 1]."""
    picture = decoded(one.screenshot(), cv2.IMREAD_COLOR_RGB).astype(float) / 255
    height, width = picture.shape[:2]
    middle = picture[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    linear = np.where(middle <= 0.04045, middle / 12.92, ((middle + 0.055) / 1.055) ** 2.4)
    return float((linear @ [0.2126, 0.7152, 0.0722]).mean())


def test_forced_colours_tell_what_is_pressed_chosen_focused_and_drawn(site: Site) -> None:
    page = site.tab(forced_colors="active").open(BEGUN).page
    page.check("#layer-errors")

    # What is pressed or chosen has the system's own ground of what is selected
    for pressed, other in (("#tool-add", "#tool-pan"), ("#refine-now + span", "#refine-never + span")):
        grounds = [_style(page.locator(one), "background-color") for one in (pressed, other)]
        assert grounds[0] != grounds[1]
    page.click("#tool-erase")
    page.click("#compare")
    for now in ("#tool-erase", "#compare"):
        assert _style(page.locator(now), "background-color") == grounds[0]
    assert _style(page.locator("#tool-add"), "background-color") == grounds[1]

    # The legend keeps the colours of the lines, progress has a frame, the focus an outline
    dots = [_style(one, "background-color") for one in page.locator(".layer:has(input:checked) .swatch").all()]
    drawn, proposed = dots[:3], dots[3:]
    assert drawn == ["rgb(240, 228, 66)", "rgb(86, 180, 233)", "rgb(213, 94, 0)"]
    assert proposed == ["rgb(0, 158, 115)", "rgb(0, 114, 178)"]
    assert _style(page.locator("#progress"), "border-top-width") == "1px"
    page.focus("#tool-pan")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert _style(focused, "outline-style") == "solid"
    assert float(_style(focused, "outline-width").removesuffix("px")) >= 2


@pytest.mark.parametrize("eyes", ["deuteranopia", "protanopia", "achromatopsia"])
def test_drawing_missing_and_superfluous_line_differ_in_lightness_and_superfluous_one_in_its_pattern(
    site: Site, eyes: str
) -> None:
    page = site.tab(device_scale_factor=4).open(BEGUN).page
    page.context.new_cdp_session(page).send("Emulation.setEmulatedVisionDeficiency", {"type": eyes})
    page.check("#layer-errors")
    dots = page.locator(".layer:has(input:checked) .swatch:visible")  # there is no redrawing to be shown
    expect(dots).to_have_count(3)
    seen = [_luminance(one) for one in dots.all()]
    assert seen == sorted(seen, reverse=True)
    for lighter, darker in pairwise(seen):
        assert (lighter + 0.05) / (darker + 0.05) > 1.5
    patterns = [_style(one, "background-image") != "none" for one in dots.all()]
    assert patterns == [False, False, True]


def _require_reachable(page: Page) -> None:
    """Assert that nothing is out of the window, too small for a finger, or covers another."""
    width, height = page.evaluate("[innerWidth, innerHeight]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(PRESSED)
    assert len(boxes) >= 2
    for box in boxes:
        assert box["left"] >= 0, box
        assert box["right"] <= width, box
        assert box["scrolls"] or (box["top"] >= 0 and box["bottom"] <= height), box
        assert box["cell"] or box["bottom"] - box["top"] >= 44, box
        assert box["cell"] or box["right"] - box["left"] >= 44, box
        assert box["least"] >= 24, box
    for one, other in combinations([box for box in boxes if not box["scrolls"]], 2):
        beside = one["right"] <= other["left"] + 0.5 or other["right"] <= one["left"] + 0.5
        assert beside or one["bottom"] <= other["top"] + 0.5 or other["bottom"] <= one["top"] + 0.5, (one, other)


def test_on_a_telephone_everything_can_be_reached_by_a_finger_and_the_picture_has_most_of_the_height(
    site: Site,
) -> None:
    tab = site.tab(has_touch=True, is_mobile=True)
    page = tab.page
    page.set_viewport_size({"width": 390, "height": 844})
    tab.list()
    _require_reachable(page)
    page.goto(f"{site.address}/#/{UNTOUCHED}")
    expect(page.locator("#start-model")).to_be_visible()
    _require_reachable(page)
    tab.open(BEGUN)
    _require_reachable(page)
    surface = page.locator("#surface").bounding_box()
    assert surface is not None
    assert surface["width"] == 390
    assert surface["height"] > 0.75 * 844
    page.tap("#show-panel")
    page.locator("label:has(#layer-errors)").tap()
    expect(page.locator("#fingers")).to_be_visible()
    shown = {box["name"] for box in page.evaluate(PRESSED)}
    assert {"fingers", "layer-errors", "refine-now", "next-place"} <= shown
    _require_reachable(page)


def test_mouse_in_a_narrow_window_finds_the_same(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    for width, height in PHONES:
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.rest()
        _require_reachable(tab.page)


def test_nothing_moves_by_itself_where_less_motion_is_asked_for(site: Site) -> None:
    tab = site.tab(reduced_motion="reduce").open(BEGUN)
    before = tab.screen_of(CORNERS)
    tab.page.keyboard.press("+")
    tab.page.evaluate(FRAMES)
    at_once = tab.screen_of(CORNERS)
    assert np.ptp(at_once[:, 0]) == pytest.approx(1.25 * np.ptp(before[:, 0]), rel=0.01)
    assert tab.rest().screen_of(CORNERS) == pytest.approx(at_once)
    assert tab.page.evaluate("document.getAnimations().length") == 0
