"""Killed at any moment, a program has lost no event that it acknowledged."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from data.storage import open_view
from interaction.log.log import Log
from tests.interaction.log.views import view_at
from tests.root import ROOT

LOGS, KILLS = 3, 8
INITIAL = np.zeros((8, 8), np.float32)
DRAWER = """
import os, sys
from tests.interaction.log.test_log_kill import draw_without_end
for line in sys.stdin:  # a copy of this program each time: a fresh one takes long to load
    process = os.fork()
    if not process:
        draw_without_end(line.strip())
    os.write(1, b"process %d\\n" % process)
    os.waitpid(process, 0)
    os.write(1, b"gone\\n")
"""


def body(number):
    """What event ``number`` says; no two say the same."""
    return {"cell": number, "text": f"{number} " * (number % 50)}


def blob(number):
    """The pixels of every third event."""
    return np.random.default_rng(number).bytes(number % 7 * 3000) if number % 3 == 0 else None


def draw_without_end(name):
    """Write event after event to the log of a folder, and tell of each once it is acknowledged."""
    folder = Path(name)
    with Log.open(folder / "log.sqlite", open_view(folder / "A_R")) as log:
        log._database.connection.execute(
            "PRAGMA wal_autocheckpoint = 8"
        )  # so that kills hit the WAL's taking over, too
        while True:
            number = log.last + 1
            event = log.append("start" if number == 1 else "seen", body(number), blob(number))
            os.write(1, b"%d\n" % event.number)
            if number % 5 == 0:
                log.snapshot(number, np.full_like(INITIAL, number), INITIAL)


@contextmanager
def drawer():
    """A program that draws into the log of each folder that it is told, until it is killed."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    program = subprocess.Popen([sys.executable, "-c", DRAWER], cwd=ROOT, text=True, bufsize=1, **pipes)
    yield program
    program.stdin.close()
    assert program.wait(10) == 0


def acknowledged_until_killed(program, folder, events, delay):
    """Let it draw so many events and for so long, kill it, and return the last event that it told of; 0 if none."""
    program.stdin.write(f"{folder}\n")
    last, process, killed = 0, 0, False
    for line in program.stdout:
        match line.split():
            case ["process", number]:
                process = int(number)
            case ["gone"]:
                return last
            case [number]:
                last, events = int(number), events - 1
        if process and events <= 0 and not killed:
            time.sleep(delay)
            os.kill(process, signal.SIGKILL)
            killed = True
    pytest.fail("the program ended by itself")


def require_all(log, acknowledged):
    """Assert that all acknowledged events are there, as they were written, and at most one more."""
    events = list(log.events())
    assert acknowledged <= len(events)
    for number, event in enumerate(events, 1):
        assert (event.number, event.body, event.blob) == (number, body(number), blob(number))
    snapshot = log.latest_snapshot(INITIAL)
    if snapshot:
        event, drawing = snapshot
        assert len(events) - 10 <= event <= len(events)
        assert (drawing == event).all()


@pytest.mark.slow
def test_no_acknowledged_event_is_lost(tmp_path):
    rng = np.random.default_rng(6)
    most = 0
    with drawer() as program:
        for folder in (tmp_path / str(number) for number in range(LOGS)):
            path, view, acknowledged = folder / "log.sqlite", view_at(folder / "A_R"), 0
            for kill in range(KILLS):
                told = acknowledged_until_killed(program, folder, rng.integers(8), rng.uniform(0, 0.015))
                acknowledged = max(acknowledged, told)
                if path.exists():
                    with Log.read(path) if kill % 2 else Log.open(path, view) as log:
                        require_all(log, acknowledged)
                else:
                    assert acknowledged == 0
            with Log.open(path, view) as log:
                number = log.last + 1
                assert log.append("seen" if number > 1 else "start", body(number)).number == number
            most = max(most, acknowledged)
    assert most > KILLS  # it was killed while it wrote, not only before
