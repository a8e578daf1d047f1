"""Copies of a log: the last three, whole, made while it is written to; a bad one never takes a good one's place."""

from __future__ import annotations

import os
import shutil

import pytest

from data.errors import DataError
from interaction.log import copies
from interaction.log.copies import copies_of
from interaction.log.database import lock_of
from interaction.log.log import Log


@pytest.fixture
def log(begun, plain_view):
    with Log.open(begun, plain_view) as opened:
        yield opened


def ends(log):
    found = []
    for path in copies_of(log.path):
        with Log.read(path) as copy:
            found.append(copy.last)
    return found


def test_the_last_three_are_kept_and_each_is_a_log_of_its_own(log):
    for number in range(5):
        log.append("seen", {"cell": number}, os.urandom(9000))
        log.copy()

    assert ends(log) == [6, 7, 8]
    with Log.read(copies_of(log.path)[-1]) as copy:
        assert list(copy.events()) == list(log.events())
    assert {path.name for path in (log.path.parent / "copies").iterdir()} == {path.name for path in copies_of(log.path)}


def test_the_newest_copy_is_the_last_one_where_the_clock_was_set_back(log):
    for number in range(3):
        log.append("seen", {"cell": number})
        log.copy()
    for year, copy in zip((2998, 2999), copies_of(log.path)[1:], strict=True):
        copy.rename(copy.with_name(f"log-{year}{copy.name[8:]}"))

    for number in range(2):
        log.append("seen", {"cell": number})
        log.copy()

    assert ends(log) == [6, 7, 8]


def test_what_the_newest_copy_says_is_not_copied_again(log):
    log.copy()
    made = copies_of(log.path)
    log.copy()

    assert copies_of(log.path) == made


def test_a_copy_can_be_put_in_the_place_of_a_log_that_was_lost(log, plain_view):
    log.append("seen", {"cell": 4}, b"pixels")
    log.copy()
    said = list(log.events())
    log.close()
    log.path.write_bytes(b"damaged")
    lock_of(log.path).unlink()

    shutil.copyfile(copies_of(log.path)[-1], log.path)

    with Log.open(log.path, plain_view) as restored:
        assert list(restored.events()) == said
        assert restored.append("seen", {}).number == 5


def test_a_bad_copy_is_not_kept_and_takes_no_good_one_s_place(log, monkeypatch):
    for number in range(3):
        log.append("seen", {"cell": number})
        log.copy()
    before = [path.read_bytes() for path in copies_of(log.path)]
    log.append("seen", {"cell": 9})
    synchronise = copies.synchronise

    def spoilt(path):
        content = bytearray(path.read_bytes())
        content[4096:6000] = bytes(6000 - 4096)
        path.write_bytes(content)
        synchronise(path)

    monkeypatch.setattr(copies, "synchronise", spoilt)
    with pytest.raises(DataError):
        log.copy()

    assert [path.read_bytes() for path in copies_of(log.path)] == before
    assert log.append("seen", {"cell": 10}).number == 8


def test_a_copy_is_made_while_others_write(log):
    """The thread that copies does not hold up the one that writes."""
    with Log.read(log.path) as reading:
        rows = reading.events()
        next(rows)
        log.append("seen", {"cell": 1})
        log.copy()

    assert ends(log) == [4]


def test_a_log_that_is_only_read_is_not_copied(begun):
    with Log.read(begun) as log:
        log.copy()

    assert copies_of(begun) == []


def test_copies_of_a_log_that_is_gone_are_kept_when_another_is_begun(log, plain_view):
    log.copy()
    (copy,) = copies_of(log.path)
    content = copy.read_bytes()
    log.close()
    for path in log.path.parent.glob("log*"):
        path.unlink()

    with Log.open(log.path, plain_view) as begun_anew:
        begun_anew.append("start", {"source": "empty"}, b"")
        begun_anew.copy()

    (apart,) = log.path.parent.glob("copies-*")
    assert (apart / copy.name).read_bytes() == content
    assert ends(log) == [1]
