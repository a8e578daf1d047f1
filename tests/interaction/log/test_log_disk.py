"""A log on a disk that is full or read-only."""

import os
import resource
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.errors import DataError
from interaction.log import database
from interaction.log.log import Log
from tests.interaction.log.log_files import left_open, refused

NOBODY = 65534


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

    def test_it_cannot_be_drawn_on(self, shelved, plain_view, unprivileged):
        _ = plain_view.model_shape  # read while it could be
        with refused(shelved, "allow this user to read and write"):
            Log.open(shelved, plain_view)

    @pytest.fixture
    def left(self, begun, plain_view, shelf):
        """A log whose newest events are in its WAL alone, in a folder that may only be read."""
        left_open(begun, plain_view, events=2)
        shutil.copytree(begun.parent, shelf / "A_R", ignore=shutil.ignore_patterns("*-shm"))
        for path in [*(shelf / "A_R").iterdir(), shelf / "A_R"]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield shelf / "A_R" / begun.name
        (shelf / "A_R").chmod(0o755)

    def test_what_a_killed_program_left_in_its_wal_is_read_too(self, left, plain_view, unprivileged):
        _ = plain_view.model_shape  # read while it could be
        with refused(left, "allow this user to read and write"):
            Log.open(left, plain_view)
        with Log.read(left) as log:
            assert log.path == left
            assert [event.number for event in log.events()] == [1, 2, 3, 4, 5]

    def test_it_can_be_read_and_nothing_is_left_there(self, shelved, unprivileged):
        with Log.read(shelved) as log:
            assert [event.number for event in log.events()] == [1, 2, 3]
        assert {file.name for file in shelved.parent.iterdir()} == {"log.sqlite", "log.lock"}

    def test_none_is_begun_there(self, shelved, plain_view, unprivileged):
        _ = plain_view.model_shape
        with pytest.raises(DataError, match="allow this user"):
            Log.open(shelved.parent / "B_R" / "log.sqlite", plain_view)


@contextmanager
def small_disk(log):
    """Let the database grow no further."""
    (pages,) = log._database.connection.execute("PRAGMA page_count").fetchone()
    log._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    log._database.connection.execute("PRAGMA max_page_count = 1000000")


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
    def test_what_does_not_fit_is_refused_and_the_log_goes_on(self, begun, plain_view, full):
        big = os.urandom(100_000)
        with Log.open(begun, plain_view) as log:
            log.append("seen", {"cell": 0})
            with full(log):
                with pytest.raises(DataError, match=r"full.*what was written before is kept"):
                    log.append("seen", {"cell": 1}, big)
                with pytest.raises(DataError, match="full"):
                    log.append_all([("seen", {"cell": 2}, None), ("seen", {"cell": 3}, big)])
                assert log.last == 4
            assert log.append("seen", {"cell": 4}, big).number == 5
        with Log.open(begun, plain_view) as log:
            assert [event.body["cell"] for event in log.events(3)] == [0, 4]
            assert next(log.events(4)).blob == big

    def test_a_snapshot_that_does_not_fit_leaves_the_older_ones(self, begun, plain_view, full):
        initial = np.zeros((300, 300), np.float32)
        drawing = np.random.default_rng(0).random(initial.shape, dtype=np.float32)
        with Log.open(begun, plain_view) as log:
            log.snapshot(2, initial, initial)
            with full(log), pytest.raises(DataError, match="full"):
                log.snapshot(3, drawing, initial)
            event, kept = log.latest_snapshot(initial)
            assert event == 2
            assert_array_equal(kept, initial)
            assert log.append("seen", {}).number == 4


def test_a_new_log_that_finds_no_room_leaves_nothing_behind(path, plain_view):
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, was[1]))
    try:
        with pytest.raises(DataError, match="full"):
            Log.open(path, plain_view)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert {file.name for file in path.parent.iterdir()} == {"log.lock"}
    Log.open(path, plain_view).close()
