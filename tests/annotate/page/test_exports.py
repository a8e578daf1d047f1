"""Files that a user exports from the page can be used."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.testing import assert_array_equal
from pypdf import PdfReader

from bench.page.tab import Tab
from data.storage import PreparedSet
from interaction.log.replay import replayed
from interaction.log.tables import read_json
from interaction.prompts.strokes import ADD, ERASE
from tests.annotate.page.whole import BEGUN, LINE, Site, prepare


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
