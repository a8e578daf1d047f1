"""Files that a user exports from the page can be used."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.testing import assert_array_equal
from playwright.sync_api import expect
from pypdf import PdfReader

from bench.page.tab import Tab
from data.storage import PreparedSet
from interaction.log.replay import replayed
from interaction.log.tables import read_json
from interaction.prompts.strokes import ADD, ERASE
from tests.annotate.page.whole import BEGUN, LINE, Site, decoded, prepare


def exported(tab: Tab, kind: str, folder: Path) -> Path:
    """Export by the page's menu, and return the file that the browser has saved."""
    tab.page.click("#export summary")
    with tab.page.expect_download() as begun:
        tab.page.click(f"#export-{kind}")
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    return path


def test_one_menu_says_what_all_formats_hold_and_gives_them_in_one_file(site: Site, tmp_path: Path) -> None:
    tab = site.tab().open(BEGUN)
    tab.page.click("#export summary")
    expect(tab.page.locator("#export-facts")).to_have_text(
        "The scan: 768 pixels wide, 768 high; 40 pixels a millimetre."
    )
    assert tab.page.locator("#export [data-format]").count() == 6
    tab.press("Escape")
    expect(tab.page.locator("#export-png")).to_be_hidden()
    with ZipFile(exported(tab, "zip", tmp_path)) as together:
        names = together.namelist()
    assert names == [f"{BEGUN}{end}" for end in ("_drawings.png", ".svg", ".pdf", "_strokes.csv", "_log.json")]


def test_what_is_being_made_is_said_until_the_file_has_come(site: Site, tmp_path: Path) -> None:
    tab = site.tab().open(BEGUN)
    notices = tab.page.locator("#notices")
    tab.page.evaluate(
        """() => {
            const ask = window.fetch;
            const made = new Promise((done) => (window.made = done));
            window.fetch = async (...what) => (await (String(what[0]).includes("/export/") && made), ask(...what));
        }"""
    )
    tab.page.click("#export summary")
    tab.page.click("#export-png")
    expect(notices).to_have_text(re.compile("The PNG is being made"))
    tab.page.wait_for_timeout(7000)  # longer than news stays
    expect(notices).to_have_text(re.compile("The PNG is being made"))
    with tab.page.expect_download():
        tab.page.evaluate("made()")
    expect(notices).to_have_text(re.compile(f"^{BEGUN}_drawings.png is among your downloads"))
    expect(notices).to_be_empty()


def test_an_export_that_fails_says_why_until_it_is_put_away(site: Site) -> None:
    site.expected = "503"
    tab = site.tab().open(BEGUN)
    said = {"status": 503, "content_type": "application/json", "body": '{"detail": "no room on the disk"}'}
    tab.page.route("**/export/pdf*", lambda route: route.fulfill(**said))
    tab.page.click("#export summary")
    tab.page.click("#export-pdf")
    notice = tab.page.locator(".notice")
    expect(notice).to_contain_text("No PDF: no room on the disk")
    tab.page.wait_for_timeout(7000)
    expect(notice).to_have_attribute("data-kind", "problem")
    tab.page.unroute("**/export/pdf*")
    with tab.page.expect_download():
        tab.page.click("#export summary")
        tab.page.click("#export-pdf")
    expect(notice).to_have_text(re.compile(f"^{BEGUN}.pdf is among"))  # the problem is solved


def test_line_off_the_object_is_named_and_exported_if_asked(site: Site, tmp_path: Path) -> None:
    tab = site.tab().open(BEGUN)
    tab.page.click("#export summary")
    expect(tab.page.locator("#export-facts")).not_to_be_empty()
    expect(tab.page.locator("#export-off")).to_be_hidden()
    tab.page.click("#export summary")
    tab.page.locator("label:has(#refine-never)").click()
    tab.draw([[20.0, 20.0], [20.0, 120.0]])  # in a corner; the mirror is round
    tab.answered()
    widths = []
    for asked in (False, True):
        tab.page.click("#export summary")
        expect(tab.page.locator("#off-text")).to_have_text(
            re.compile(r"^Also the \d\.\d\d mm² of line off the object, left out of pictures otherwise$")
        )
        expect(tab.page.locator("#strokes")).to_have_text(re.compile(r"^1 stroke, \d\.\d\d mm² off the object$"))
        tab.page.locator("#off-object").set_checked(asked)
        tab.page.click("#export summary")
        picture = decoded(exported(tab, "png", tmp_path / str(asked)).read_bytes())
        widths.append(int((picture[20, :200, 3] > 0).sum()))
    assert widths[0] == 0
    assert widths[1] > 90


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
