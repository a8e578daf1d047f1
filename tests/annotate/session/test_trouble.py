"""A full disk, a fault, a kill: no stroke that was acknowledged is lost, and nobody is shown what is not in the log."""

import os
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest

from annotate.library.places import Places
from annotate.session.publishing import as_grey
from data.errors import DataError
from interaction.log.replay import replayed
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN, until
from tests.annotate.session.sessions import Inbox, bits, put
from tests.root import ROOT
from tests.simulation.fakes import stroke_at


@pytest.mark.parametrize("order", ["undo", "redo", "keep_stroke", "refine", "draw"])
def test_nothing_in_memory_is_ahead_of_a_log_that_cannot_be_written(opened, monkeypatch, order):
    session = opened()
    put(session, stroke_at([(20, 20)]), refine=False)
    put(session, stroke_at([(90, 90)]))
    put(session, stroke_at([(30, 30)]))
    if order == "redo":
        session.undo()
    session.wait()
    inbox, before, last = Inbox(session), bits(session), session.log.last
    written = session.log.append_all

    def full(entries):
        if order != "draw" or entries[0][0] != "stroke":
            raise DataError("the disk is full")
        return written(entries)

    monkeypatch.setattr(session.log, "append_all", full)
    if order == "draw":
        put(session, stroke_at([(60, 60)]))
    else:
        getattr(session, order)()
    session.wait()

    assert bits(session) == before
    assert as_grey(session.exact()[1]).tolist() == session.drawing("current")[1].tolist()
    assert inbox.received[-1] == {"type": "trouble", "message": "the disk is full"}
    assert not inbox.changes
    assert session.state().read_only == "the disk is full"
    assert session.log.last == last + (order == "draw")
    for refused in (
        partial(put, session, stroke_at([(20, 20)])),
        session.undo,
        session.redo,
        session.refine,
        session.keep_stroke,
    ):
        with pytest.raises(DataError, match="full"):
            refused()
    session.close()
    monkeypatch.undo()
    again = opened()
    again.wait()
    if order == "draw":
        assert again.state().strokes == 4
    else:
        assert bits(again) == before


def test_a_stroke_that_cannot_be_written_down_is_not_taken_and_those_that_wait_are_left(opened, monkeypatch):
    session = opened(models := FakeModels())
    inbox = Inbox(session)
    models.answers.clear()
    under_way = put(session, stroke_at([(20, 20)]))
    until(lambda: models.calls)
    waits = put(session, stroke_at([(50, 50)]))
    written, failures = session.log.append_all, iter([DataError("the disk is full")])

    def full_once(entries):
        if failure := next(failures, None):
            raise failure
        return written(entries)

    monkeypatch.setattr(session.log, "append_all", full_once)
    with pytest.raises(DataError, match="full"):
        put(session, stroke_at([(60, 60)]))
    models.answers.set()
    session.wait()

    assert [(message["type"], message.get("stroke")) for message in inbox.received] == [
        ("change", under_way),
        ("trouble", None),
    ]
    state = replayed(session.log)
    assert state.waiting == [waits]
    assert bits(session) == state.current.tobytes()


def test_a_fault_of_the_program_stops_the_drawing_and_not_the_worker(opened, monkeypatch):
    session = opened()
    inbox = Inbox(session)
    monkeypatch.setattr(Places, "drawn", lambda *anything: 1 / 0)

    put(session, stroke_at([(20, 20)]))
    session.wait()

    assert "ZeroDivisionError" in inbox.of("trouble")[0]["message"]
    assert "ZeroDivisionError" in session.state().read_only


DRAWING = """
import sys
import numpy as np
from annotate.session.annotation_session import AnnotationSession
from data.storage import PreparedSet
from tests.annotate.models import FakeModels, strokes
from user_config import settings
name, seed = sys.argv[1], int(sys.argv[2])
session = AnnotationSession.open(PreparedSet.open(settings().storage, "mirrors").view(name), settings(), FakeModels())
if not session.started:
    session.start("empty")
orders = [session.undo, session.redo, session.keep_stroke, session.refine]
rng = np.random.default_rng(seed)
for turn, stroke in enumerate(strokes(5000, seed, (300, 400))):
    client = f"{seed} {turn}"
    session.draw(stroke, refine=bool(rng.random() < 0.7), client=client)
    print(client, flush=True)
    if rng.random() < 0.3:
        rng.choice(orders)()
"""


def test_no_stroke_that_was_acknowledged_is_lost_when_the_program_is_killed(site, opened):
    rng, acknowledged = np.random.default_rng(0), []
    for seed in range(3):
        arguments = [sys.executable, "-c", DRAWING, DRAWN, str(seed)]
        environment = os.environ | site.environment
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as program:
            acknowledged.append(program.stdout.readline().strip())
            time.sleep(rng.uniform(0, 0.5))
            program.kill()
            acknowledged += [line.strip() for line in program.stdout if line.endswith("\n")]

    session = opened()
    session.wait()

    state = replayed(session.log, thorough=True)
    assert len(acknowledged) > 3
    assert set(acknowledged) <= set(state.clients)
    assert bits(session) == state.current.tobytes()
    assert state.waiting == []
    held = {step.prompt_event for step in state.history.done + state.history.undone}
    dropped = set(state.prompts) - held  # by strokes that were drawn after an undo
    assert dropped <= {
        state.steps[event.body["change"]].prompt_event for event in session.log.events() if event.kind == "undo"
    }
