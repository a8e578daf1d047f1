"""What a version would draw anew is proposed, taken over, refused and undone, and never touches what a person did."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from annotate.errors import AnnotateError
from annotate.session.proposal import Moment, Proposal
from annotate.session.publishing import as_grey
from data.regions import Region, whole
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from models.versions import Version
from tests.annotate.learners import PARENT, FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.session.lessons import BEGUN, REDRAWN, learned, nothing, proposed, settle
from tests.annotate.session.sessions import Inbox, bits, put
from tests.simulation.fakes import SCALE, BlankCanvas, stroke_at


def test_a_version_that_has_not_proved_better_is_shown_on_request_only(teachable):
    session, _ = teachable(proved=False)

    state = learned(session, 2)
    session.teaching.preview(nothing)
    shown = session.state().learning.redrawing

    assert (state.redrawing, state.previewable, state.learned, state.version) == (None, True, False, "told")
    assert (shown.proved, shown.version, shown.cells) == (False, "told + 1 place", [1, 3])


def test_a_version_that_answers_strokes_alone_draws_nothing_anew(teachable, monkeypatch):
    session, learner = teachable()
    answers = Version(PARENT, "answers", interactive={"weight": torch.ones(2, dtype=torch.float16)}, lessons=(1,))
    monkeypatch.setattr(learner, "version", lambda number: answers)

    state = learned(session, 2)

    assert (state.learned, state.redrawing, state.previewable) == (True, None, False)
    assert state.says == "Told to have learned."
    with pytest.raises(AnnotateError, match="nothing was learned yet that draws otherwise"):
        session.teaching.preview(nothing)


def test_before_anything_was_learned_nothing_can_be_shown(teachable):
    session, _ = teachable()

    with pytest.raises(AnnotateError, match="nothing was learned yet"):
        session.teaching.preview(nothing)
    with pytest.raises(AnnotateError, match="nothing is proposed"):
        session.drawing("proposed")


def test_a_redrawing_is_proposed_place_by_place_and_changes_nothing(teachable):
    session, _ = teachable()
    inbox, before = Inbox(session), bits(session)

    state = learned(session, 2)  # that looks right, so it is never drawn anew

    assert state.redrawing.cells == [1, 3]
    assert (state.redrawing.go, state.redrawing.come) == (4 * 50, 4 * 124)
    assert bits(session) == before
    assert inbox.of("learning")[-1]["learning"]["redrawing"]["cells"] == [1, 3]
    expected = BEGUN.copy()
    expected[:200], expected[256:, 256:] = REDRAWN[:200], REDRAWN[256:, 256:]
    assert_array_equal(proposed(session), as_grey(expected))


def test_what_is_accepted_is_one_change_that_undo_takes_back(teachable):
    session, learner = teachable()
    learned(session, 2)
    inbox, before, shown = Inbox(session), bits(session), proposed(session)

    settle(session)
    drawn = bits(session)
    session.undo()
    session.wait()
    undone = bits(session)
    session.redo()
    session.wait()

    (event,) = (event for event in session.log.events() if event.kind == "redraw")
    assert event.body["version"] == learner.version(1).sha256
    assert_array_equal(session.drawing("current")[1], shown)
    assert undone == before
    assert bits(session) == drawn
    assert [message["cause"] for message in inbox.of("redrawn")] == ["redraw", "undo", "redo"]
    assert inbox.of("redrawn")[0]["can_undo"]
    assert session.state().learning.redrawing is None


def test_places_are_accepted_and_refused_one_by_one(teachable):
    session, learner = teachable()
    learned(session, 2)

    settle(session, [3])
    left = session.state().learning.redrawing
    settle(session, [1], wanted=False)

    current = session.exact()[1]
    assert (left.cells, left.come) == ([1], 0)
    assert session.state().learning.redrawing is None
    assert_array_equal(current[256:, 256:], REDRAWN[256:, 256:])
    assert_array_equal(current[:256], BEGUN[:256])
    (event,) = (event for event in session.log.events() if event.kind == "dismiss")
    assert event.body == {"version": learner.version(1).sha256, "regions": [[0, 256, 256, 144]]}


def test_places_that_were_refused_stay_when_the_rest_is_accepted(teachable):
    session, _ = teachable()
    learned(session, 2)

    settle(session, [1], wanted=False)
    settle(session)

    current = session.exact()[1]
    assert_array_equal(current[:256, 256:], BEGUN[:256, 256:])
    assert_array_equal(current[256:, 256:], REDRAWN[256:, 256:])


def test_what_is_drawn_after_the_proposal_is_not_drawn_anew(teachable):
    session, _ = teachable()
    learned(session, 2)

    put(session, stroke_at([(282, 300), (282, 320)], 3.0, sign=-1), refine=False)
    session.wait()
    shown = proposed(session)
    settle(session)

    current = session.exact()[1]
    assert_array_equal(current[282, 300:321], np.zeros(21, np.float32))
    assert_array_equal(session.drawing("current")[1], shown)
    assert current[282, 360] == np.float32(0.8)


def test_places_that_are_done_are_not_drawn_anew_whoever_said_so(opened):
    """Places that were marked before marks could be undone are in no history."""
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)
    session = opened(models, source="model")
    session._worker.places._seen[3] = True  # as such a log leaves it

    state = learned(session, 2)

    assert state.redrawing.cells == [1]
    settle(session)
    assert_array_equal(session.exact()[1][256:, 256:], BEGUN[256:, 256:])
    assert (session.exact()[1] != BEGUN).any()


def test_a_place_that_looks_right_after_the_proposal_is_shown_as_it_stays(teachable):
    session, _ = teachable()
    learned(session, 2)
    inside = np.s_[256:, 256:]
    before = proposed(session).copy()

    session.seen(3)
    session.wait()
    kept = proposed(session).copy()
    settle(session, [3])

    assert (before[inside] != as_grey(BEGUN)[inside]).any()
    assert_array_equal(kept[inside], as_grey(BEGUN)[inside])
    assert_array_equal(session.exact()[1], BEGUN)
    session.undo()
    session.wait()


def test_what_is_drawn_while_a_proposal_is_made_is_in_it(teachable, monkeypatch):
    session, _ = teachable()
    made = Proposal.made

    def while_drawing(*given):
        proposal = made(*given)
        put(session, stroke_at([(30, 280), (30, 350)]), refine=False)
        session.wait()
        return proposal

    monkeypatch.setattr(Proposal, "made", while_drawing)
    learned(session, 2)

    at = np.s_[28:33, 285:345]
    assert_array_equal(proposed(session)[at], as_grey(session.exact()[1])[at])
    assert (session.exact()[1][at] > 0.5).any()


def test_a_second_redrawing_is_proposed_where_the_version_is_sure():
    begun = np.full((32, 64), 0.1, np.float32)
    tested = RefinementSession(BlankCanvas((32, 64)), begun, ManualRefiner(SCALE), scale=SCALE, channels=())
    drawing = np.full((32, 64), 0.1, np.float32)
    drawing[:, :8], drawing[:, 8:16] = 0.6, 0.9
    places = [Region(0, 0, 32, 32), Region(0, 32, 32, 32)]
    first = Proposal.made(Moment.of(tested, ()), drawing, places, "5eed", "words", True)
    assert first.changes == {0: (16 * 32, 0)}
    tested.commit_redraw(first.redraw(tested, places, None, ()))

    drawing = np.full((32, 64), 0.1, np.float32)
    drawing[:, :8], drawing[:, 8:16], drawing[:, 40:48] = 0.4, 0.1, 0.6
    second = Proposal.made(Moment.of(tested, ()), drawing, places, "beef", "words", True)
    assert second.changes == {0: (0, 8 * 32)}
    second.changed(tested, whole((32, 64)), ())
    tested.commit_redraw(second.redraw(tested, places, None, ()))
    assert_array_equal(tested.current[0, [0, 8, 40]], np.float32([0.6, 0.1, 0.1]))
    assert_array_equal(second.grey, as_grey(tested.current))
