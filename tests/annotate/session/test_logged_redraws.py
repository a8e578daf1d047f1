"""Redrawings in a logged session: on disk before they are made, undone in their turn, and kept by a rewrite."""

from contextlib import closing

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from annotate.library.annotation_progress import AnnotationProgress
from annotate.session.logged_session import LoggedSession
from interaction.changes import whole_window
from interaction.log.log import Log
from interaction.log.packing import pack_drawing
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from tests.interaction.log.views import SHAPE, view_at
from tests.simulation.fakes import Told, erratic, stroke_at

INITIAL = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
REDRAWN = np.random.default_rng(1).random(SHAPE, dtype=np.float32)
FIRST, LAST = stroke_at([(10, 5), (10, 20)]), stroke_at([(30, 40), (30, 50)])


@pytest.fixture
def log(tmp_path):
    with closing(Log.open(tmp_path / "log.sqlite", view_at(tmp_path / "A_R"))) as log:
        log.append("start", {"source": "model", "base_model": "abc", "made_by": "a test"}, pack_drawing(INITIAL))
        yield log


def answer(logged, log, stroke):
    number = log.append(*prompt_entry(stroke, refine=True, client=f"client {log.last}")).number
    logged.answer(number, stroke, True, lambda: 1.0)


@pytest.fixture
def logged(log, tmp_path):
    """A stroke, a redrawing and another stroke, of which no model was asked."""
    logged = LoggedSession(view_at(tmp_path / "A_R"), log, replayed(log))
    answer(logged, log, FIRST)
    logged.redraw(logged.session.propose_redraw(REDRAWN, "5eed"))
    answer(logged, log, LAST)
    return logged


def require_replayed(logged, log):
    state = replayed(log)
    assert_array_equal(state.current, logged.session.current)
    assert_array_equal(state.initial, logged.session.initial)
    assert [entry.event for entry in state.history.done] == [entry.event for entry in logged.session.history.done]


def test_it_is_in_the_log_and_undone_in_its_turn(logged, log):
    require_replayed(logged, log)
    logged.undo()
    outcome = logged.undo()
    assert (outcome.cause, outcome.redraw.version) == ("undo", "5eed")
    assert_array_equal(logged.session.initial, INITIAL)
    require_replayed(logged, log)
    assert logged.redo().redraw is outcome.redraw
    require_replayed(logged, log)


def test_a_rewrite_makes_it_again_around_the_new_answers(logged, log):
    logged.ask(Told(erratic, patch=24), whole_window, (), merge_name="whole", model="def")
    logged.refine()
    assert [type(entry).__name__ for entry in logged.session.history.done] == ["Step", "Redraw", "Step"]
    require_replayed(logged, log)
    window = logged.session.history.done[0].region
    assert logged.session.protected[window.slices].mean() > 0.9
    assert_array_equal(logged.session.initial[window.slices], INITIAL[window.slices])


def test_one_that_is_overtaken_is_not_logged(logged, log):
    stale = logged.session.propose_redraw(INITIAL, "a")
    answer(logged, log, stroke_at([(20, 20), (20, 30)]))
    last = log.last
    with pytest.raises(ValueError, match="propose it again"):
        logged.redraw(stale)
    assert log.last == last


def test_a_session_is_taken_up_with_the_drawing_that_it_was_begun_with(logged, log, tmp_path):
    log.snapshot(log.last, logged.session.current, logged.session.begun)
    again = LoggedSession(view_at(tmp_path / "A_R"), log, replayed(log))
    for drawing in ("begun", "initial", "current"):
        assert_array_equal(getattr(again.session, drawing), getattr(logged.session, drawing))
    assert_array_equal(again.session.protected, logged.session.protected)


def test_the_list_of_images_counts_strokes_alone(logged, log, tmp_path):
    progress = AnnotationProgress(view_at(tmp_path / "A_R"))
    logged.undo()
    progress.read(log.path)
    assert progress.strokes == logged.strokes == 1
