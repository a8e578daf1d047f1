"""The page's server as its routes say it: a mirror opened, begun, corrected, looked at and written out."""

from __future__ import annotations

import itertools
import threading
from contextlib import closing, contextmanager
from uuid import uuid4

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter

from annotate.app import create_app
from annotate.desk import Desk
from annotate.errors import AnnotateError, NotWrittenError
from annotate.limits import MAX_POINTS, MAX_RADIUS_PX
from annotate.messages import Message
from annotate.routes import corrections
from data.errors import DataError
from journal.log import Log
from simulation.strokes import Stroke
from tests.annotate.server import DRAWN, SHAPE, UNDRAWN, Site, asking, messages, running, start, stroke, until

MIRROR = f"/api/mirrors/{DRAWN}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    made.prepare(DRAWN, UNDRAWN)
    return made


@pytest.fixture
def fresh(tmp_path):
    made = Site(tmp_path)
    made.prepare(DRAWN, UNDRAWN)
    return made


@pytest.fixture
def bench(fresh):
    return fresh.workbench()


@pytest.fixture
def client(bench):
    with asking(create_app(bench)) as made:
        yield made


@pytest.fixture
def begun(client):
    start(client, DRAWN)
    return client


def picture(response):
    assert response.status_code == 200, response.text
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)


def settled(client, strokes):
    until(lambda: (state := client.get(MIRROR).json())["strokes"] == strokes and state["waiting"] == 0)


@contextmanager
def busy(client, bench):
    """A mirror whose worker has answered one stroke, and is kept from answering more."""
    told, go_on = threading.Event(), threading.Event()
    with bench.desk(DRAWN) as desk:
        stop = desk.listen(lambda message: (told.set(), go_on.wait(10)))
        client.post(f"{MIRROR}/strokes", json=stroke())
        assert told.wait(10)
        yield
        stop()
        go_on.set()


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


def test_a_started_drawing_is_the_one_that_came_with_the_scan(client):
    start(client, DRAWN, "drawing")

    truth = picture(client.get(f"{MIRROR}/drawings/truth"))
    assert truth.any()
    assert (picture(client.get(f"{MIRROR}/drawings/initial")) == truth).all()


def test_what_cannot_be_started_from_is_refused_and_so_is_a_second_start(begun):
    again = begun.post(f"{MIRROR}/start", json={"source": "empty"})
    no_drawing = begun.post(f"/api/mirrors/{UNDRAWN}/start", json={"source": "drawing"})
    no_model = begun.post(f"/api/mirrors/{UNDRAWN}/start", json={"source": "model"})

    assert [response.status_code for response in (again, no_drawing, no_model)] == [409] * 3
    assert "empty" in no_drawing.json()["detail"]


def test_a_stroke_is_on_disk_when_it_is_acknowledged_long_before_it_is_answered(fresh, begun, bench):
    with busy(begun, bench):
        event = begun.post(f"{MIRROR}/strokes", json=stroke()).json()["event"]
        with closing(Log.read(fresh.gallery().log_path(DRAWN))) as log:
            kinds = [entry.kind for entry in log.events(event - 1)]

    assert kinds == ["stroke"]


def test_a_stroke_sent_twice_is_taken_once(begun):
    sent = stroke()
    events = [begun.post(f"{MIRROR}/strokes", json=sent).json()["event"] for _ in range(3)]
    settled(begun, 1)

    assert len(set(events)) == 1


FINE = [[300.0, 200.0], [300.0, 260.0]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path_px": []}, "path_px"),
        ({"path_px": FINE * (MAX_POINTS // 2) + FINE[:1], "radius_px": [6.0] * (MAX_POINTS + 1)}, "20000"),
        ({"path_px": [*FINE, [300.0, 261.0]]}, "3 points came with 2 radii"),
        ({"path_px": [[300.0], [300.0, 1.0]]}, "path_px.0.1"),
        ({"path_px": [[300.0, "200"], [300.0, 1.0]]}, "path_px.0.1"),
        ({"path_px": "here"}, "path_px"),
        ({"path_px": [[300.0, 200.0], [-650.0, 200.0]]}, "far off the scan"),
        ({"path_px": [[300.0, 1e300], [300.0, 1.0]]}, "far off the scan"),
        ({"path_px": [[-150.0, 50.0], [-150.0, 60.0]]}, "outside the scan"),
        ({"path_px": [[0.0, 0.0], [599.0, 799.0]] * 2000, "radius_px": [1.0] * 4000}, "3,993,401 px"),
        ({"radius_px": [6.0, 0.0]}, "radius_px.1"),
        ({"radius_px": [6.0, -1.0]}, "radius_px.1"),
        ({"radius_px": [6.0, MAX_RADIUS_PX + 1]}, "radius_px.1"),
        ({"radius_px": [6.0, True]}, "radius_px.1"),
        ({"radius_px": [6.0, None]}, "radius_px.1"),
        ({"sign": 0}, "sign"),
        ({"sign": 2}, "sign"),
        ({"refine": "yes"}, "refine"),
        ({"client": "me"}, "client"),
        ({"client": None}, "client"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_no_stroke_is_refused_with_one_sentence_and_the_next_one_taken(shared, fields, said):
    response = shared.post(f"{MIRROR}/strokes", json=stroke() | fields)

    assert response.status_code == 422
    assert said in response.json()["detail"]
    assert "\n" not in response.json()["detail"]
    assert shared.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


@pytest.fixture(scope="module")
def shared(site):
    """A mirror that was begun, on which tests may draw, but not count."""
    with asking(create_app(site.workbench())) as client:
        start(client, DRAWN)
        yield client


def test_a_stroke_that_runs_off_the_scan_is_taken_whole(shared):
    # the whole scan in view, a hand's breadth beside it is hundreds of its pixels
    sent = stroke((300.0, 700.0), (300.0, 1400.0), (-500.0, 1400.0))

    assert shared.post(f"{MIRROR}/strokes", json=sent).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 6000,
        b'{"client": "\xed\xa0\x80"}',
        b'{"client": "\\ud800"}',
    ],
)
def test_what_is_no_json_is_refused_and_the_session_lives(shared, body):
    response = shared.post(f"{MIRROR}/strokes", content=body)

    assert response.status_code in (400, 422)
    assert set(response.json()) == {"detail"}
    assert shared.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "field", ['"path_px": [[300, {}]], "radius_px": [6]', '"path_px": [[300, 200]], "radius_px": [{}]']
)
def test_numbers_that_are_none_are_refused(shared, field, value):
    body = f'{{"client": "{uuid4()}", "sign": 1, "refine": false, {field.format(value)}}}'

    response = shared.post(f"{MIRROR}/strokes", content=body)

    assert response.status_code == 422
    assert "finite" in response.json()["detail"]


def test_a_million_points_are_refused_before_they_are_read(shared):
    response = shared.post(f"{MIRROR}/strokes", json=stroke(*[(300.0, 200.0)] * 1_000_000))

    assert response.status_code == 413


def test_a_long_queue_refuses_strokes_until_it_is_shorter(begun, bench, monkeypatch):
    monkeypatch.setattr(corrections, "MOST_WAITING", 3)
    with busy(begun, bench):
        statuses = [begun.post(f"{MIRROR}/strokes", json=stroke()).status_code for _ in range(4)]
    settled(begun, 4)

    assert statuses == [201, 201, 201, 429]
    assert begun.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


@pytest.mark.parametrize("order", ["undo", "redo", "refine", "keep"])
def test_orders_with_nothing_to_do_are_taken_and_change_nothing(shared, order):
    before = picture(shared.get(f"{MIRROR}/drawings/initial"))

    assert shared.post(f"{MIRROR}/{order}", json={}).status_code == 202
    assert (picture(shared.get(f"{MIRROR}/drawings/initial")) == before).all()


def test_before_the_start_nothing_can_be_drawn_or_written_out(client):
    answers = [client.post(f"{MIRROR}/{order}", json={}) for order in ("undo", "redo", "refine", "keep")]
    answers += [client.post(f"{MIRROR}/strokes", json=stroke()), client.post(f"{MIRROR}/seen", json={"cell": 0})]
    answers += [client.get(f"{MIRROR}/{what}") for what in ("drawings/current", "drawings/initial", "export/png")]

    assert {response.status_code for response in answers} == {409}
    assert all("not started" in response.json()["detail"] for response in answers)


def test_places_looked_at_are_counted_and_others_refused(begun):
    before = begun.get(MIRROR).json()["places"]
    seen = begun.post(f"{MIRROR}/seen", json={"cell": 0})
    until(lambda: begun.get(MIRROR).json()["places"]["state"][0] == "seen")

    assert seen.status_code == 201
    assert begun.get("/api/mirrors").json()[0]["progress"] == pytest.approx(1 / len(before["grid"]))
    assert begun.post(f"{MIRROR}/seen", json={"cell": len(before["grid"])}).status_code == 409
    assert begun.post(f"{MIRROR}/seen", json={"cell": -1}).status_code == 422
    assert begun.post(f"{MIRROR}/seen", json={"cell": 1.5}).status_code == 422


NAMES = ["nobody", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "SYN-0001_R%00", "SYN-0001_R%2f..", "%", "\u00e4" * 300]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "rest", ["", "/thumbnail", "/drawings/current", "/tiles/depth/0/0/0", "/export/png", "/events"]
)
def test_a_name_that_is_not_in_the_list_is_nowhere(fresh, client, name, rest):
    before = sorted(fresh.folder.rglob("*"))
    response = client.get(f"/api/mirrors/{name}{rest}")

    assert response.status_code == 404
    assert set(response.json()) == {"detail"}
    assert sorted(fresh.folder.rglob("*")) == before


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "....//app.py",
        "/etc/passwd",
        "",
        "nothing.js",
        "vendor",
        "a" * 5000,
    ],
)
def test_the_page_s_files_are_those_of_its_folder(client, path):
    response = client.get(f"/page/{path}")

    assert response.status_code == 404
    assert set(response.json()) == {"detail"}


def test_what_is_not_there_is_named(client):
    assert client.get("/api/nothing").json() == {"detail": "there is no /api/nothing"}


def test_the_page_and_its_modules_are_asked_for_again_each_time(client, monkeypatch, tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "main.js").write_text("export {}")
    (tmp_path / "page" / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr("annotate.app.PAGE", tmp_path / "page")
    site = Site(tmp_path)
    site.prepare(DRAWN)
    with asking(create_app(site.workbench())) as client:
        page, module = client.get("/"), client.get("/page/main.js")
        again = client.get("/page/main.js", headers={"If-None-Match": module.headers["ETag"]})

    assert page.headers["Content-Type"].startswith("text/html")
    assert module.headers["Content-Type"].startswith("text/javascript")
    assert {page.headers["Cache-Control"], module.headers["Cache-Control"]} == {"no-cache"}
    assert again.status_code == 304


def test_nothing_is_loaded_from_elsewhere_and_the_schema_is_there(client):
    schema = client.get("/openapi.json").json()

    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            assert route.get("description"), (method, path)
    told = schema["paths"]["/api/mirrors/{name}/events"]["get"]["responses"]["200"]["content"]
    assert list(told) == ["text/event-stream"]


def test_a_method_that_a_route_does_not_take_is_refused(client):
    response = client.delete("/api/mirrors")

    assert response.status_code == 405
    assert "DELETE" in response.json()["detail"]


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


def test_a_thumbnail_is_a_small_jpeg(client):
    response = client.get(f"{MIRROR}/thumbnail")

    assert response.headers["Content-Type"] == "image/jpeg"
    assert max(picture(response).shape) == 320


def test_there_is_no_truth_of_a_mirror_that_nobody_has_drawn(client):
    assert client.get(f"/api/mirrors/{UNDRAWN}/drawings/truth").status_code == 404


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


def test_a_log_that_cannot_be_opened_is_told_and_the_other_mirrors_work(fresh):
    path = fresh.config.annotations / DRAWN / "log.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    with asking(create_app(fresh.workbench())) as client:
        broken = [client.get(MIRROR), client.get(f"{MIRROR}/events"), client.post(f"{MIRROR}/strokes", json=stroke())]
        listed = client.get("/api/mirrors").json()
        other = client.get(f"/api/mirrors/{UNDRAWN}").status_code

    assert [response.status_code for response in broken] == [409] * 3
    assert "log.sqlite" in broken[0].json()["detail"]
    assert [mirror["problem"] is None for mirror in listed] == [False, True]
    assert other == 200
    assert path.read_bytes() == b"no database" * 100


def test_a_fault_of_the_program_is_one_sentence_and_the_server_lives(begun, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(Desk, "undo", lambda desk: 1 // 0)
        response = begun.post(f"{MIRROR}/undo", json={})

    assert response.status_code == 500
    assert "fault of the program" in response.json()["detail"]
    assert "ZeroDivisionError" in caplog.text
    assert begun.post(f"{MIRROR}/undo", json={}).status_code == 202


def test_two_tabs_hear_the_same_and_each_begins_with_hello(fresh):
    with running(fresh.workbench()) as client:
        start(client, DRAWN)
        with client.stream("GET", f"{MIRROR}/events") as one, client.stream("GET", f"{MIRROR}/events") as other:
            told = [messages(one), messages(other)]
            hellos = [next(tab) for tab in told]
            client.post(f"{MIRROR}/strokes", json=stroke())
            client.post(f"{MIRROR}/undo", json={})
            heard = [list(itertools.islice((m for m in tab if m["type"] == "change"), 2)) for tab in told]
        with client.stream("GET", f"{MIRROR}/events", headers={"Last-Event-ID": "1"}) as later:
            again = next(messages(later))

    assert [hello["type"] for hello in hellos] == ["hello", "hello"]
    assert heard[0] == heard[1]
    assert [message["cause"] for message in heard[0]] == ["stroke", "undo"]
    assert again["event"] == heard[0][-1]["event"] > hellos[0]["event"]


def test_every_message_is_as_the_schema_says_and_in_the_headers_of_a_stream(fresh):
    kinds = TypeAdapter(Message)
    with running(fresh.workbench()) as client, client.stream("GET", f"{MIRROR}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        told = messages(stream)
        client.post(f"{MIRROR}/tiles", json={})
        client.post(f"{MIRROR}/start", json={"source": "empty"})
        heard = [next(told)]
        while heard[-1]["type"] != "started":
            heard.append(next(told))
        for number in range(3):
            client.post(f"{MIRROR}/strokes", json=stroke(sign=(-1) ** number))
        client.post(f"{MIRROR}/seen", json={"cell": 0})
        client.post(f"{MIRROR}/undo", json={})
        while heard[-1].get("cause") != "undo":
            heard.append(next(told))
        while heard[-1]["type"] != "places":
            heard.append(next(told))

    for message in heard:
        assert message == kinds.validate_python(message).model_dump(mode="json")
    assert {message["type"] for message in heard} == {"hello", "job", "started", "change", "places"}


def test_a_mirror_that_somebody_looks_at_stays_open_and_others_are_closed(tmp_path, monkeypatch):
    monkeypatch.setattr("annotate.workbench.MOST_OPEN", 2)
    names = [f"SYN-000{number}_R" for number in range(1, 6)]
    site = Site(tmp_path)
    site.prepare(*names)
    closed = []
    close = Desk.close
    monkeypatch.setattr(Desk, "close", lambda desk: (closed.append(desk.view.name), close(desk)))
    bench = site.workbench()
    with bench.desk(names[0]) as looked_at:
        for name in names[1:]:
            with bench.desk(name):
                pass
        with bench.desk(names[0]) as again:
            assert again is looked_at

    assert closed == names[1:4]
    bench.close()
    assert sorted(closed) == sorted(names)
    with pytest.raises(AnnotateError, match="ending"), bench.desk(names[0]):
        pass


def test_a_mirror_in_trouble_is_opened_anew_once_nobody_looks_at_it(fresh, monkeypatch):
    # Given a mirror that could not be written, and that nobody can draw on for that
    bench = fresh.workbench()
    with bench.desk(DRAWN) as desk:
        desk.start("empty")
        with monkeypatch.context() as full_disk:
            full_disk.setattr(desk.log, "append_all", full)
            with pytest.raises(NotWrittenError, match="full"):
                desk.draw(STROKE, refine=False, client="one")
        with bench.desk(DRAWN) as same:
            assert same is desk

    # When it is opened again
    with bench.desk(DRAWN) as anew:
        assert anew.state()["read_only"] is None
        anew.draw(STROKE, refine=False, client="one")
        anew.wait()

        # Then it can be drawn on
        assert anew.state()["strokes"] == 1
    bench.close()


STROKE = Stroke(np.array([[300.0, 200.0], [300.0, 260.0]]), np.array([6.0, 6.0]), 1)


def full(entries):
    raise DataError("the disk is full")


def test_a_mirror_asked_for_by_many_at_once_is_opened_once(fresh, monkeypatch):
    opened = []
    bench = fresh.workbench()
    open_desk = bench._open_desk
    monkeypatch.setattr(bench, "_open_desk", lambda view: (opened.append(view.name), open_desk(view))[1])

    def look():
        with bench.desk(DRAWN) as desk:
            desks.append(desk)

    desks: list[Desk] = []
    threads = [threading.Thread(target=look) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench.close()

    assert opened == [DRAWN]
    assert len(set(map(id, desks))) == 1
