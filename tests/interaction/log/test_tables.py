"""A log as JSON gives the same drawing, pixel for pixel; as CSV it can be counted."""

import base64
import csv
import json

import numpy as np
import pytest

from annotate.export import write_export
from data.errors import DataError
from interaction.log import tables
from interaction.log.replay import replayed
from interaction.log.tables import COLUMNS, read_json


@pytest.fixture
def exported(view, session, tmp_path):
    path = tmp_path / "out.json"
    write_export("json", view, session.current, session.log, path)
    return path


def edited(path, edit):
    fields = json.loads(path.read_text())
    edit(fields)
    path.write_text(json.dumps(fields))
    return path


def test_the_json_replayed_is_the_same_drawing_pixel_for_pixel(session, exported):
    again, first = replayed(read_json(exported)), replayed(session.log, thorough=True)
    for drawing in (again.current, first.current):
        np.testing.assert_array_equal(drawing.view(np.uint32), session.current.view(np.uint32))
    np.testing.assert_array_equal(again.initial, session.session.initial)
    assert [step.event for step in again.history.done] == [step.event for step in first.history.done]
    assert [step.event for step in again.history.undone] == [step.event for step in first.history.undone]
    assert again.seen == first.seen


def test_the_json_holds_every_event_as_it_was(session, exported):
    recording = read_json(exported)
    assert list(recording.events()) == list(session.log.events())
    assert recording.about == session.log.about
    assert recording.last == session.log.last
    assert next(event.number for event in recording.events(after=3)) == 4


def test_a_recording_can_be_exported_again(view, session, exported, tmp_path):
    write_export("json", view, session.current, read_json(exported), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == exported.read_bytes()


def test_a_csv_has_a_row_for_each_event(view, session, tmp_path):
    path = tmp_path / "out.csv"
    write_export("csv", view, session.current, session.log, path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    events = list(session.log.events())
    assert [(row["event"], row["time"], row["kind"]) for row in rows] == [
        (str(event.number), event.time, event.kind) for event in events
    ]
    erased = next(row for row in rows if row["sign"] == "-1")
    assert (erased["radius_px"], erased["points"], erased["path_px"]) == ("8.00", "2", "125 200;118 230")
    assert float(erased["length_px"]) == pytest.approx(np.hypot(7, 30), abs=0.1)
    assert float(erased["length_mm"]) == pytest.approx(np.hypot(7, 30) / 40, abs=0.01)
    answers = [row for row in rows if row["kind"] == "change"]
    assert [row["bare"] for row in answers] == ["0", "1", "0", "0"]
    assert {row["ms"] for row in answers} == {"12.5"}
    assert answers[1]["of"] == erased["event"]
    assert all(int(row["height"]) > 0 for row in answers)
    assert [row["in_drawing"] for row in rows if row["kind"] == "stroke"] == [
        "1",
        "1",
        "0",
        "1",
    ]  # the third was undone
    assert {row["in_drawing"] for row in rows if row["kind"] != "stroke"} == {""}


def test_strokes_that_were_undone_are_none_of_the_drawing(session):
    drawn = [event.body["stroke"] for event in session.log.events() if event.kind == "stroke"]
    assert [one.to_json() for one in tables.strokes_of(session.log)] == [drawn[0], drawn[1], drawn[3]]


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def pickled(path):
    path.write_bytes(b"\x80\x04N.")


def deep(path):
    path.write_text('{"format":' + "[" * 200_000)


def nan(path):
    path.write_text(path.read_text().replace("12.5", "NaN"))


def without_number(path):
    edited(path, lambda fields: fields["events"].pop(2))


def no_pixels(path):
    edited(path, lambda fields: fields["events"][0].update(blob="not base64!"))


def odd_kind(path):
    edited(path, lambda fields: fields["events"][1].update(kind="remove"))


def another(path):
    edited(path, lambda fields: fields.update(format="something"))


def a_list(path):
    path.write_text("[1, 2]")


@pytest.mark.parametrize("damage", [cut, pickled, deep, nan, without_number, no_pixels, odd_kind, another, a_list])
def test_what_is_damaged_is_refused(exported, damage):
    damage(exported)
    with pytest.raises(DataError, match=r"out\.json: no log that this program exported, or damaged"):
        read_json(exported)


def test_a_newer_version_is_reported(exported):
    edited(exported, lambda fields: fields.update(version=2))
    with pytest.raises(DataError, match="newer version"):
        read_json(exported)


def test_what_is_too_large_is_not_read(exported, monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match="more than 1,000 bytes"):
        read_json(exported)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.json: No such file"):
        read_json(tmp_path / "none.json")


def test_pixels_that_do_not_fit_are_refused_at_replay(exported):
    def enlarge(fields):
        fields["events"][0]["blob"] = base64.b64encode(b"\xff\xff\xff\xff" + b"x" * 50).decode()

    with pytest.raises(DataError):
        replayed(read_json(edited(exported, enlarge)))
