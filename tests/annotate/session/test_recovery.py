"""A log that is lost while a mirror is open, or a full disk: it is said, and drawing goes on once that is over."""

from __future__ import annotations

import pytest

from annotate.errors import NotWrittenError
from annotate.session import opening
from data.errors import DataError
from interaction.log.copies import copies_of
from interaction.log.database import UnwritableLog
from interaction.log.log import Log
from interaction.log.replay import replayed
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import DRAWN, MIRROR, MODEL_SHAPE, settled, start, stroke, until
from tests.annotate.session.sessions import Inbox, bits, put
from tests.interaction.log.losses import cut_short, delete, delete_folder, replace_by_something_else
from tests.simulation.fakes import stroke_at


@pytest.mark.parametrize("lose", [delete, delete_folder, cut_short, replace_by_something_else])
def test_a_log_that_is_lost_is_noticed_said_and_written_again_without_a_reload(client, site, lose):
    # Given a mirror with a stroke, and a copy of its log
    start(client, DRAWN)
    assert client.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201
    settled(client, 1)
    path = site.image_list().log_path(DRAWN)
    until(lambda: bool(copies_of(path)))
    drawn = client.get(f"{MIRROR}/drawings/current").content

    # When its log is lost
    lose(path)

    # Then the next stroke is not acknowledged, and it is said why
    other = stroke((100.0, 100.0), (100.0, 160.0))
    refused = client.post(f"{MIRROR}/strokes", json=other)
    assert refused.status_code == 503
    assert "while it was open; this program writes it again" in refused.json()["detail"]

    # and a moment later the same stroke is taken, as the page sends it again
    until(lambda: client.post(f"{MIRROR}/strokes", json=other).status_code == 201)
    settled(client, 2)
    assert client.get(MIRROR).json()["read_only"] is None
    assert client.get(f"{MIRROR}/drawings/current").content != drawn
    with Log.read(path) as log:
        state = replayed(log, thorough=True)
        assert len(state.history.done) == 2
        assert state.clients[other["client"]]


def test_subscribers_are_told_of_the_trouble_and_of_its_end(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    before, inbox = bits(session), Inbox(session)
    delete(session.log.path)

    session.undo()
    session.wait()
    assert [message["type"] for message in inbox.received] == ["trouble"]
    assert session.state().read_only == inbox.received[0]["message"]
    assert bits(session) == before  # nothing was undone
    session.recover()
    session.wait()

    assert inbox.received[1] == {"type": "recovered", "event": session.log.last, "message": opening.WRITTEN_AGAIN}
    assert session.state().read_only is None
    assert bits(session) == before
    session.undo()
    session.wait()
    assert session.state().strokes == 0


@pytest.mark.parametrize("lose", [delete, delete_folder, cut_short, replace_by_something_else])
def test_a_log_that_is_lost_is_written_again_at_the_end_too(opened, lose):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    until(lambda: bool(copies_of(session.log.path)))
    session._copies.wait()
    drawn = bits(session)
    lose(session.log.path)
    session.close()

    again = opened()
    assert bits(again) == drawn
    assert again.state().strokes == 1


def test_strokes_that_waited_when_the_log_was_lost_are_answered_once_and_in_their_order(opened):
    session = opened(models := FakeModels())
    drawn = strokes(4, 3, MODEL_SHAPE)
    models.answers.clear()
    for each in drawn:
        put(session, each)
    until(lambda: models.calls)
    delete(session.log.path)
    models.answers.set()
    session.wait()
    assert session.state().strokes == 0

    session.recover()
    session.wait()

    events = list(session.log.events(blobs=False))
    answered = [event.body["stroke"] for event in events if event.kind == "change"]
    assert answered == [event.number for event in events if event.kind == "stroke"]
    assert session.state().strokes == 4
    assert bits(session) == replayed(session.log, thorough=True).current.tobytes()


def test_a_full_disk_is_over_when_there_is_room(opened, monkeypatch):
    session = opened()
    path = session.log.path

    def full(entries):
        raise UnwritableLog(f"{path}: the disk is full")

    def full_too():
        raise UnwritableLog(f"{path}: the disk is still full")

    with monkeypatch.context() as disk:
        disk.setattr(session.log, "append_all", full)
        disk.setattr(session.log, "mend", full_too)
        with pytest.raises(NotWrittenError, match="the disk is full"):
            put(session, stroke_at([(20, 20)]))
        session.recover()
        session.wait()
        assert session.state().read_only == f"{path}: the disk is still full"
    session.recover()
    session.wait()

    assert session.state().read_only is None
    put(session, stroke_at([(20, 20)]))
    session.wait()
    assert session.state().strokes == 1


def test_a_fault_of_the_program_does_not_pass(opened, monkeypatch):
    session = opened()
    monkeypatch.setattr(session.log, "append_all", lambda entries: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        put(session, stroke_at([(20, 20)]))
    session._fail(ZeroDivisionError("a fault"))
    session.recover()
    session.wait()

    assert "fault" in session.state().read_only
    assert session.in_trouble


def test_a_log_that_is_damaged_is_still_refused(opened, site):
    opened().close()
    path = site.image_list().log_path(DRAWN)
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(DataError, match="damaged"):
        opened()
