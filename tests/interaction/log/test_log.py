"""The log: what is acknowledged is on disk, nothing is ever changed, and what cannot be opened is left as it was."""

import os
import resource
import shutil
import sqlite3
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.errors import DataError
from interaction.log import database
from interaction.log.log import Log
from tests.interaction.log.views import view_at
from tests.simulation.fakes import stroke_at

START = {"source": "empty", "base_model": None, "made_by": "a test"}
NOBODY = 65534
STROKE = stroke_at([(3, 4), (5, 8)])


@pytest.fixture
def view(tmp_path):
    return view_at(tmp_path / "A_R")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "annotations" / "A_R" / "log.sqlite"


@pytest.fixture
def begun(path, view):
    """A log with three events, closed."""
    with Log.open(path, view) as log:
        log.append("start", START, b"all the ink")
        log.append("seen", {"cell": 3, "region": [0, 0, 8, 8]})
        log.append("stroke", {"stroke": STROKE.to_json(), "refine": True, "client": "a"})
    return path


def left_open(path, view, events=2):
    """Leave a log as a killed program does: with its newest events in the WAL alone."""
    aside = path.parent.with_name("aside")
    with Log.open(path, view) as log:
        for number in range(events):
            log.append("seen", {"cell": number})
        shutil.copytree(path.parent, aside)
    shutil.rmtree(path.parent)
    aside.rename(path.parent)


def contents(path):
    """All that lies beside a log and makes it up; the index of its WAL and its lock are no part of it."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith(("-shm", ".lock"))}


@contextmanager
def refused(path, match):
    """Expect a refusal that says where, and leaves everything as it was."""
    before = contents(path)
    with pytest.raises(DataError, match=match) as caught:
        yield
    assert str(path.parent) in str(caught.value)
    assert {name: content for name, content in contents(path).items() if content or name in before} == before


def altered(path, statement):
    """Change a closed log as another program might."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


class TestEvents:
    def test_they_come_back_as_they_were_written(self, begun, view):
        with Log.open(begun, view) as log:
            start, seen, stroke = log.events()
        assert [event.number for event in (start, seen, stroke)] == [1, 2, 3]
        assert (start.kind, start.body, start.blob) == ("start", START, b"all the ink")
        assert (seen.kind, seen.body, seen.blob) == ("seen", {"cell": 3, "region": [0, 0, 8, 8]}, None)
        assert stroke.body["stroke"] == STROKE.to_json()

    def test_floats_and_names_are_exact(self, begun, view):
        body = {"cell": 0.1 + 0.2, "name": "Spiegel Größe \u2028", "tiny": 5e-324}
        with Log.open(begun, view) as log:
            event = log.append("seen", body)
            assert next(log.events(3)) == event
            assert event.body == body

    def test_a_new_log_is_empty(self, path, view):
        with Log.open(path, view) as log:
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

    def test_more_than_are_read_at_a_time_and_those_added_meanwhile(self, begun, view):
        with Log.open(begun, view) as log:
            log.append_all([("seen", {"cell": n}, None) for n in range(150)])
            events = log.events()
            next(events)
            log.append("seen", {"cell": 150})
            assert [event.number for event in events] == list(range(2, 155))

    def test_many_together_are_all_there_or_none(self, begun, view):
        with Log.open(begun, view) as log:
            assert [event.number for event in log.append_all([("undo", {"change": 9}, None)] * 2)] == [4, 5]
            with pytest.raises(ValueError, match="JSON"):
                log.append_all([("undo", {"change": 9}, None), ("undo", {"change": float("nan")}, None)])
            with pytest.raises(DataError):
                log.append_all([("undo", {"change": 9}, None), ("start", START, None)])
            assert log.last == 5

    def test_a_drawing_is_begun_first_and_once(self, path, view):
        with Log.open(path, view) as log:
            with pytest.raises(DataError, match="not begun yet"):
                log.append("seen", {})
            log.append("start", START)
            with pytest.raises(DataError, match="begun already"):
                log.append("start", START)
            assert log.last == 1

    def test_an_unknown_kind_is_refused(self, begun, view):
        with Log.open(begun, view) as log, pytest.raises(ValueError, match="guess"):
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

    def test_each_is_on_disk_when_it_is_acknowledged(self, begun, view):
        with Log.open(begun, view) as log:
            pragmas = [
                log._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
            ]
            assert pragmas == ["wal", 2]
            log.append("seen", {"cell": "all the ink"})
            assert b"all the ink" in database.wal_of(begun).read_bytes()[-4096:]

    def test_threads_share_a_log(self, begun, view):
        with Log.open(begun, view) as log:

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

    def test_it_says_what_it_is_of(self, begun, view):
        with Log.read(begun) as log:
            assert log.about["view"] == "A_R"
            assert log.about["shape"] == list(view.shape)
            assert log.about["model_shape"] == list(view.model_shape)
            assert (log.about["scale"], log.about["pixels_per_mm"]) == (0.5, 40.0)


class TestWhoWrites:
    def test_one_at_a_time(self, begun, view):
        with Log.open(begun, view), refused(begun, rf"open in another program \(process {os.getpid()}\); close it"):
            Log.open(begun, view)
        Log.open(begun, view).close()

    def test_a_refused_opening_holds_nothing(self, begun, view):
        altered(begun, "PRAGMA user_version = 9")
        with pytest.raises(DataError, match="newer"):
            Log.open(begun, view)
        altered(begun, "PRAGMA user_version = 1")
        Log.open(begun, view).close()

    @pytest.mark.parametrize("with_view", [True, False])
    def test_readers_are_welcome_and_see_what_is_written(self, begun, view, with_view):
        with Log.open(begun, view) as writer:
            with Log.open(begun, view, read_only=True) if with_view else Log.read(begun) as reader:
                assert reader.last == 3
                writer.append("seen", {"cell": 4})
                assert reader.last == 4
                assert [event.body for event in reader.events(3)] == [{"cell": 4}]
                with pytest.raises(DataError, match="read only"):
                    reader.append("seen", {})
            assert writer.append("seen", {}).number == 5

    def test_after_closing_nothing_is_written_or_read(self, begun, view):
        log = Log.open(begun, view)
        log.close()
        log.close()
        for use in (lambda: log.append("seen", {}), lambda: log.last, lambda: next(log.events())):
            with pytest.raises(DataError, match="closed"):
                use()

    def test_it_is_closed_into_one_file(self, begun):
        assert {file.name for file in begun.parent.iterdir()} == {"log.sqlite", "log.lock"}

    def test_there_is_nothing_to_read_where_nobody_has_drawn(self, path, view):
        for use in (lambda: Log.read(path), lambda: Log.open(path, view, read_only=True)):
            with pytest.raises(DataError, match="nobody has drawn here yet"):
                use()
        assert not path.parent.exists()


class TestRefused:
    @pytest.fixture(params=["to write", "to read"])
    def opened(self, request, view):
        return (lambda path: Log.open(path, view)) if request.param == "to write" else Log.read

    def test_a_newer_version(self, begun, opened):
        altered(begun, f"PRAGMA user_version = {database.VERSION + 1}")
        with refused(begun, "newer version.*update the program"):
            opened(begun)

    def test_a_newer_version_that_is_in_the_wal_alone(self, begun, opened):
        connection = sqlite3.connect(begun)
        connection.execute("PRAGMA user_version = 2")
        shutil.copytree(begun.parent, begun.parent.with_name("aside"))
        connection.close()
        copy = begun.parent.with_name("aside") / begun.name
        with refused(copy, "newer version"):
            opened(copy)

    def test_another_programs_database(self, path, opened):
        path.parent.mkdir(parents=True)
        altered(path, "CREATE TABLE notes (text)")
        with refused(path, "not a log of this program"):
            opened(path)

    def test_a_log_whose_guards_were_removed(self, begun, opened):
        altered(begun, "DROP TRIGGER events_never_go")
        with refused(begun, "not a log of this program"):
            opened(begun)

    @pytest.mark.parametrize("content", [b"", b"a text\n" * 1000, bytes(8192)])
    def test_what_is_no_database(self, path, opened, content):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        with refused(path, "not a log"):
            opened(path)

    def test_a_folder_in_its_place(self, path, opened):
        path.mkdir(parents=True)
        with pytest.raises(DataError, match="a file is expected here; move the folder away"):
            opened(path)

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_one_that_was_cut_short(self, begun, opened, share):
        whole = begun.read_bytes()
        begun.write_bytes(whole[: int(len(whole) * share)])
        with refused(begun, "damaged.*copy"):
            opened(begun)

    def test_one_with_damaged_pages(self, begun, opened):
        content = bytearray(begun.read_bytes())
        content[4096 : 4096 + 200] = b"\xff" * 200
        begun.write_bytes(content)
        with refused(begun, "damaged.*copy|not a log"):
            opened(begun)

    def test_an_event_with_a_single_wrong_bit(self, begun):
        content = begun.read_bytes()
        assert content.count(b"a test") == 1
        begun.write_bytes(content.replace(b"a test", b"a tesu"))
        with Log.read(begun) as log:
            for use in (lambda: list(log.events()), lambda: list(log.events(blobs=False)), lambda: log.event(1)):
                with refused(begun, "event 1 is damaged"):
                    use()
            assert log.event(2).number == 2

    @pytest.mark.parametrize("keep", [0, 32, 4000, 9000])
    def test_one_that_lost_a_part_of_its_wal(self, begun, view, opened, keep):
        left_open(begun, view, events=5)
        wal = database.wal_of(begun)
        wal.write_bytes(wal.read_bytes()[:keep])
        with refused(begun, "ends with event [35], but 8 were written"):
            opened(begun)

    def test_one_whose_wal_has_a_wrong_bit(self, begun, view, opened):
        left_open(begun, view, events=5)
        wal = database.wal_of(begun)
        content = bytearray(wal.read_bytes())
        content[100] ^= 1
        wal.write_bytes(content)
        with refused(begun, "ends with event 3, but 8 were written"):
            opened(begun)

    def test_one_that_left_its_wal_behind_can_be_gone_on_with_if_that_is_wanted(self, begun, view):
        left_open(begun, view, events=5)
        database.wal_of(begun).unlink()
        with pytest.raises(DataError, match=r"remove log\.lock to go on with what is left"):
            Log.open(begun, view)
        database.lock_of(begun).unlink()
        with Log.open(begun, view) as log:
            assert log.append("seen", {}).number == 4

    def test_a_wal_without_its_log(self, begun, view):
        left_open(begun, view)
        begun.unlink()
        with refused(begun, "missing, but its log.sqlite-wal is there"):
            Log.open(begun, view)

    def test_an_unfinished_write_at_the_wals_end_is_none(self, begun, view):
        """What a crash leaves of an event that was never acknowledged."""
        left_open(begun, view, events=1)
        with database.wal_of(begun).open("ab") as wal:
            wal.write(b"half a page" * 100)
        with Log.open(begun, view) as log:
            assert log.last == 4
            assert log.append("seen", {}).number == 5

    @pytest.mark.parametrize("change", ["scan", "size", "name"])
    def test_another_scan(self, begun, tmp_path, change):
        other = {
            "scan": lambda: view_at(tmp_path / "other" / "A_R", scan="new"),
            "size": lambda: view_at(tmp_path / "other" / "A_R", shape=(48, 48)),
            "name": lambda: view_at(tmp_path / "other" / "B_R"),
        }[change]()
        for read_only in (False, True):
            with refused(begun, "another scan of A_R.*put that scan back"):
                Log.open(begun, other, read_only=read_only)

    @pytest.mark.parametrize("change", [{"mask": "new"}, {"channels": ("depth", "albedo")}, {"drawing": "new"}])
    def test_but_not_a_mended_mask_a_new_channel_or_a_drawing(self, begun, tmp_path, change):
        with Log.open(begun, view_at(tmp_path / "other" / "A_R", **change)) as log:
            assert log.last == 3

    def test_a_folder_that_cannot_be_written(self, tmp_path, view):
        blocked = tmp_path / "a file"
        blocked.write_text("")
        with pytest.raises(DataError, match="a file"):
            Log.open(blocked / "A_R" / "log.sqlite", view)


@pytest.fixture
def unprivileged():
    """Be a user who may not write everywhere."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(was)


@pytest.fixture
def shelf():
    """A folder that every user reaches, unlike those of the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class TestReadOnlyFolder:
    @pytest.fixture
    def shelved(self, begun, shelf):
        """A log in a folder that may only be read."""
        shutil.copytree(begun.parent, shelf / "A_R")
        for path in [*(shelf / "A_R").iterdir(), shelf / "A_R"]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield shelf / "A_R" / begun.name
        (shelf / "A_R").chmod(0o755)

    def test_it_cannot_be_drawn_on(self, shelved, view, unprivileged):
        _ = view.model_shape  # read while it could be
        with refused(shelved, "allow this user to read and write"):
            Log.open(shelved, view)

    def test_it_can_be_read_and_nothing_is_left_there(self, shelved, unprivileged):
        with Log.read(shelved) as log:
            assert [event.number for event in log.events()] == [1, 2, 3]
        assert {file.name for file in shelved.parent.iterdir()} == {"log.sqlite", "log.lock"}

    def test_none_is_begun_there(self, shelved, view, unprivileged):
        _ = view.model_shape
        with pytest.raises(DataError, match="allow this user"):
            Log.open(shelved.parent / "B_R" / "log.sqlite", view)


@contextmanager
def small_disk(log):
    """Let the database grow no further."""
    (pages,) = log._connection.execute("PRAGMA page_count").fetchone()
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    log._connection.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def small_files(log):
    """Let no file of this process grow beyond the log's WAL, as the system sees to it."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (database.wal_of(log.path).stat().st_size + 5000, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)


@pytest.mark.parametrize("full", [small_disk, small_files])
class TestFullDisk:
    def test_what_does_not_fit_is_refused_and_the_log_goes_on(self, begun, view, full):
        big = os.urandom(100_000)
        with Log.open(begun, view) as log:
            log.append("seen", {"cell": 0})
            with full(log):
                with pytest.raises(DataError, match=r"full.*what was written before is kept"):
                    log.append("seen", {"cell": 1}, big)
                with pytest.raises(DataError, match="full"):
                    log.append_all([("seen", {"cell": 2}, None), ("seen", {"cell": 3}, big)])
                assert log.last == 4
            assert log.append("seen", {"cell": 4}, big).number == 5
        with Log.open(begun, view) as log:
            assert [event.body["cell"] for event in log.events(3)] == [0, 4]
            assert next(log.events(4)).blob == big

    def test_a_snapshot_that_does_not_fit_leaves_the_older_ones(self, begun, view, full):
        initial = np.zeros((300, 300), np.float32)
        drawing = np.random.default_rng(0).random(initial.shape, dtype=np.float32)
        with Log.open(begun, view) as log:
            log.snapshot(2, initial, initial)
            with full(log), pytest.raises(DataError, match="full"):
                log.snapshot(3, drawing, initial)
            event, kept = log.latest_snapshot(initial)
            assert event == 2
            assert_array_equal(kept, initial)
            assert log.append("seen", {}).number == 4


def test_a_new_log_that_finds_no_room_leaves_nothing_behind(path, view):
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, was[1]))
    try:
        with pytest.raises(DataError, match="full"):
            Log.open(path, view)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert {file.name for file in path.parent.iterdir()} == {"log.lock"}
    Log.open(path, view).close()


class TestSnapshots:
    INITIAL = np.random.default_rng(1).random((30, 40), dtype=np.float32)

    def drawing(self, seed):
        drawing = self.INITIAL.copy()
        drawing[seed, 3:9] = [-0.0, np.nan, np.inf, 1, 5e-324, 0]
        return drawing

    def test_there_is_none_at_first(self, begun):
        with Log.read(begun) as log:
            assert log.latest_snapshot(self.INITIAL) is None

    def test_the_newest_is_exact(self, begun, view):
        with Log.open(begun, view) as log:
            log.snapshot(1, self.drawing(1), self.INITIAL)
            log.snapshot(3, self.drawing(3), self.INITIAL)
        with Log.read(begun) as log:
            event, found = log.latest_snapshot(self.INITIAL)
        assert event == 3
        assert_array_equal(found.view(np.uint32), self.drawing(3).view(np.uint32))

    def test_two_are_kept(self, begun, view):
        with Log.open(begun, view) as log:
            for event in (1, 2, 3):
                log.snapshot(event, self.drawing(event), self.INITIAL)
            rows = log._connection.execute("SELECT event FROM snapshots").fetchall()
        assert sorted(event for (event,) in rows) == [2, 3]

    def test_a_damaged_one_is_passed_over(self, begun, view):
        with Log.open(begun, view) as log:
            log.snapshot(2, self.drawing(2), self.INITIAL)
            log.snapshot(3, self.drawing(3), self.INITIAL)
        altered(begun, "UPDATE snapshots SET drawing = x'0102030405' WHERE event = 3")
        with Log.read(begun) as log:
            assert log.latest_snapshot(self.INITIAL)[0] == 2

    def test_one_of_events_that_are_not_there_is_passed_over(self, begun, view):
        with Log.open(begun, view) as log:
            log.snapshot(4, self.drawing(4), self.INITIAL)
            assert log.latest_snapshot(self.INITIAL) is None
