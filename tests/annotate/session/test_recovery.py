"""A log that is lost, locked or read only while a mirror is open: it is said, and drawing goes on once that is over."""

from __future__ import annotations

import errno
import os
import shutil

import numpy as np
import pytest

from annotate.errors import NotWrittenError
from annotate.library.annotation_progress import PLACES
from annotate.session import opening
from data.errors import DataError
from interaction.log.copies import copies_of
from interaction.log.database import UnwritableLog, wal_of
from interaction.log.locking import Lock
from interaction.log.log import Log
from interaction.log.replay import replayed
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import DRAWN, MIRROR, MODEL_SHAPE, UNDRAWN, settled, start, stroke, until
from tests.annotate.session.sessions import Inbox, bits, put
from tests.simulation.fakes import stroke_at


def delete(path):
    for each in (path, wal_of(path)):
        each.unlink()


def delete_folder(path):
    shutil.rmtree(path.parent)


def cut_short(path):
    os.truncate(path, 100)


def replace(path):
    aside = path.with_name("other")
    aside.write_text("no log")
    aside.replace(path)


@pytest.mark.parametrize("lose", [delete, delete_folder, cut_short, replace])
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


@pytest.mark.parametrize("lose", [delete, delete_folder, cut_short, replace])
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


def test_a_log_that_was_lost_with_its_copies_has_a_copy_again(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    until(lambda: bool(copies_of(session.log.path)))
    session._copies.wait()

    delete_folder(session.log.path)
    session.undo()
    session.wait()
    session.recover()
    session.wait()

    until(lambda: bool(copies_of(session.log.path)))


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


class TestLookingOnly:
    @pytest.fixture
    def path(self, opened, site):
        session = opened()
        put(session, stroke_at([(20, 20), (20, 80)], 2))
        session.wait()
        self.drawn = bits(session)
        session.close()
        return site.image_list().log_path(DRAWN)

    def test_a_mirror_that_another_program_has_open_is_shown_and_follows_it(self, path, client, opened):
        # Given another program that draws
        other = opened()
        other.wait()

        # When the mirror is opened here
        state = client.get(MIRROR).json()

        # Then it is shown as it is, and cannot be drawn on
        assert "is open in another program (process" in state["read_only"]
        assert (state["started"], state["strokes"], state["waiting"]) == (True, 1, 0)
        assert client.get(f"{MIRROR}/drawings/current").status_code == 200
        assert client.get(f"{MIRROR}/export/svg").status_code == 200
        refused = client.post(f"{MIRROR}/strokes", json=stroke())
        assert refused.status_code == 503
        assert "open in another program" in refused.json()["detail"]
        put(other, stroke_at([(90, 90)]))
        other.wait()
        until(lambda: client.get(MIRROR).json()["strokes"] == 2)

        # and once the other has ended it can be drawn on
        other.close()
        until(lambda: client.get(MIRROR).json()["read_only"] is None)
        assert client.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201
        settled(client, 3)

    def test_strokes_that_another_program_has_still_to_answer_are_left_to_it(self, opened):
        other = opened(models := FakeModels())
        models.answers.clear()
        put(other, stroke_at([(90, 90)]))
        until(lambda: models.calls)

        looking = opened()
        looking.wait()

        assert looking.waiting == 0
        assert looking.state().strokes == 0
        models.answers.set()

    def test_nothing_is_written_beside_a_log_that_is_only_looked_at(self, path, opened, client):
        other = opened(models := FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), UNDRAWN, "model")
        other.wait()
        count = path.parent.parent / UNDRAWN / PLACES
        count.unlink()

        looking = opened(models, UNDRAWN)
        looking.wait()

        assert looking.state().places.count.expected is not None  # it was estimated here, too
        assert not count.exists()

    def test_a_mirror_that_nobody_has_begun_is_shown_too(self, site, opened, monkeypatch):
        path = site.image_list().log_path(DRAWN)
        path.parent.mkdir(parents=True)
        lock = Lock(path.with_suffix(".lock"), path)
        session = opened(source=None)

        state = session.state()
        assert "open in another program" in state.read_only
        assert (state.started, state.event) == (False, 0)
        with pytest.raises(NotWrittenError, match="open in another program"):
            session.start("empty")
        session.close()
        lock.release()

    def test_a_mirror_that_another_program_begins_is_followed_from_there_on(self, opened):
        other, looking = opened(name=UNDRAWN, source=None), opened(name=UNDRAWN, source=None)
        other.start("empty")
        other.wait()

        looking.recover()
        looking.wait()

        assert looking.started

    def test_a_log_that_the_other_program_had_to_write_again_is_followed_too(self, path, opened):
        other, looking = opened(), opened()
        delete(path)
        other.undo()
        other.wait()
        other.recover()
        other.wait()
        put(other, stroke_at([(90, 90)]))
        other.wait()

        looking.recover()
        looking.wait()

        assert looking.state().strokes == 2
        assert bits(looking) == bits(other)

    def test_what_others_draw_in_a_folder_that_only_they_can_write_is_followed(self, path, opened, monkeypatch):
        other = opened()
        with monkeypatch.context() as folder:
            folder.setattr("interaction.log.reading.os.access", lambda *place, **how: False)
            looking = opened()
            for strokes_now in (2, 3):
                put(other, stroke_at([(90, 90 + strokes_now)]))
                other.wait()
                looking.recover()
                looking.wait()
                assert looking.state().strokes == strokes_now
        assert bits(looking) == bits(other)

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
    def test_a_folder_that_cannot_be_written_is_shown(self, path, opened, monkeypatch, number):
        def refuse(lock, subject):
            raise OSError(number, os.strerror(number), str(lock))

        with monkeypatch.context() as read_only:
            read_only.setattr("interaction.log.log.Lock", refuse)
            session = opened()
            session.wait()

            assert os.strerror(number) in session.state().read_only
            assert session.state().strokes == 1
            assert bits(session) == self.drawn
        session.recover()
        session.wait()
        put(session, stroke_at([(50, 50)]))
        session.wait()
        assert session.state().strokes == 2


def test_a_log_that_is_damaged_is_still_refused(opened, site):
    opened().close()
    path = site.image_list().log_path(DRAWN)
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(DataError, match="damaged"):
        opened()


def test_copies_are_made_when_a_mirror_is_opened_and_every_so_many_events(opened, monkeypatch):
    monkeypatch.setattr(opening, "COPY_EVERY", 6)
    session = opened()
    path = session.log.path
    until(lambda: len(copies_of(path)) == 1)
    for each in strokes(3, 0, MODEL_SHAPE):  # two events each
        put(session, each, refine=False)
        session.wait()
    until(lambda: len(copies_of(path)) == 2)
    session.close()

    opened().close()
    made = copies_of(path)
    opened().close()
    assert copies_of(path) == made  # nothing was drawn since


def test_a_copy_that_cannot_be_made_stops_nobody(opened, monkeypatch, caplog):
    monkeypatch.setattr("interaction.log.log.copy_log", lambda path: (_ for _ in ()).throw(OSError(28, "no space")))
    session = opened()
    until(lambda: "no copy could be made" in caplog.text)

    put(session, stroke_at([(20, 20)]))
    session.wait()
    assert session.state().strokes == 1
    assert session.state().read_only is None
