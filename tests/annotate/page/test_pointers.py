"""Which pointer draws, moves the picture or zooms, in a real browser: buttons, wheel, fingers, a pen and its hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from bench.page.tab import FRAMES
from tests.annotate.page.pens import pen_world, press_pen, touch
from tests.annotate.page.seen import require_strokes
from tests.annotate.page.whole import BEGUN, Site

LIFT_SECOND = """() => {
  const up = new PointerEvent("pointerup", { pointerId: [...pen.fingers.keys()][1], pointerType: "touch" });
  document.getElementById("surface").dispatchEvent(up);
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with pen_world(browser) as page:
        yield page


@pytest.fixture
def session(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _did(page: Page, what: str) -> Any:
    return page.evaluate(f"did.{what}")


def _strokes(page: Page) -> list[tuple[int, list[list[float]]]]:
    """Sign and path, in CSS pixels as (x, y), of each stroke that was sent."""
    return [(one["sign"], [[x / 2, y / 2] for y, x in one["path_px"]]) for one in _did(page, "strokes")]


def _swipe(session: CDPSession) -> None:
    for kind, *places in (("touchStart", (100, 50)), ("touchMove", (150, 60)), ("touchMove", (200, 70)), ("touchEnd",)):
        touch(session, kind, *places)


@pytest.mark.parametrize(("first", "second", "signs"), [("left", "right", [1, -1]), ("right", "left", [-1, 1])])
def test_button_pressed_before_the_other_is_let_go_begins_a_stroke_of_its_own(
    page: Page, first: Any, second: Any, signs: list[int]
) -> None:
    page.mouse.move(100, 50)
    page.mouse.down(button=first)
    page.mouse.move(140, 50)
    page.mouse.down(button=second)
    page.mouse.move(180, 90)
    page.mouse.up(button=first)
    page.mouse.move(180, 150)
    page.mouse.up(button=second)
    assert _strokes(page) == [(signs[0], [[100, 50], [140, 50], [180, 90]]), (signs[1], [[180, 90], [180, 150]])]
    assert sorted(_did(page, "shown")) == sorted(one["client"] for one in _did(page, "strokes"))


def test_button_clicked_while_another_draws_neither_ends_the_stroke_nor_adds_one(page: Page) -> None:
    page.mouse.move(100, 50)
    page.mouse.down()
    page.mouse.down(button="right")
    page.mouse.up(button="right")
    page.mouse.down(button="middle")
    page.mouse.up(button="middle")
    page.mouse.move(140, 50)
    page.mouse.up()
    assert _strokes(page) == [(1, [[100, 50], [140, 50]])]
    assert _did(page, "pans") == []


@pytest.mark.parametrize(
    "how",
    [
        "dispatchEvent(new Event('blur'))",  # Alt and Tab
        "surface.dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1, pointerType: 'mouse' }))",
        "surface.dispatchEvent(new PointerEvent('pointermove', { pointerId: 1, pointerType: 'mouse', clientX: 9 }))",
        "pen.stop()",
    ],
)
def test_stroke_whose_pointer_is_taken_away_is_sent_as_far_as_it_was_drawn(page: Page, how: str) -> None:
    page.mouse.move(100, 50)
    page.mouse.down()
    page.mouse.move(140, 50)
    page.evaluate(f"() => {{ const surface = document.getElementById('surface'); {how} }}")
    page.mouse.move(140, 200)
    page.mouse.up()
    assert _strokes(page) == [(1, [[100, 50], [140, 50]])]


def test_stroke_goes_on_where_the_browser_lets_the_pointer_go(page: Page) -> None:
    page.mouse.move(100, 50)
    page.mouse.down()
    page.mouse.move(140, 50)
    page.evaluate("document.getElementById('surface').releasePointerCapture(1)")
    page.mouse.move(700, 50)
    page.mouse.move(500, 90)
    page.mouse.up()
    assert [path[-1] for _, path in _strokes(page)] == [[500, 90]]


def test_mouse_that_leaves_the_window_draws_on(page: Page) -> None:
    page.mouse.move(500, 50)
    page.mouse.down()
    page.mouse.move(700, 50)
    page.mouse.move(500, 90)
    page.mouse.up()
    assert _strokes(page)[0][1][-1] == [500, 90]
    assert len(_strokes(page)) == 1


@pytest.mark.parametrize(
    ("wheel", "factor"),
    [
        ({"deltaY": -120}, 1.2),  # a notch, in pixels, lines and pages, with Ctrl and without
        ({"deltaY": -3, "deltaMode": 1}, 1.2),
        ({"deltaY": -1, "deltaMode": 2}, 1.2),
        ({"deltaY": -120, "ctrlKey": True}, 1.2),
        ({"deltaY": -100, "ctrlKey": True}, 1.2),
        ({"deltaY": 100, "ctrlKey": True}, 1 / 1.2),
        ({"deltaY": -3, "deltaMode": 1, "ctrlKey": True}, 1.2),
        ({"deltaY": -240, "ctrlKey": True}, 1.44),  # two at once
        ({"deltaY": -2, "ctrlKey": True}, 1.02),  # a step of a pinch on a touch pad
        ({"deltaY": 1.5, "ctrlKey": True}, 1 / 1.015),
        ({"deltaY": -5000}, 2),  # a wheel that runs free
        ({"deltaY": -5000, "ctrlKey": True}, 2),
        ({"deltaX": 50, "deltaY": 0}, 1),
    ],
)
def test_wheel_zooms_by_a_fifth_a_notch_and_a_pinch_by_small_steps(
    page: Page, wheel: dict[str, Any], factor: float
) -> None:
    script = """(wheel) => {
      const event = new WheelEvent("wheel", { ...wheel, clientX: 120, clientY: 80, cancelable: true });
      document.getElementById("surface").dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert page.evaluate(script, wheel)  # the browser zooms nothing besides
    assert _did(page, "zooms") == [pytest.approx(factor, rel=0.005)]
    assert _did(page, "centres") == [{"x": 120, "y": 80}]


def test_a_finger_moves_the_picture_until_it_is_told_to_draw(page: Page, session: CDPSession) -> None:
    _swipe(session)
    assert _strokes(page) == []
    assert np.sum(_did(page, "pans"), axis=0).tolist() == pytest.approx([100, 20], abs=20)  # a touch has to move first
    assert _did(page, "fingers") == 1  # it is said why nothing is drawn
    page.evaluate("tools.set({ fingers: true })")
    _swipe(session)
    assert len(_strokes(page)) == 1


def test_a_finger_measures_when_that_is_chosen(page: Page, session: CDPSession) -> None:
    page.evaluate("tools.set({ tool: 'measure' })")
    _swipe(session)
    assert len(_did(page, "measured")) == 1
    assert _did(page, "pans") == []


@pytest.mark.parametrize("fingers", [True, False])
def test_two_fingers_zoom_and_never_draw_and_the_last_one_moves_on(
    page: Page, session: CDPSession, fingers: bool
) -> None:
    page.evaluate("(fingers) => tools.set({ fingers })", fingers)
    touch(session, "touchStart", (200, 200))
    touch(session, "touchMove", (225, 205))
    touch(session, "touchStart", (225, 205), (325, 205))
    touch(session, "touchMove", (175, 205), (375, 205))
    page.evaluate(FRAMES)
    assert np.prod(_did(page, "zooms")) == pytest.approx(2, rel=0.05)
    page.evaluate(LIFT_SECOND)
    page.evaluate("did.pans.length = 0")
    touch(session, "touchMove", (215, 225))
    touch(session, "touchEnd")
    assert np.sum(_did(page, "pans"), axis=0).tolist() == pytest.approx([40, 20], abs=1)
    assert _strokes(page) == []
    assert _did(page, "shown") == {}


def test_touch_that_the_system_takes_away_counts_for_nothing(page: Page, session: CDPSession) -> None:
    page.evaluate("tools.set({ fingers: true })")
    touch(session, "touchStart", (200, 200))
    touch(session, "touchMove", (250, 205))
    assert _did(page, "shown") != {}
    touch(session, "touchCancel")
    assert _strokes(page) == []
    assert _did(page, "shown") == {}


def test_hand_that_holds_a_pen_neither_draws_nor_moves_the_picture(page: Page, session: CDPSession) -> None:
    # Given fingers that draw, and a hand on the picture before its pen has been seen
    page.evaluate("tools.set({ fingers: true })")
    touch(session, "touchStart", (300, 300))
    touch(session, "touchMove", (320, 310))

    # When the pen draws while the hand moves and a knuckle comes down beside it
    press_pen(session, "mousePressed", 100, 50, 0.5)
    touch(session, "touchMove", (340, 320))
    touch(session, "touchStart", (340, 320), (380, 330))
    press_pen(session, "mouseMoved", 150, 50, 0.5)
    touch(session, "touchMove", (360, 330), (420, 340))
    press_pen(session, "mouseReleased", 150, 50, 0.0)
    touch(session, "touchEnd")

    # Then the pen's stroke is all there is
    ((sign, path),) = _strokes(page)
    assert sign == 1
    assert [path[0], path[-1]] == [[100, 50], [150, 50]]
    assert list(_did(page, "shown")) == [_did(page, "strokes")[0]["client"]]
    assert _did(page, "pans") == []
    assert _did(page, "zooms") == []

    # And from then on fingers move the picture; what lay there before is forgotten
    assert not page.evaluate("tools.fingers")
    _swipe(session)
    assert len(_strokes(page)) == 1
    assert np.sum(_did(page, "pans"), axis=0).tolist() == pytest.approx([100, 20], abs=20)
    assert _did(page, "zooms") == []


def test_pen_that_is_only_near_ends_what_its_hand_draws(page: Page, session: CDPSession) -> None:
    page.evaluate("tools.set({ fingers: true })")
    touch(session, "touchStart", (300, 300))
    touch(session, "touchMove", (340, 310))
    near = {"type": "mouseMoved", "x": 100, "y": 50, "pointerType": "pen"}
    session.send("Input.dispatchMouseEvent", near)
    touch(session, "touchMove", (380, 320))
    touch(session, "touchEnd")
    assert _strokes(page) == []
    assert _did(page, "shown") == {}


def test_on_the_page_a_finger_moves_the_mirror_and_draws_once_the_panel_says_so(site: Site) -> None:
    # Given a page on a screen that is touched
    tab = site.tab(has_touch=True).open(BEGUN)
    page = tab.page
    session = page.context.new_cdp_session(page)
    x, y = before = tab.screen_of([[300.0, 300.0]])[0]

    def swipe() -> None:
        for kind, *places in (("touchStart", (x, y)), ("touchMove", (x + 40, y + 10)), ("touchMove", (x + 80, y + 20))):
            touch(session, kind, *places)
        touch(session, "touchEnd")
        tab.rest()

    # When a finger is drawn over it, then it moves, and the page says why nothing is drawn: at first in its first lines
    expect(page.locator("#first-lines")).to_contain_text("A finger draws")
    page.evaluate("document.querySelector('#first-lines').hidden = true")  # as for somebody who has drawn before
    swipe()
    assert (tab.screen_of([[300.0, 300.0]])[0] - before).tolist() == pytest.approx([80, 20], abs=20)
    expect(page.locator("#notices")).to_contain_text("A finger draws")
    require_strokes(tab, 0)

    # When the finger is told to draw, then it does
    page.check("#fingers")
    swipe()
    require_strokes(tab, 1)
