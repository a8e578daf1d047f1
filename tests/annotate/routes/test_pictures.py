"""What a mirror looks like: its tiles, its thumbnail, its drawings."""

from __future__ import annotations

from tests.annotate.serving import DRAWN, MIRROR, UNDRAWN, picture, start, until


def test_a_started_drawing_is_the_one_that_came_with_the_scan(client):
    start(client, DRAWN, "drawing")

    truth = picture(client.get(f"{MIRROR}/drawings/truth"))
    assert truth.any()
    assert (picture(client.get(f"{MIRROR}/drawings/initial")) == truth).all()


def test_there_is_no_truth_of_a_mirror_that_nobody_has_drawn(client):
    assert client.get(f"/api/mirrors/{UNDRAWN}/drawings/truth").status_code == 404


def test_a_thumbnail_is_a_small_jpeg(client):
    response = client.get(f"{MIRROR}/thumbnail")

    assert response.headers["Content-Type"] == "image/jpeg"
    assert max(picture(response).shape) == 320


def test_tiles_are_made_once_by_a_job_and_may_be_kept_for_ever(client):
    before = client.get(f"{MIRROR}/tiles/depth/0/0/0")
    assert client.post(f"{MIRROR}/tiles", json={}).status_code == 202
    until(lambda: client.get(MIRROR).json()["tiles"]["ready"])
    state = client.get(MIRROR).json()
    levels = state["tiles"]["levels"]
    kept = client.get(f"{MIRROR}/tiles/depth/{levels - 1}/1/1?v={state['version']}")
    old = client.get(f"{MIRROR}/tiles/depth/{levels - 1}/1/1?v=another")

    assert before.status_code == 404
    assert picture(kept).shape == (256, 256)
    assert "immutable" in kept.headers["Cache-Control"]
    assert old.headers["Cache-Control"] == "no-cache"
    assert client.get(f"{MIRROR}/tiles/depth/{levels}/0/0").status_code == 404
    assert client.get(f"{MIRROR}/tiles/albedo/0/0/0").status_code == 404
    assert client.get(f"{MIRROR}/tiles/mask/0/0/0").status_code == 422
