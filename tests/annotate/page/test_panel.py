"""The panel of layers, in a real browser: what it remembers from one mirror to the next."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.annotate.page.worlds import world

WORLD = """
<!doctype html>
<ul id="layers"></ul>
<template id="row"><li>
  <label><input type="checkbox" /><span class="layer-name"></span></label><kbd></kbd><input type="range" max="100" />
</li></template>
<script type="module">
  import { LayerPanel } from "/page/layers/panel.js";
  const layer = (name, key) => ({ name, title: name, kind: "raster", key, opacity: 0, colours: {} });
  window.open = (...names) => {
    window.shown = {};
    const layers = names.map((name, i) => layer(name, String(i + 1)));
    const [list, row] = ["layers", "row"].map((id) => document.getElementById(id));
    window.panel = new LayerPanel(list, row, layers, (name, opacity) => (shown[name] = opacity));
    panel.setAvailable(new Set(names));
  };
  window.ready = true;
</script>
"""


def test_a_layer_stays_as_it_was_left_though_a_mirror_without_it_was_open_meanwhile(browser: Browser) -> None:
    with world(browser, WORLD) as page:
        # Given a layer that was switched on in one mirror
        page.evaluate("open('depth', 'albedo')")
        page.locator("#opacity-albedo").fill("40")

        # When another layer of a mirror without it is switched on, and the first mirror is opened again
        page.evaluate("open('depth')")
        page.check("#layer-depth")
        page.evaluate("open('depth', 'albedo')")
        page.evaluate("panel.applyAll()")

        # Then both are as they were left
        assert page.evaluate("shown") == {"depth": 0.7, "albedo": 0.4}
