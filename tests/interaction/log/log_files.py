"""Files of logs: left open, altered, and refused without a change."""

import shutil
import sqlite3
from contextlib import contextmanager

import pytest

from data.errors import DataError
from interaction.log.log import Log
from tests.simulation.fakes import stroke_at

START = {"source": "empty", "base_model": None, "made_by": "a test"}
STROKE = stroke_at([(3, 4), (5, 8)])


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
