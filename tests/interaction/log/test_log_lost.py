"""A log that is deleted, replaced, cut short or overwritten while it is open: noticed, and written whole again."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from functools import partial

import pytest

from data.errors import DataError
from interaction.log import database
from interaction.log.copies import copies_of
from interaction.log.database import UnwritableLog, lock_of, wal_of
from interaction.log.log import Log
from interaction.log.stamps import Stamps
from tests.interaction.log.losses import (
    LOSSES,
    cut_short,
    delete,
    delete_folder,
    empty,
    lose_the_wal,
    move_away,
    replace_by_an_older_copy,
    replace_by_something_else,
)


@pytest.fixture
def log(begun, plain_view):
    """An open log of four events, of which the last one is in the WAL alone."""
    with Log.open(begun, plain_view) as opened:
        opened.append("seen", {"cell": 4}, b"pixels")
        yield opened


def said(log):
    return [(event.number, event.kind, event.body, event.blob) for event in log.events()]


@pytest.mark.parametrize("lose", LOSSES)
def test_the_next_event_is_refused_until_the_log_is_written_again_and_nothing_is_lost(log, plain_view, lose):
    # Given a log of which a copy was made, as the page makes it when it opens one, and an event since
    log.copy()
    log.append("seen", {"cell": 5}, os.urandom(20_000))
    before = said(log)

    # When the file is lost
    lose(log.path)

    # Then nothing is acknowledged
    with pytest.raises(UnwritableLog, match="while it was open"):
        log.append("seen", {"cell": 6})
    # and once it is mended all that was acknowledged is there, and the log goes on
    assert log.mend()
    assert said(log) == before
    assert log.append("seen", {"cell": 7}).number == 6
    log.close()
    with Log.open(log.path, plain_view) as again:
        assert said(again)[:5] == before
        assert again.last == 6


@pytest.mark.parametrize("lose", [delete, delete_folder, replace_by_an_older_copy, lose_the_wal])
def test_what_lives_on_without_a_name_needs_no_copy(log, plain_view, lose):
    before = said(log)
    lose(log.path)

    assert log.mend()

    assert said(log) == before


def test_what_lies_in_its_place_is_kept_unless_the_log_says_all_of_it(log):
    replace_by_something_else(log.path)
    log.mend()
    (kept,) = log.path.parent.glob("log-replaced-*")
    assert kept.read_bytes() == b"no log"

    replace_by_an_older_copy(log.path)
    log.mend()
    assert list(log.path.parent.glob("log-replaced-*")) == [kept]


def test_another_log_in_its_place_is_left_alone_and_what_was_drawn_is_kept_beside_it(log, plain_view, tmp_path):
    # Given a log that went on from the same beginning, elsewhere
    other = tmp_path / "elsewhere" / "A_R" / "log.sqlite"
    shutil.copytree(log.path.parent, other.parent)
    lock_of(other).unlink()
    with Log.open(other, plain_view) as elsewhere:
        elsewhere.append("seen", {"cell": 99})
        theirs = said(elsewhere)
    before = said(log)

    # When it is put in the place of the open one
    other.replace(log.path)

    # Then it is left as it is, however often one tries
    for _ in range(2):
        with pytest.raises(DataError, match=r"another log.*log-held-.*sqlite; move the other log away"):
            log.mend()
    (apart,) = log.path.parent.glob("log-held-*.sqlite")
    with Log.read(apart) as held:
        assert said(held) == before == said(log)
    shutil.copyfile(log.path, tmp_path / "kept.sqlite")
    with Log.read(tmp_path / "kept.sqlite") as kept:
        assert said(kept) == theirs

    # and once it is moved away this one goes on
    log.path.unlink()
    assert log.mend()
    assert said(log) == before
    assert log.append("seen", {"cell": 5}).number == 5
    assert not apart.exists()


def test_a_file_that_was_only_touched_is_the_same_one(log):
    os.utime(log.path)
    os.utime(wal_of(log.path))

    assert log.append("seen", {"cell": 5}).number == 5
    assert not log.mend()


def test_a_checkpoint_by_another_program_is_no_loss(log):
    with sqlite3.connect(log.path) as other:
        other.execute("PRAGMA wal_checkpoint(PASSIVE)")
    other.close()

    assert log.append("seen", {"cell": 5}).number == 5


def test_a_file_that_may_not_be_written_any_more_is_said_though_the_open_one_could_be(log, monkeypatch):
    log.path.chmod(0o444)
    with monkeypatch.context() as other_user:
        other_user.setattr("interaction.log.held.os.access", lambda path, mode: False)
        for use in (partial(log.append, "seen", {"cell": 5}), log.mend):
            with pytest.raises(UnwritableLog, match="may not be written any more; allow this user to write it"):
                use()
    log.path.chmod(0o644)

    assert not log.mend()
    assert log.append("seen", {"cell": 5}).number == 5


@pytest.mark.parametrize(
    ("name", "passing"),
    [
        ("SQLITE_READONLY", True),  # a medium that was made read only
        ("SQLITE_IOERR_WRITE", True),
        ("SQLITE_FULL", True),
        ("SQLITE_BUSY", True),
        ("SQLITE_CORRUPT", False),
        ("SQLITE_NOTADB", False),
    ],
)
def test_what_may_pass_is_told_from_what_does_not(tmp_path, name, passing):
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorname = name
    with pytest.raises(DataError) as raised, database.explained(tmp_path / "log.sqlite"):
        raise error

    assert isinstance(raised.value, UnwritableLog) == passing


def test_a_lock_that_was_removed_is_taken_anew(log, plain_view):
    lock_of(log.path).unlink()
    log.append("seen", {"cell": 5})

    with pytest.raises(DataError, match="open in another program"):
        Log.open(log.path, plain_view)


def test_an_event_that_was_lost_while_it_was_written_is_not_acknowledged(log, monkeypatch):
    """It went to a file that has no name any more; whoever sent it sends it again."""
    written = log._held.require_in_place

    def lost_right_after():
        written()
        delete(log.path)

    monkeypatch.setattr(log._held, "require_in_place", lost_right_after)
    with pytest.raises(UnwritableLog, match="deleted"):
        log.append("seen", {"cell": 5})
    monkeypatch.undo()
    log.mend()
    assert [body.get("cell") for *_, body, _ in said(log)][-1] == 5


def test_a_drive_that_was_taken_away_is_not_written_on_what_lies_below_it(log, monkeypatch):
    move_away(log.path)
    stamps = log._held._stamps
    object.__setattr__(stamps.log, "device", stamps.log.device + 1)

    with pytest.raises(DataError, match="its drive is gone; connect it again"):
        log.mend()

    assert not log.path.parent.exists()


def test_a_log_that_cannot_be_gathered_says_so_and_leaves_what_is_there(log):
    empty(log.path)  # and there is no copy

    with pytest.raises(DataError, match="cannot be written again"):
        log.mend()

    assert log.path.exists()
    assert copies_of(log.path) == []


def test_reading_what_was_cut_off_says_that_the_log_was_lost(log):
    """Readers meet it before a writer does, once the WAL's content is in the file: nothing is left in memory then."""
    log.copy()
    log._held.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log._held._stamps = Stamps.of(log.path)
    before = said(log)
    log._held.connection.execute("PRAGMA shrink_memory")
    cut_short(log.path)

    with pytest.raises(UnwritableLog, match="it was cut short while it was open"):
        said(log)

    assert log.mend()
    assert said(log) == before


def test_a_kill_while_it_is_written_again_leaves_all_of_it_in_a_file_of_its_own(log, plain_view, monkeypatch):
    """Whatever is begun in its place afterwards: that file stays."""
    before = said(log)
    delete(log.path)
    with monkeypatch.context() as killed:
        killed.setattr("interaction.log.mending._close", lambda held, path: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            log.mend()
    (apart,) = log.path.parent.glob("log-held-*.sqlite")
    lock_of(log.path).unlink()  # as if its holder were gone
    Log.open(log.path, plain_view).close()

    with Log.read(apart) as held:
        assert said(held) == before


def test_attempts_on_a_full_disk_leave_one_file_at_most(log, monkeypatch):
    log.copy()
    before = said(log)
    empty(log.path)
    copied = shutil.copyfile

    def full(source, target):
        if target.name.startswith("log-replaced-"):
            target.write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        return copied(source, target)

    with monkeypatch.context() as disk:
        disk.setattr("interaction.log.mending.shutil.copyfile", full)
        for _ in range(3):
            with pytest.raises(UnwritableLog, match="No space left"):
                log.mend()
    assert list(log.path.parent.glob("log-replaced-*")) == []
    assert len(list(log.path.parent.glob("log-held-*"))) == 1

    assert log.mend()
    assert said(log) == before
    assert list(log.path.parent.glob("log-held-*")) == []


def test_all_goes_well_where_it_is_whole(log):
    before = said(log)

    assert not log.mend()

    assert said(log) == before
    assert {path.name for path in log.path.parent.iterdir()} == {
        "log.sqlite",
        "log.lock",
        f"{log.path.name}-wal",
        f"{log.path.name}-shm",
    }
    assert database.wal_of(log.path).exists()
