"""A raster layer that is added to the server's list, at the whole page: nothing of the page names it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, expect

from annotate.images import layers
from tests.annotate.added_layer import ROUGHNESS, prepare_roughness
from tests.annotate.page.whole import BEGUN, Made, Site, decoded, site_of


@pytest.fixture
def site(made: Made, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose list has one more layer, and whose mirrors were prepared with its channel."""
    monkeypatch.setattr(layers, "LAYERS", (*layers.LAYERS, ROUGHNESS))
    shutil.copytree(made.config.storage, tmp_path / "storage")
    own = replace(made, config=replace(made.config, storage=tmp_path / "storage"))
    for view in own.views:
        prepare_roughness(view)
    with site_of(own, browser, tmp_path / "annotations") as site, site.serving(made.models):
        yield site


def test_an_added_layer_has_a_row_and_a_key_and_is_shown(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    expect(tab.page.locator("[data-layer=roughness] .layer-name")).to_have_text("Roughness")
    expect(tab.page.locator("#layer-roughness")).not_to_be_checked()
    tab.press("8")
    expect(tab.page.locator("#layer-roughness")).to_be_checked()
    tab.page.locator("#opacity-roughness").fill("100")
    tab.page.uncheck("#layer-current")
    tab.page.mouse.move(0, 0)  # no pen over the picture
    tab.show(250, 300, 260, 220)
    tab.rest()
    stage = decoded(tab.page.locator("#stage").screenshot(), cv2.IMREAD_GRAYSCALE)
    assert (stage[stage.shape[0] // 4 : -stage.shape[0] // 4, stage.shape[1] // 4 : -stage.shape[1] // 4] == 255).all()
