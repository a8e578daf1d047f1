"""A drawing is written out."""

from __future__ import annotations

import pytest

from tests.annotate.serving import DRAWN, MIRROR


@pytest.mark.parametrize(
    ("kind", "name", "begins"),
    [
        ("png", f"{DRAWN}_drawings.png", b"\x89PNG"),
        ("svg", f"{DRAWN}.svg", b"<"),
        ("pdf", f"{DRAWN}.pdf", b"%PDF"),
        ("csv", f"{DRAWN}_strokes.csv", b""),
        ("json", f"{DRAWN}_log.json", b"{"),
    ],
)
def test_what_comes_out_has_the_name_and_the_form_of_its_kind(shared, kind, name, begins):
    response = shared.get(f"{MIRROR}/export/{kind}")

    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.content.startswith(begins)
