"""The log: what is acknowledged is on disk, nothing is ever changed, one process writes."""

import os
import sqlite3
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.errors import DataError
from interaction.log import database
from interaction.log.log import Log
from tests.interaction.log.log_files import START, STROKE, altered, refused


class TestEvents:
    def test_they_come_back_as_they_were_written(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            start, seen, stroke = log.events()
        assert [event.number for event in (start, seen, stroke)] == [1, 2, 3]
        assert (start.kind, start.body, start.blob) == ("start", START, b"all the ink")
        assert (seen.kind, seen.body, seen.blob) == ("seen", {"cell": 3, "region": [0, 0, 8, 8]}, None)
        assert stroke.body["stroke"] == STROKE.to_json()

    def test_floats_and_names_are_exact(self, begun, plain_view):
        body = {"cell": 0.1 + 0.2, "name": "Spiegel Größe \u2028", "tiny": 5e-324}
        with Log.open(begun, plain_view) as log:
            event = log.append("seen", body)
            assert next(log.events(3)) == event
            assert event.body == body

    def test_a_new_log_is_empty(self, path, plain_view):
        with Log.open(path, plain_view) as log:
            assert log.last == 0
            assert list(log.events()) == []

    def test_times_are_in_utc_to_the_millisecond(self, begun):
        with Log.read(begun) as log:
            assert all(len(event.time) == 24 and event.time.endswith("Z") for event in log.events())

    def test_those_behind_a_number(self, begun):
        with Log.read(begun) as log:
            assert [event.number for event in log.events(1)] == [2, 3]
            assert list(log.events(3)) == []

    def test_one_alone(self, begun):
        with Log.read(begun) as log:
            assert [log.event(number) for number in (1, 2, 3)] == list(log.events())
            with pytest.raises(DataError, match="event 4 is missing"):
                log.event(4)

    def test_without_their_pixels(self, begun):
        with Log.read(begun) as log:
            assert [event.blob for event in log.events(blobs=False)] == [None] * 3
            assert [event.body for event in log.events(blobs=False)] == [event.body for event in log.events()]

    def test_more_than_are_read_at_a_time_and_those_added_meanwhile(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            log.append_all([("seen", {"cell": n}, None) for n in range(150)])
            events = log.events()
            next(events)
            log.append("seen", {"cell": 150})
            assert [event.number for event in events] == list(range(2, 155))

    def test_many_together_are_all_there_or_none(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            assert [event.number for event in log.append_all([("undo", {"change": 9}, None)] * 2)] == [4, 5]
            with pytest.raises(ValueError, match="JSON"):
                log.append_all([("undo", {"change": 9}, None), ("undo", {"change": float("nan")}, None)])
            with pytest.raises(DataError):
                log.append_all([("undo", {"change": 9}, None), ("start", START, None)])
            assert log.last == 5

    def test_a_drawing_is_begun_first_and_once(self, path, plain_view):
        with Log.open(path, plain_view) as log:
            with pytest.raises(DataError, match="not begun yet"):
                log.append("seen", {})
            log.append("start", START)
            with pytest.raises(DataError, match="begun already"):
                log.append("start", START)
            assert log.last == 1

    def test_an_unknown_kind_is_refused(self, begun, plain_view):
        with Log.open(begun, plain_view) as log, pytest.raises(ValueError, match="guess"):
            log.append("guess", {})

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events SET kind = 'undo'",
            "DELETE FROM events",
            "INSERT INTO events SELECT number + 2, time, kind, body, blob, checksum FROM events",
            "INSERT OR REPLACE INTO events SELECT * FROM events WHERE number = 3",
        ],
    )
    def test_the_database_itself_lets_nobody_change_or_remove_one(self, begun, statement):
        with pytest.raises(sqlite3.IntegrityError, match="events"):
            altered(begun, statement)

    def test_each_is_on_disk_when_it_is_acknowledged(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            pragmas = [
                log._database.connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous")
            ]
            assert pragmas == ["wal", 2]
            log.append("seen", {"cell": "all the ink"})
            assert b"all the ink" in database.wal_of(begun).read_bytes()[-4096:]

    def test_threads_share_a_log(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:

            def write(thread):
                for turn in range(20):
                    log.append("seen", {"thread": thread, "turn": turn})

            threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            found = [(event.body["thread"], event.body["turn"]) for event in log.events(3)]
        assert len(found) == 80
        for number in range(4):
            assert [turn for thread, turn in found if thread == number] == list(range(20))

    def test_it_says_what_it_is_of(self, begun, plain_view):
        with Log.read(begun) as log:
            assert log.about["view"] == "A_R"
            assert log.about["shape"] == list(plain_view.shape)
            assert log.about["model_shape"] == list(plain_view.model_shape)
            assert (log.about["scale"], log.about["pixels_per_mm"]) == (0.5, 40.0)


class TestWhoWrites:
    def test_one_at_a_time(self, begun, plain_view):
        with (
            Log.open(begun, plain_view),
            refused(begun, rf"open in another program \(process {os.getpid()}\); close it"),
        ):
            Log.open(begun, plain_view)
        Log.open(begun, plain_view).close()

    def test_a_refused_opening_holds_nothing(self, begun, plain_view):
        altered(begun, "PRAGMA user_version = 9")
        with pytest.raises(DataError, match="newer"):
            Log.open(begun, plain_view)
        altered(begun, "PRAGMA user_version = 1")
        Log.open(begun, plain_view).close()

    @pytest.mark.parametrize("with_view", [True, False])
    def test_readers_are_welcome_and_see_what_is_written(self, begun, plain_view, with_view):
        with Log.open(begun, plain_view) as writer:
            with Log.open(begun, plain_view, read_only=True) if with_view else Log.read(begun) as reader:
                assert reader.last == 3
                writer.append("seen", {"cell": 4})
                assert reader.last == 4
                assert [event.body for event in reader.events(3)] == [{"cell": 4}]
                with pytest.raises(DataError, match="read only"):
                    reader.append("seen", {})
            assert writer.append("seen", {}).number == 5

    def test_after_closing_nothing_is_written_or_read(self, begun, plain_view):
        log = Log.open(begun, plain_view)
        log.close()
        log.close()
        for use in (lambda: log.append("seen", {}), lambda: log.last, lambda: next(log.events())):
            with pytest.raises(DataError, match="closed"):
                use()

    def test_it_is_closed_into_one_file(self, begun):
        assert {file.name for file in begun.parent.iterdir()} == {"log.sqlite", "log.lock"}

    def test_there_is_nothing_to_read_where_nobody_has_drawn(self, path, plain_view):
        for use in (lambda: Log.read(path), lambda: Log.open(path, plain_view, read_only=True)):
            with pytest.raises(DataError, match="nobody has drawn here yet"):
                use()
        assert not path.parent.exists()


class TestSnapshots:
    INITIAL = np.random.default_rng(1).random((30, 40), dtype=np.float32)

    def drawing(self, seed):
        drawing = self.INITIAL.copy()
        drawing[seed, 3:9] = [-0.0, np.nan, np.inf, 1, 5e-324, 0]
        return drawing

    def test_there_is_none_at_first(self, begun):
        with Log.read(begun) as log:
            assert log.latest_snapshot(self.INITIAL) is None

    def test_the_newest_is_exact(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            log.snapshot(1, self.drawing(1), self.INITIAL)
            log.snapshot(3, self.drawing(3), self.INITIAL)
        with Log.read(begun) as log:
            event, found = log.latest_snapshot(self.INITIAL)
        assert event == 3
        assert_array_equal(found.view(np.uint32), self.drawing(3).view(np.uint32))

    def test_two_are_kept(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            for event in (1, 2, 3):
                log.snapshot(event, self.drawing(event), self.INITIAL)
            rows = log._database.connection.execute("SELECT event FROM snapshots").fetchall()
        assert sorted(event for (event,) in rows) == [2, 3]

    def test_a_damaged_one_is_passed_over(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            log.snapshot(2, self.drawing(2), self.INITIAL)
            log.snapshot(3, self.drawing(3), self.INITIAL)
        altered(begun, "UPDATE snapshots SET drawing = x'0102030405' WHERE event = 3")
        with Log.read(begun) as log:
            assert log.latest_snapshot(self.INITIAL)[0] == 2

    def test_one_of_events_that_are_not_there_is_passed_over(self, begun, plain_view):
        with Log.open(begun, plain_view) as log:
            log.snapshot(4, self.drawing(4), self.INITIAL)
            assert log.latest_snapshot(self.INITIAL) is None
