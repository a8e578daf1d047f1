"""A drawing is written out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.annotate.serving import DRAWN, MIRROR, SHAPE, picture, settled, start, stroke
from tests.interaction.log.scans import grain, prepared


@pytest.mark.parametrize(
    ("kind", "name", "begins"),
    [
        ("png", f"{DRAWN}_drawings.png", b"\x89PNG"),
        ("svg", f"{DRAWN}.svg", b"<"),
        ("pdf", f"{DRAWN}.pdf", b"%PDF"),
        ("csv", f"{DRAWN}_strokes.csv", b""),
        ("json", f"{DRAWN}_log.json", b"{"),
        ("zip", f"{DRAWN}_exports.zip", b"PK"),
    ],
)
def test_what_comes_out_has_the_name_and_the_form_of_its_kind(shared, kind, name, begins):
    response = shared.get(f"{MIRROR}/export/{kind}")

    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.content.startswith(begins)


def test_line_off_the_object_is_counted_and_left_out_unless_asked_for(site, client):
    mask = np.zeros(SHAPE, bool)
    mask[:, :400] = True
    prepared(site.folder / "storage" / "mirrors" / DRAWN, {"depth": grain(SHAPE)}, mask=mask)
    start(client, DRAWN)
    before = client.get(MIRROR).json()["off_object"]
    client.post(f"{MIRROR}/strokes", json=stroke((300.0, 300.0), (300.0, 500.0)))
    settled(client, 1)
    after = client.get(MIRROR).json()["off_object"]
    widths = []
    for asked in ({}, {"off_object": "true"}):
        line = picture(client.get(f"{MIRROR}/export/png", params=asked))[..., 3] > 0
        widths.append(int(np.flatnonzero(line.any(axis=0)).max()))

    assert before == 0
    assert after == pytest.approx(50 * 6, rel=0.15)  # half the stroke, 100 pixels of 12, at half size
    assert widths[0] == 399
    assert 500 <= widths[1] <= 508
