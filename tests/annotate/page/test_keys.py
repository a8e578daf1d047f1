"""Keys, in a real browser: what they do wherever the focus is, and on whatever keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.annotate.page.whole import BEGUN, Site
from tests.annotate.page.worlds import world

WORLD = """
<!doctype html><div id="surface" tabindex="0"></div>
<button id="button">x</button><a id="link" href="#elsewhere">x</a>
<details id="details"><summary id="summary">x</summary></details><div id="light" role="slider" tabindex="0">x</div>
<input id="box" type="checkbox" /><input id="width" type="range" min="0" max="100" value="50" />
<input id="now" type="radio" name="refine" checked /><input id="request" type="radio" name="refine" />
<input id="never" type="radio" name="refine" /><input id="field" />
<dialog id="help"><button id="close">x</button></dialog>
<script type="module">
  import { KEYS, Keyboard } from "/page/tools/keys.js";
  window.did = [];
  window.picture = true;
  const note = (name) => [name, (down) => did.push(down ? name : `${name} ends`)];
  const actions = Object.fromEntries(KEYS.flatMap(([, keys]) => keys.map(({ action }) => note(action))));
  new Keyboard(actions, () => picture);
  document.addEventListener("click", ({ target }) => did.push(`click ${target.id}`));
  document.addEventListener("input", ({ target }) => did.push(`input ${target.id}`));
  window.type = (key, code, more = {}) => {
    did.length = 0;
    const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
    document.getElementById("surface").dispatchEvent(event);
    return [did.join(), event.defaultPrevented];
  };
  window.ready = true;
</script>
"""
CONTROLS = ("surface", "button", "link", "summary", "light", "box", "width", "now")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with world(browser, WORLD) as page:
        yield page


def _did(page: Page) -> Any:
    return page.evaluate("did.splice(0)")


@pytest.mark.parametrize("focused", CONTROLS)
def test_space_and_arrows_move_the_picture_wherever_the_focus_is(page: Page, focused: str) -> None:
    page.focus(f"#{focused}")
    _did(page)
    page.keyboard.press(" ")
    assert _did(page) == ["hand", "hand ends"]
    for arrow in ("Left", "Right", "Up", "Down"):
        page.keyboard.press(f"Arrow{arrow}")
    assert _did(page) == ["left", "right", "up", "down"]
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+ ")
    assert _did(page) == ["hand", "hand ends"]
    assert page.input_value("#width") == "50"
    assert page.is_checked("#now")
    assert page.get_attribute("#details", "open") is None


def test_space_and_arrows_are_the_controls_own_where_there_is_no_picture_yet(page: Page) -> None:
    page.evaluate("picture = false")
    page.focus("#button")
    page.keyboard.press(" ")
    page.focus("#width")
    page.keyboard.press("ArrowRight")
    assert _did(page) == ["click button", "input width"]
    page.evaluate("picture = true; width.value = 50")


def test_field_keeps_its_keys_and_so_does_an_open_dialog(page: Page) -> None:
    page.focus("#field")
    for key in ("b", " ", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.input_value("#field") == "b "
    page.evaluate("help.showModal()")
    page.keyboard.press("b")
    page.keyboard.press(" ")
    page.evaluate("help.close(); field.value = ''")
    assert [what for what in _did(page) if not what.startswith("input")] == ["click close"]


def test_enter_chooses_and_page_keys_slide(page: Page) -> None:
    page.focus("#box")
    page.keyboard.press("Enter")
    assert page.is_checked("#box")
    page.focus("#now")
    chosen = []
    for _ in range(3):
        page.keyboard.press("Enter")
        chosen.append(page.evaluate("document.querySelector('[name=refine]:checked').id"))
        assert page.evaluate("document.activeElement.id") == chosen[-1]
    assert chosen == ["request", "never", "now"]
    page.focus("#width")
    page.keyboard.press("PageUp")
    assert float(page.input_value("#width")) > 50
    page.keyboard.press("Home")
    assert page.input_value("#width") == "0"
    page.evaluate("width.value = 50")
    _did(page)


CTRL, SHIFT = {"ctrlKey": True}, {"shiftKey": True}
ALTERNATE = {"ctrlKey": True, "altKey": True, "modifierAltGraph": True}  # as Windows tells AltGr


@pytest.mark.parametrize(
    ("key", "code", "more", "does"),
    [
        # Russian, Greek, Ukrainian, Hebrew, Arabic, Korean, Georgian: by the key's place
        ("я", "KeyZ", CTRL, "undo"),
        ("Я", "KeyZ", CTRL | SHIFT, "redo"),
        ("н", "KeyY", CTRL, "redo"),
        ("у", "KeyE", {}, "erase"),  # noqa: RUF001
        ("У", "KeyE", {}, "erase"),  # noqa: RUF001
        ("х", "BracketLeft", {}, "thinner"),  # noqa: RUF001
        ("ю", "Period", {}, "thicker"),
        ("ζ", "KeyZ", {}, "undo"),
        ("Ζ", "KeyZ", SHIFT, "redo"),  # noqa: RUF001
        ("ε", "KeyE", {}, "erase"),
        ("ψ", "KeyC", {}, "compare"),
        ("ק", "KeyE", {}, "erase"),
        ("لا", "KeyB", {}, "add"),
        ("ㅋ", "KeyZ", CTRL, "undo"),
        ("ზ", "KeyZ", {}, "undo"),
        ("१", "Digit1", {}, "layer1"),
        ("?", "Digit7", SHIFT, "help"),  # Russian
        ("؟", "Slash", SHIFT, "help"),  # Arabic
        # French, German, Dvorak, Turkish: by what is typed
        ("z", "KeyW", CTRL, "undo"),
        ("w", "KeyZ", CTRL, ""),
        ("z", "KeyY", CTRL, "undo"),
        ("y", "KeyZ", CTRL, "redo"),
        ("e", "KeyD", {}, "erase"),
        ("é", "Digit2", {}, "layer2"),
        ("2", "Digit2", SHIFT, "layer2"),
        ("à", "Digit0", {}, "fit"),
        ("é", "KeyE", {}, ""),
        ("ş", "Semicolon", {}, ""),
        ("µ", "Backslash", SHIFT, ""),
        ("[", "Digit8", ALTERNATE, "thinner"),
        ("{", "Digit7", ALTERNATE, ""),
        ("€", "KeyE", ALTERNATE, ""),
        ("E", "KeyE", {}, "erase"),  # Caps Lock
        ("z", "KeyZ", SHIFT, "redo"),  # Caps Lock and Shift
        # a number pad, with its lock and without
        ("4", "Numpad4", {}, "layer4"),
        ("ArrowLeft", "Numpad4", {}, "left"),
        ("Insert", "Numpad0", {}, ""),
        ("+", "NumpadAdd", {}, "in"),
        # the browser's own, and those that compose
        ("z", "KeyZ", {"metaKey": True}, "undo"),
        ("r", "KeyR", CTRL, ""),
        ("к", "KeyR", CTRL, ""),
        ("1", "Digit1", CTRL, ""),
        ("+", "Equal", CTRL, ""),
        ("0", "Digit0", CTRL, ""),
        ("ArrowLeft", "ArrowLeft", {"altKey": True}, ""),
        ("ArrowLeft", "ArrowLeft", {"metaKey": True}, ""),
        ("Dead", "BracketLeft", {}, ""),
        ("Process", "KeyE", {}, ""),
        ("e", "KeyE", {"isComposing": True}, ""),
    ],
)
def test_key_does_what_it_does_on_other_keyboards(page: Page, key: str, code: str, more: Any, does: str) -> None:
    assert page.evaluate("([key, code, more]) => type(key, code, more)", [key, code, more]) == [does, bool(does)]
    page.evaluate("dispatchEvent(new Event('blur'))")  # lets go what is held
    _did(page)


def test_space_moves_the_picture_and_neither_draws_nor_presses_what_is_in_focus(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    page = tab.page
    for focused in ("#refine-now", "#width", "#layer-errors", "#tool-erase", "#next-place"):
        page.focus(focused)
        (x, y) = before = tab.screen_of([[300.0, 300.0]])[0]
        page.keyboard.down(" ")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y + 20, steps=3)
        page.mouse.up()
        page.keyboard.up(" ")
        tab.rest()
        assert (tab.screen_of([[300.0, 300.0]])[0] - before).tolist() == pytest.approx([30, 20], abs=1)
        page.focus(focused)
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
        tab.rest()
        assert (tab.screen_of([[300.0, 300.0]])[0] - before).tolist() == pytest.approx([110, 100], abs=1)
        page.keyboard.press("0")
        tab.rest()
    expect(page.locator("#refine-now")).to_be_checked()
    expect(page.locator("#layer-errors")).not_to_be_checked()
    expect(page.locator("#tool-add")).to_have_attribute("aria-pressed", "true")
    assert site.events("stroke", "seen") == []
