"""Places that were seen, and how good each is thought to be."""

import threading

import numpy as np
import pytest

from annotate.library.annotation_progress import PLACES, read_count
from annotate.library.places import Places
from data.errors import DataError
from interaction.log.log import Log
from interaction.log.replay import replayed
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, bits, kinds, put
from tests.simulation.fakes import stroke_at


def test_places_that_were_seen_stay_so(opened):
    session = opened()
    inbox = Inbox(session)

    number = session.seen(2)
    session.wait()
    session.close()
    again = opened()

    assert number == 2
    assert inbox.of("places")[-1]["places"]["state"] == ["", "", "seen", ""]
    assert again.state().places.state == ["", "", "seen", ""]
    assert again.state().places.progress == 0.25


@pytest.mark.parametrize("cell", [-1, 4])
def test_a_place_that_is_not_there_cannot_be_seen(opened, cell):
    session = opened()

    with pytest.raises(DataError, match="no place"):
        session.seen(cell)

    assert kinds(session) == ["start"]


def test_answers_do_not_wait_for_estimates(opened, monkeypatch):
    told = []
    estimate = Places.estimate
    monkeypatch.setattr(Places, "estimate", lambda places: told.append("estimate") or estimate(places))
    models = FakeModels(drawing=np.full(MODEL_SHAPE, 0.7, np.float32))
    session = opened(models, source="model")
    session.wait()
    session.subscribe(lambda message: told.append(message.type))
    models.answers.clear()
    told.clear()

    for stroke in strokes(4, 3, MODEL_SHAPE):
        put(session, stroke)
    models.answers.set()
    session.wait()

    assert told[:4] == ["change"] * 4
    assert told[4] == "estimate"
    assert told.count("places") == 1
    assert told[-1] == "places"


def test_estimates_come_when_models_are_loaded_after_the_opening(opened):
    session = opened(FakeModels(drawing=np.full(MODEL_SHAPE, 0.7, np.float32)), source="model")
    session.close()
    again = opened(models := FakeModels(loaded=False))
    again.wait()
    assert again.state().places.quality == [None] * 4

    models.load()
    again.wait()

    assert all(again.state().places.quality)


def state_of(session):
    session.wait()
    return session.state().places.state


def test_looks_right_is_undone_by_undo_in_its_order_with_strokes(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.seen(2)
    put(session, stroke_at([(20, 60)]))
    session.wait()
    inbox = Inbox(session)

    session.undo()
    assert (state_of(session), session.state().strokes) == (["", "", "seen", ""], 1)
    session.undo()
    assert (state_of(session), session.state().strokes) == ([""] * 4, 1)
    session.undo()
    session.wait()
    assert session.state().strokes == 0
    for _ in range(3):
        session.redo()
    assert (state_of(session), session.state().strokes) == (["", "", "seen", ""], 2)

    told = [(message["type"], message["cause"]) for message in inbox.received if message["type"] != "places"]
    assert told == [(kind, cause) for cause in ("undo", "redo") for kind in ("change", "marked", "change")]
    assert [(message["cell"], message["can_redo"]) for message in inbox.of("marked")] == [(2, True), (2, True)]


def test_a_mark_takes_its_turn_behind_the_strokes_that_wait(opened):
    """A stroke that was drawn before it is undone after it, however long its answer takes."""
    session = opened(models := FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), source="model")
    session.wait()
    models.answers.clear()
    put(session, stroke_at([(20, 20)]))
    number = session.seen(3)  # on disk at once, as the stroke is
    session.undo()
    assert [event.kind for event in session.log.events()] == ["start", "stroke", "seen"]
    assert number == 3
    models.answers.set()
    session.wait()

    assert kinds(session) == ["start", "stroke", "seen", "change", "mark", "undo"]
    assert (session.state().strokes, session.state().places.state[3]) == (1, "")


def test_a_mark_that_was_asked_for_before_the_end_is_made_at_the_next_opening(opened):
    session = opened(models := FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), source="model")
    session.wait()
    models.answers.clear()
    put(session, stroke_at([(20, 20)]))
    session.seen(3)
    threading.Timer(0.5, models.answers.set).start()
    session.close()
    with Log.read(session.log.path) as log:
        assert [event.kind for event in log.events()][:3] == ["start", "stroke", "seen"]
        assert "mark" not in [event.kind for event in log.events()]

    again = opened()

    assert state_of(again)[3] == "seen"
    assert kinds(again)[-2:] == ["change", "mark"]


def test_marks_and_what_was_undone_of_them_survive_a_reopening(opened):
    session = opened()
    session.seen(1)
    session.seen(2)
    session.seen(1, right=False)
    session.undo()
    session.undo()
    assert state_of(session) == ["", "seen", "", ""]
    session.close()

    again = opened()
    assert state_of(again) == ["", "seen", "", ""]
    again.redo()
    assert state_of(again) == ["", "seen", "seen", ""]
    again.redo()
    assert state_of(again) == ["", "", "seen", ""]


def test_the_last_stroke_is_kept_alone_only_while_nothing_was_marked_since(opened):
    session = opened(FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), source="model")
    put(session, stroke_at([(20, 20)]))
    session.wait()
    assert session.state().can_keep
    session.seen(3)
    session.wait()

    assert session.state().can_undo
    assert not session.state().can_keep


def test_strokes_that_are_refined_later_leave_the_marks_between_them_in_their_order(opened):
    session = opened(FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), source="model")
    for column in (20, 60):
        put(session, stroke_at([(20, column)]), refine=False)
        session.seen(3 if column == 20 else 2)
    session.refine()
    session.wait()

    entries = [type(entry).__name__ for entry in replayed(session.log).history.done]
    assert entries == ["Step", "Mark", "Step", "Mark"]
    assert (session.state().pending_refine, session.state().places.state[2:]) == (0, ["seen", "seen"])
    assert bits(session) == replayed(session.log, thorough=True).current.tobytes()
    session.undo()
    session.undo()
    assert (state_of(session)[2:], session.state().strokes) == (["", "seen"], 1)


def test_places_that_an_old_log_marks_stay_marked_and_undo_passes_them_over(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    session.log.append("seen", {"cell": 2, "region": list(session.state().places.grid[2])})
    session.close()
    again = opened()
    assert state_of(again) == ["", "", "seen", ""]

    again.undo()

    assert (state_of(again), again.state().strokes) == (["", "", "seen", ""], 0)


def test_a_place_that_looked_right_is_open_again_after_an_answer_that_changed_it(opened):
    """Also in a session that is opened later; undo of that stroke brings the mark back."""
    session = opened(
        FakeModels(lambda view: np.full(view.region.shape, 0.6), drawing=np.zeros(MODEL_SHAPE, np.float32)),
        source="model",
    )
    session.seen(0)
    put(session, stroke_at([(20, 20)]))
    assert state_of(session)[0] == ""
    assert session.state().places.reopened == [0]
    session.close()

    again = opened()
    assert state_of(again)[0] == ""
    again.undo()
    assert state_of(again)[0] == "seen"


def test_what_is_done_is_written_down_for_the_list_and_once_only(opened):
    session = opened(FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), source="model")
    session.seen(0)
    session.wait()
    path = session.log.path.with_name(PLACES)
    first = read_count(path, session.log.last)
    stamp = path.stat().st_mtime_ns

    put(session, stroke_at([(20, 20)], sign=-1), refine=False)
    session.wait()
    assert path.stat().st_mtime_ns == stamp  # as many are done
    session.close()

    assert (first.of, first.right, first.corrected) == (4, 1, 0)
    assert first.expected > 0
    assert read_count(path, 1_000) == session.state().places.count
