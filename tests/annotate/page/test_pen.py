"""The page's own modules in a real browser: what the pen makes of a stroke, and how strokes get out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from tests.annotate.page.pens import RADIUS, drag, pen_world, press_pen
from tests.annotate.page.worlds import PAGE


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a pen on a made-up viewer, its files straight from the folder."""
    with pen_world(browser) as page:
        yield page


def _did(page: Page, what: str) -> Any:
    return page.evaluate(f"did.{what}")


def _module(page: Page, name: str, script: str, *arguments: Any) -> Any:
    """Run a function of a module: the script is its body, `m` the module, `a` the arguments."""
    return page.evaluate(f"async (a) => {{ const m = await import('/page/{name}.js'); {script} }}", list(arguments))


def _distances(points: NDArray[np.float64], path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each point (N, 2) is from a path (M, 2)."""
    starts, ends = path[:-1], path[1:]
    along = ends - starts
    share = ((points[:, None] - starts) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    nearest = starts + share.clip(0, 1)[..., None] * along
    return np.linalg.norm(points[:, None] - nearest, axis=-1).min(axis=1)


def test_stroke_is_sent_in_scan_pixels_with_the_pens_radius(page: Page) -> None:
    drag(page, (100, 50), (140, 90), (200, 90))
    (stroke,) = _did(page, "strokes")
    assert stroke["path_px"] == [[100, 200], [180, 280], [180, 400]]
    assert stroke["radius_px"] == [RADIUS] * 3
    assert stroke["sign"] == 1
    assert list(_did(page, "shown")) == [stroke["client"]]  # it stays on screen until its answer has come


def test_right_button_flips_add_and_erase(page: Page) -> None:
    drag(page, (100, 50), (140, 90), button="right")
    page.evaluate("tools.set({ tool: 'erase' })")
    drag(page, (100, 50), (140, 90))
    drag(page, (100, 50), (140, 90), button="right")
    assert [stroke["sign"] for stroke in _did(page, "strokes")] == [-1, -1, 1]


def test_shift_makes_a_stroke_straight(page: Page) -> None:
    page.keyboard.down("Shift")
    drag(page, (100, 50), (140, 190), (200, 50))
    assert _did(page, "strokes")[0]["path_px"] == [[100, 200], [100, 400]]


def test_cancelled_stroke_is_neither_sent_nor_left_on_screen(page: Page) -> None:
    page.mouse.move(100, 50)
    page.mouse.down()
    page.mouse.move(150, 80)
    assert _did(page, "shown") != {}
    page.evaluate("pen.cancel()")
    page.mouse.move(180, 80)
    page.mouse.up()
    assert _did(page, "strokes") == []
    assert _did(page, "shown") == {}


def test_pens_pressure_widens_the_line_and_a_mouse_has_none(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    press_pen(session, "mousePressed", 100, 50, 0.25)
    press_pen(session, "mouseMoved", 150, 50, 0.5)
    press_pen(session, "mouseMoved", 200, 50, 1.0)
    press_pen(session, "mouseReleased", 200, 50, 0.0)
    radii = _did(page, "strokes")[0]["radius_px"]
    assert radii[0] == pytest.approx(0.7 * RADIUS)
    assert max(radii) == pytest.approx(1.6 * RADIUS)


@pytest.mark.parametrize("way", ["middle", "space"])
def test_middle_button_and_space_move_the_picture(page: Page, way: str) -> None:
    page.evaluate("(held) => tools.set({ hand: held })", way == "space")
    drag(page, (100, 50), (130, 70), button="middle" if way == "middle" else "left")
    assert _did(page, "pans") == [[30, 20]]
    assert _did(page, "strokes") == []


def test_measure_is_in_millimetres(page: Page) -> None:
    page.evaluate("tools.set({ tool: 'measure' })")
    drag(page, (100, 50), (130, 90))
    assert _did(page, "measured") == ["2.50 mm (100 px)"]  # 50 CSS pixels, 100 of the scan, at 40 a millimetre


def test_thinned_stroke_stays_within_the_tolerance_and_the_cap(page: Page) -> None:
    rng = np.random.default_rng(0)
    path = np.cumsum(rng.normal(size=(500, 2)), axis=0)
    script = "const { points } = m.thin(a[0], a[0].map(() => 6), a[1], a[2]); return points"
    thinned = np.array(_module(page, "tools/stroke", script, path.tolist(), 0.25, 20_000))
    assert len(thinned) < len(path)
    assert _distances(path, thinned).max() <= 0.25 + 1e-9
    assert (thinned[[0, -1]] == path[[0, -1]]).all()
    assert len(_module(page, "tools/stroke", script, path.tolist(), 0.25, 100)) <= 100


def test_a_change_of_width_alone_is_kept(page: Page) -> None:
    script = "return m.thin([[0, 0], [0, 5], [0, 10]], a[0]).radii"
    assert _module(page, "tools/stroke", script, [2, 3, 2]) == [2, 3, 2]
    assert _module(page, "tools/stroke", script, [2, 2, 2]) == [2, 2]


def test_stroke_is_sent_again_until_it_is_acknowledged_and_orders_keep_their_turn(page: Page) -> None:
    script = """
        const { Unreachable, Refusal } = await import("/page/core/api.js");
        const told = [];
        const outbox = new m.Outbox((trouble) => trouble && setTimeout(() => outbox.nudge()));
        let tries = 0;
        const stroke = outbox.push(async () => {
          if (++tries < 3) throw new Unreachable();
          told.push("stroke");
          return tries;
        }, { untilDone: true });
        const undo = outbox.push(async () => told.push("undo"));
        const refused = outbox.push(async () => { throw new Refusal(422, "no"); }, { untilDone: true });
        const lost = outbox.push(async () => { throw new Unreachable(); });
        const ends = await Promise.allSettled([stroke, undo, refused, lost]);
        return [told, ends.map((end) => end.status), ends[0].value, outbox.length];
    """
    told, ends, tries, left = _module(page, "core/outbox", script)
    assert told == ["stroke", "undo"]
    assert tries == 3
    assert left == 0
    assert ends == ["fulfilled", "fulfilled", "rejected", "rejected"]


def test_unsent_strokes_outlive_the_page(page: Page) -> None:
    keep = "new m.UnsentStrokes('mirror', 'scan').keep({ client: a[0], sign: 1 })"
    _module(page, "core/outbox", keep, "one")
    page.reload()
    left = "const kept = new m.UnsentStrokes('mirror', a[0]); const all = kept.all(); kept.forget('one'); return all"
    assert _module(page, "core/outbox", left, "another scan") == []
    assert [stroke["client"] for stroke in _module(page, "core/outbox", left, "scan")] == ["one"]
    assert _module(page, "core/outbox", left, "scan") == []


def test_next_place_walks_from_the_worst_on_and_leaves_out_what_is_done(page: Page) -> None:
    script = """
        const places = new m.Places({ cell: 256, grid: [[], [], [], []], reopened: [], next: 1, ...a[0] });
        return [1, 2, 3, 4, 5].map(() => places.next());
    """
    open_, worst = ["", "", "", ""], [10, 900, 50, 0]
    assert _module(page, "core/places", script, {"wrong": worst, "state": open_}) == [1, 2, 0, 3, 1]
    unknown = {"wrong": [None] * 4, "state": open_, "next": 0}
    assert _module(page, "core/places", script, unknown) == [0, 1, 2, 3, 0]
    some = {"wrong": worst, "state": ["", "seen", "corrected", ""], "next": 0}
    assert _module(page, "core/places", script, some) == [0, 3, 0, 3, 0]
    done = {"wrong": worst, "state": ["seen"] * 4, "next": None}
    assert _module(page, "core/places", script, done) == [None] * 5


def test_every_key_has_one_meaning_and_every_action_is_there(page: Page) -> None:
    keys = [key for _, group in _module(page, "tools/keys", "return m.KEYS") for key in group]
    names = [name for key in keys for name in key["keys"]]
    assert len(names) == len(set(names))
    source = (PAGE / "tools" / "commands.js").read_text()
    missing = [key["action"] for key in keys if f"{key['action']}:" not in source and key["action"][:5] != "layer"]
    assert missing == []


def test_keys_are_left_to_fields_and_held_ones_end_when_the_window_is_left(page: Page) -> None:
    script = """
        window.pressed = [];
        const note = (name) => (down) => pressed.push([name, down]);
        new m.Keyboard({ add: note("add"), flip: note("flip"), redo: note("redo"), hand: note("hand") });
        document.body.insertAdjacentHTML("beforeend", "<input id='field'>");
    """
    _module(page, "tools/keys", script)
    page.focus("#field")
    page.keyboard.press("b")
    page.focus("#surface")
    page.keyboard.press("b")
    page.keyboard.press("Shift+Z")
    page.keyboard.press("Control+y")
    page.keyboard.down("x")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.keyboard.up("x")
    expected = [["add", True], ["redo", True], ["redo", True], ["flip", True], ["flip", False]]
    assert page.evaluate("pressed") == expected, json.dumps(page.evaluate("pressed"))
