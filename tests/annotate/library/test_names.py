"""Names with accents: a mirror is found by either form of Unicode, and so is what was drawn on it."""

from __future__ import annotations

from unicodedata import normalize
from urllib.parse import quote

from annotate.server.app import create_app
from tests.annotate.serving import DRAWN, asking


def test_a_mirror_is_found_by_either_form_of_its_name_and_so_are_its_annotations(site):
    composed, decomposed = (normalize(form, "Köln_R") for form in ("NFC", "NFD"))
    site.prepare(DRAWN, composed)
    (site.config.annotations / decomposed).mkdir(parents=True)

    image_list = site.image_list()

    for name in (composed, decomposed):
        assert image_list.view(name).name == composed
        assert image_list.folder(name) == site.config.annotations / decomposed
    with asking(create_app(site.open_sessions())) as client:
        assert client.get(f"/api/mirrors/{quote(decomposed)}").json()["name"] == composed
