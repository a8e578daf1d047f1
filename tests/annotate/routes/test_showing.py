"""A person says how wide lines of photographs are; all are prepared anew, and pages hear of it."""

from __future__ import annotations

import json
from threading import Event

import pytest

from data.showing import MODEL_LINE_WIDTH
from data.storage import SET_MANIFEST
from tests.annotate.photographed import ROWS, PhotographSite
from tests.annotate.serving import DRAWN, messages, picture, running, start, stroke, until

A, B = "/api/mirrors/a", "/api/mirrors/b"


@pytest.fixture
def photographs(tmp_path, capsys):
    made = PhotographSite(tmp_path)
    made.photograph("a", "b", drawn=["a"])
    return made


def test_a_page_hears_of_the_progress_and_then_sees_the_image_as_it_is_shown_now(photographs):
    with running(photographs.open_sessions()) as client:
        version = client.get(A).json()["version"]
        with client.stream("GET", f"{A}/events") as stream:
            told = messages(stream)
            hello = next(told)
            assert client.post(f"{B}/showing", json={"line_width": 24.0, "polarity": None}).status_code == 202
            heard = []
            for message in told:
                heard.append(message)
                if message["type"] == "hello":
                    break
        start(client, "a")
        client.post(f"{A}/strokes", json=stroke((40.0, 40.0), (40.0, 80.0)))
        until(lambda: client.get(A).json()["strokes"] == 1)
        drawn = picture(client.get(f"{A}/drawings/current"))

    assert hello["state"]["version"] == version
    assert [m["share"] for m in heard if m["type"] == "job" and m["job"] == "showing"][-2:] == [1.0, 1.0]
    state = heard[-1]["state"]
    assert state["version"] != version
    assert state["scale"] == pytest.approx(MODEL_LINE_WIDTH / 24, abs=1e-4)
    assert (state["showing"]["line_width"], state["showing"]["known"]) == (24.0, "given")
    assert drawn.shape == tuple(state["model_shape"])
    assert drawn[round(40 * state["scale"]), round(60 * state["scale"])] == 255


def test_nobody_opens_an_image_while_it_is_prepared_and_everybody_afterwards(photographs, monkeypatch):
    with running(photographs.open_sessions()) as client:
        seen = []

        def prepare(other, progress):
            seen.append(client.get(A))

        monkeypatch.setattr("annotate.library.shown_lines.OtherShowing.prepare", prepare)
        client.post(f"{A}/showing", json={"line_width": 24.0, "polarity": None})
        until(lambda: client.get(A).status_code == 200 and bool(seen))

    assert seen[0].status_code == 409
    assert "prepared anew" in seen[0].json()["detail"]


def test_a_preparation_that_fails_is_told_and_images_open_as_before(photographs, monkeypatch):
    def prepare(other, progress):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotate.library.shown_lines.OtherShowing.prepare", prepare)
    with running(photographs.open_sessions()) as client:
        client.post(f"{A}/showing", json={"line_width": 24.0, "polarity": None})
        until(lambda: any(job["error"] for job in _jobs(client)))
        start(client, "a")

    assert photographs.prepared.showing.line_width < 24


def test_once_somebody_has_drawn_it_is_refused_with_the_image_and_nothing_changes(photographs):
    manifest = photographs.config.storage / "lines" / SET_MANIFEST
    before = manifest.read_bytes()
    with running(photographs.open_sessions()) as client:
        start(client, "b")
        client.post(f"{B}/strokes", json=stroke((40.0, 40.0), (40.0, 80.0)))
        until(lambda: client.get(B).json()["strokes"] == 1)
        refused = client.post(f"{A}/showing", json={"line_width": 24.0, "polarity": None})
        after = client.get(B).json()

    assert refused.status_code == 409
    assert "drawn on b" in refused.json()["detail"]
    assert manifest.read_bytes() == before
    assert (after["strokes"], after["read_only"]) == (1, None)


def test_a_stroke_that_comes_while_the_preparation_waits_for_its_turn_is_kept(photographs):
    sessions, turn = photographs.open_sessions(), Event()
    with running(sessions) as client:
        start(client, "b")
        sessions.jobs.submit("a", "previews", lambda progress: turn.wait(60))
        assert client.post(f"{A}/showing", json={"line_width": 24.0, "polarity": None}).status_code == 202
        assert client.post(f"{B}/strokes", json=stroke((40.0, 40.0), (40.0, 80.0))).status_code == 201
        turn.set()
        until(lambda: any("drawn on b" in (job["error"] or "") for job in _jobs(client)))
        after = client.get(B).json()

    assert (after["strokes"], after["read_only"]) == (1, None)
    assert photographs.prepared.showing.line_width < 24


@pytest.mark.parametrize("width", [0, -9.0, 0.4, 201, 1e300, float("inf"), float("nan"), "9", True])
def test_widths_that_no_line_has_are_refused(photographs, width):
    with running(photographs.open_sessions()) as client:
        content = json.dumps({"line_width": width, "polarity": None})
        assert client.post(f"{A}/showing", content=content).status_code in (400, 422)


@pytest.mark.parametrize(
    "content",
    [{"line_width": 9.0, "polarity": "grey"}, {"line_width": 9.0, "polarity": 1}, {"line_width": 9.0}, [], None],
)
def test_what_says_no_polarity_is_refused(photographs, content):
    with running(photographs.open_sessions()) as client:
        assert client.post(f"{A}/showing", json=content).status_code == 422


def test_an_image_that_is_not_there_is_refused(photographs):
    with running(photographs.open_sessions()) as client:
        answer = client.post("/api/mirrors/c/showing", json={"line_width": 9.0, "polarity": None})
        assert (answer.status_code, answer.json()["detail"]) == (404, "no mirror 'c'; there are: a, b")


def test_mirrors_are_all_shown_alike(client):
    assert client.get(f"/api/mirrors/{DRAWN}").json()["showing"] is None
    refused = client.post(f"/api/mirrors/{DRAWN}/showing", json={"line_width": 9.0, "polarity": None})
    assert refused.status_code == 409


def test_the_part_to_measure_in_shows_the_line_at_its_own_size(photographs):
    with running(photographs.open_sessions()) as client:
        part = picture(client.get(f"{A}/close_up"))

    assert (part < 120).sum(axis=0).max() == ROWS.stop - ROWS.start
    assert part.shape == (192, 288)  # 16 and 24 line widths


def _jobs(client):
    answer = client.get(A)
    return answer.json()["jobs"] if answer.status_code == 200 else []
