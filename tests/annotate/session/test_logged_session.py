"""The history of a logged session: what a rewrite changes of it, and what one that fails leaves as it was."""

from contextlib import closing

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from annotate.session.logged_session import LoggedSession
from data.errors import DataError
from interaction.changes import whole_window
from interaction.log.log import Log
from interaction.log.packing import pack_drawing
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from tests.interaction.log.views import SHAPE, view_at
from tests.simulation.fakes import Told, erratic, stroke_at

INITIAL = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
STROKES = (stroke_at([(10, 5), (10, 20)]), stroke_at([(5, 10), (20, 10)], sign=-1), stroke_at([(30, 40), (30, 50)]))


@pytest.fixture
def log(tmp_path):
    view = view_at(tmp_path / "A_R")
    with closing(Log.open(tmp_path / "log.sqlite", view)) as log:
        log.append("start", {"source": "model", "base_model": "abc", "made_by": "a test"}, pack_drawing(INITIAL))
        yield log


@pytest.fixture
def logged(log, tmp_path):
    """Three strokes that no model was asked about, the last of them undone, and then a model."""
    logged = LoggedSession(view_at(tmp_path / "A_R"), log, replayed(log))
    for stroke in STROKES:
        number = log.append(*prompt_entry(stroke, refine=True, client=f"client {log.last}")).number
        logged.answer(number, stroke, True, lambda: 1.0)
    logged.undo()
    logged.ask(Told(erratic, patch=24), whole_window, (), merge_name="whole", model="def")
    return logged


def entries(steps):
    return [(step.event, step.prompt_event, step.unrefined) for step in steps]


def test_each_step_names_the_events_of_its_change_and_of_its_prompt(logged):
    assert entries(logged.session.done) == [(3, 2, True), (5, 4, True)]
    assert entries(logged.session.undone) == [(7, 6, True)]


def test_a_rewrite_names_the_events_of_the_new_changes_and_replay_agrees(logged, log):
    outcomes = logged.refine()

    assert [outcome.cause for outcome in outcomes] == ["refine", "refine"]
    assert entries(logged.session.done) == [(11, 2, False), (12, 4, False)]
    assert logged.session.undone == ()
    state = replayed(log)
    assert entries(state.history.done) == entries(logged.session.done)
    assert_array_equal(state.current, logged.session.current)


def test_a_rewrite_that_cannot_be_logged_leaves_drawing_and_history_as_they_were(logged, log, monkeypatch):
    drawing, done, undone = logged.session.current.copy(), logged.session.done, logged.session.undone

    def full(entries):
        raise DataError("the disk is full")

    monkeypatch.setattr(log, "append_all", full)
    with pytest.raises(DataError, match="full"):
        logged.refine()

    assert_array_equal(logged.session.current, drawing)
    assert (logged.session.done, logged.session.undone) == (done, undone)
    assert logged.session.prompts == STROKES[:2]
    assert logged.pending == 2
    monkeypatch.undo()
    assert logged.redo().change.prompt is STROKES[2]
    assert_array_equal(replayed(log).current, logged.session.current)


@pytest.mark.parametrize("readable", [0, 1, 2])
def test_a_rewrite_during_which_the_log_cannot_be_read_any_more_leaves_the_drawing_as_it_was(
    logged, log, tmp_path, monkeypatch, readable
):
    again = LoggedSession(view_at(tmp_path / "A_R"), log, replayed(log))  # its steps lie in the log
    again.ask(Told(erratic, patch=24), whole_window, (), merge_name="whole", model="def")
    drawing, done, undone = again.session.current.copy(), again.session.done, again.session.undone
    read, reads = log.event, iter(range(readable))

    def lost(*_):
        raise DataError("the disk is gone")

    monkeypatch.setattr(log, "event", lambda number: lost() if next(reads, None) is None else read(number))
    monkeypatch.setattr(log, "append_all", lost)
    with pytest.raises(DataError, match="gone"):
        again.refine()

    assert_array_equal(again.exact()[1], drawing)
    assert (again.session.done, again.session.undone) == (done, undone)
    monkeypatch.undo()
    assert_array_equal(replayed(log).current, drawing)
