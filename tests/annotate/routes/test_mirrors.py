"""Mirrors are listed, begun, and known by their names alone."""

from __future__ import annotations

import pytest

from annotate.server.app import create_app
from tests.annotate.serving import DRAWN, MIRROR, SHAPE, UNDRAWN, asking, picture, settled, start, stroke, until

NAMES = ["nobody", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "SYN-0001_R%00", "SYN-0001_R%2f..", "%", "\u00e4" * 300]


def test_a_mirror_is_listed_opened_begun_corrected_and_taken_back(client):
    before = client.get("/api/mirrors").json()
    start(client, DRAWN)
    event = client.post(f"{MIRROR}/strokes", json=stroke()).json()["event"]
    settled(client, 1)
    drawn = client.get(f"{MIRROR}/drawings/current")
    client.post(f"{MIRROR}/undo", json={})
    settled(client, 0)
    empty = picture(client.get(f"{MIRROR}/drawings/current"))
    client.post(f"{MIRROR}/redo", json={})
    settled(client, 1)

    assert [(mirror["name"], mirror["started"], mirror["strokes"]) for mirror in before] == [
        (DRAWN, False, 0),
        (UNDRAWN, False, 0),
    ]
    assert picture(drawn).shape == (SHAPE[0] // 2, SHAPE[1] // 2)
    assert picture(drawn)[150, 115] == 255
    assert int(drawn.headers["X-Event"]) > event
    assert not empty.any()
    assert (picture(client.get(f"{MIRROR}/drawings/current")) == picture(drawn)).all()


def test_what_cannot_be_started_from_is_refused_and_so_is_a_second_start(begun):
    again = begun.post(f"{MIRROR}/start", json={"source": "empty"})
    no_drawing = begun.post(f"/api/mirrors/{UNDRAWN}/start", json={"source": "drawing"})
    no_model = begun.post(f"/api/mirrors/{UNDRAWN}/start", json={"source": "model"})

    assert [response.status_code for response in (again, no_drawing, no_model)] == [409] * 3
    assert "empty" in no_drawing.json()["detail"]


def test_before_the_start_nothing_can_be_drawn_or_written_out(client):
    answers = [client.post(f"{MIRROR}/{order}", json={}) for order in ("undo", "redo", "refine", "keep")]
    answers += [client.post(f"{MIRROR}/strokes", json=stroke()), client.post(f"{MIRROR}/seen", json={"cell": 0})]
    answers += [client.get(f"{MIRROR}/{what}") for what in ("drawings/current", "drawings/initial", "export/png")]

    assert {response.status_code for response in answers} == {409}
    assert all("not started" in response.json()["detail"] for response in answers)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "rest", ["", "/thumbnail", "/drawings/current", "/tiles/depth/0/0/0", "/export/png", "/events"]
)
def test_a_name_that_is_not_in_the_list_is_nowhere(site, client, name, rest):
    before = sorted(site.folder.rglob("*"))
    response = client.get(f"/api/mirrors/{name}{rest}")

    assert response.status_code == 404
    assert set(response.json()) == {"detail"}
    assert sorted(site.folder.rglob("*")) == before


def test_a_log_that_cannot_be_opened_is_reported_and_the_other_mirrors_work(site):
    path = site.config.annotations / DRAWN / "log.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    with asking(create_app(site.open_sessions())) as client:
        broken = [client.get(MIRROR), client.get(f"{MIRROR}/events"), client.post(f"{MIRROR}/strokes", json=stroke())]
        listed = client.get("/api/mirrors").json()
        other = client.get(f"/api/mirrors/{UNDRAWN}").status_code

    assert [response.status_code for response in broken] == [409] * 3
    assert "log.sqlite" in broken[0].json()["detail"]
    assert [mirror["problem"] is None for mirror in listed] == [False, True]
    assert other == 200
    assert path.read_bytes() == b"no database" * 100


def test_what_can_be_begun_from_is_drawn_and_shown(client):
    none = client.get(f"{MIRROR}/previews/otsu")
    asked = client.post(f"{MIRROR}/previews", json={})
    until(lambda: client.get(MIRROR).json()["previews"] == ["otsu", "sauvola", "drawing"])
    shown = [picture(client.get(f"{MIRROR}/previews/{source}")) for source in ("otsu", "drawing")]
    start(client, DRAWN, "otsu")

    assert (none.status_code, asked.status_code) == (409, 202)
    assert [one.shape for one in shown] == [(240, 320, 3)] * 2
    assert (shown[0] != shown[1]).any()
    assert client.get(MIRROR).json()["previews"] == []
    assert client.get(f"{MIRROR}/previews/nothing").status_code == 422
