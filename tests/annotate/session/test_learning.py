"""Models learn from places that are done; what they would draw anew is proposed, taken over, refused and undone."""

import shutil
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from annotate.errors import AnnotateError
from annotate.session.annotation_session import AnnotationSession
from annotate.session.proposal import Proposal
from annotate.session.publishing import as_grey
from data.errors import DataError
from interaction.log.database import wal_of
from tests.annotate.learners import FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN, MODEL_SHAPE, UNDRAWN, Site, until
from tests.annotate.session.sessions import Inbox, bits, kinds, put
from tests.simulation.fakes import stroke_at

BEGUN = np.zeros(MODEL_SHAPE, np.float32)
BEGUN[100:104, 50:350] = 0.9
REDRAWN = np.zeros(MODEL_SHAPE, np.float32)
REDRAWN[100:104, 50:300] = 0.9  # some of it goes, from the places 0 and 1,
REDRAWN[280:284, 20:380] = 0.8  # and some comes, in the places 2 and 3
REDRAWN[200:204, 300:340] = 0.003  # so slight a change is none


def nothing(share):
    """Report no progress."""


@pytest.fixture
def begun(opened):
    """Open a mirror with models that learn, from the model's drawing; return the session and the learner."""

    def begin(drawing=REDRAWN, **options):
        models = FakeModels(drawing=BEGUN)
        models.learner = FakeLearner(drawing, **options)
        session = opened(models, source="model")
        return session, models.learner

    return begin


def learned(session, *cells):
    """Let places look right, and learn from what is done."""
    for cell in cells:
        session.seen(cell)
    session.wait()
    session.teaching.learn(nothing)
    return session.state().learning


def settle(session, cells=None, wanted=True):
    session.settle(cells, wanted=wanted)
    session.wait()


def proposed(session):
    return session.drawing("proposed")[1]


def test_it_learns_from_the_places_that_are_done_once(begun):
    session, learner = begun()
    before = session.state().learning

    state = learned(session, 2)
    learned(session)
    learned(session, 3)

    assert (before.untaught, before.taught, before.version, before.learned) == ([], [], "told", False)
    assert [region.to_json() for _, region, _ in learner.given] == [[256, 0, 44, 256], [256, 256, 44, 144]]
    assert (state.taught, state.untaught, state.says) == ([2], [], "Told to have learned.")
    assert (state.version, state.learned) == ("told + 1 place", True)
    first, second = (event for event in session.log.events() if event.kind == "learn")
    asked = [event.number for event in session.log.events() if event.kind == "seen"]
    assert (first.body["lessons"], second.body["lessons"]) == (asked[:1], asked)
    assert first.body["version"] == learner.version(1).sha256
    assert session.state().learning.taught == [2, 3]


def test_nothing_new_is_said_and_not_logged(begun):
    session, _ = begun()

    state = learned(session)

    assert "Nothing new was learned" in state.says
    assert "learn" not in kinds(session)


def test_strokes_are_answered_by_the_version_that_is_in_use(begun):
    session, learner = begun()

    put(session, stroke_at([(20, 20)]))
    learned(session, 2)
    put(session, stroke_at([(20, 90)]))
    session.wait()

    first, second = (event.body for event in session.log.events() if event.kind == "change")
    assert "version" not in first
    assert second["version"] == learner.version(1).sha256
    assert (session.exact()[1][:64, 64:128] == 0.75).any()  # as the version answers, patch by patch


def test_a_version_that_has_not_proved_better_is_shown_on_request_only(begun):
    session, _ = begun(proved=False)

    state = learned(session, 2)
    session.teaching.preview(nothing)
    shown = session.state().learning.redrawing

    assert (state.redrawing, state.previewable, state.learned, state.version) == (None, True, False, "told")
    assert (shown.proved, shown.version, shown.cells) == (False, "told + 1 place", [1, 3])


def test_before_anything_was_learned_nothing_can_be_shown(begun):
    session, _ = begun()

    with pytest.raises(AnnotateError, match="nothing was learned yet"):
        session.teaching.preview(nothing)
    with pytest.raises(AnnotateError, match="nothing is proposed"):
        session.drawing("proposed")


def test_a_redrawing_is_proposed_place_by_place_and_changes_nothing(begun):
    session, _ = begun()
    inbox, before = Inbox(session), bits(session)

    state = learned(session, 2)  # that looks right, so it is never drawn anew

    assert state.redrawing.cells == [1, 3]
    assert (state.redrawing.go, state.redrawing.come) == (4 * 50, 4 * 124)
    assert bits(session) == before
    assert inbox.of("learning")[-1]["learning"]["redrawing"]["cells"] == [1, 3]
    expected = BEGUN.copy()
    expected[:200], expected[256:, 256:] = REDRAWN[:200], REDRAWN[256:, 256:]
    assert_array_equal(proposed(session), as_grey(expected))


def test_what_is_accepted_is_one_change_that_undo_takes_back(begun):
    session, learner = begun()
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


def test_places_are_accepted_and_refused_one_by_one(begun):
    session, learner = begun()
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


def test_places_that_were_refused_stay_when_the_rest_is_accepted(begun):
    session, _ = begun()
    learned(session, 2)

    settle(session, [1], wanted=False)
    settle(session)

    current = session.exact()[1]
    assert_array_equal(current[:256, 256:], BEGUN[:256, 256:])
    assert_array_equal(current[256:, 256:], REDRAWN[256:, 256:])


def test_what_is_drawn_after_the_proposal_is_not_drawn_anew(begun):
    session, _ = begun()
    learned(session, 2)

    put(session, stroke_at([(282, 300), (282, 320)], 3.0, sign=-1), refine=False)
    session.wait()
    shown = proposed(session)
    settle(session)

    current = session.exact()[1]
    assert_array_equal(current[282, 300:321], np.zeros(21, np.float32))
    assert_array_equal(session.drawing("current")[1], shown)
    assert current[282, 360] == np.float32(0.8)


def test_a_place_that_is_marked_no_longer_is_forgotten_by_the_learner(begun):
    session, learner = begun()
    learned(session, 2)

    session.seen(2, right=False)
    state = learned(session, 3)

    assert learner.gone == [1]
    assert state.taught == [3]


def test_a_version_that_learned_from_what_holds_no_longer_is_not_used(begun):
    session, learner = begun()
    learned(session, 2)

    session.undo()
    state = learned(session)

    assert learner.gone == [1]
    assert (state.learned, state.version, state.taught) == (False, "told", [])


def test_the_models_as_they_came_are_back_when_all_is_forgotten(begun):
    session, learner = begun()
    learned(session, 2)

    session.teaching.forget(nothing)
    put(session, stroke_at([(20, 20)]))
    session.wait()

    state = session.state().learning
    assert learner.forgotten == 1
    assert (state.version, state.learned, state.redrawing, state.previewable) == ("told", False, None, False)
    assert "version" not in [event.body for event in session.log.events()][-1]


def killed(session, site, folder):
    """What a killed program leaves: the log as it lies on the disk, opened by another one."""
    other = Site(folder)
    other.prepare(DRAWN, UNDRAWN)
    path, copy = session.log.path, other.image_list().log_path(DRAWN)
    copy.parent.mkdir(parents=True)
    for each, its in ((path, copy), (wal_of(path), wal_of(copy))):
        if each.exists():
            shutil.copy(each, its)
    return other


@pytest.mark.parametrize(("accepts", "remembers"), [(True, True), (False, True), (False, False)])
def test_a_killed_program_goes_on_with_what_was_learned_and_drawn(begun, site, tmp_path, accepts, remembers):
    session, learner = begun()
    learned(session, 2)
    if accepts:
        settle(session)
    other = killed(session, site, tmp_path / "other")
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)
    models.learner.collection = "told" if remembers else "another one"

    again = AnnotationSession.open(other.views()[0], other.config, models)
    try:
        again.wait()
        state = again.state().learning
        put(again, stroke_at([(20, 20)]))
        again.wait()

        assert (state.version, state.taught, state.untaught) == ("told + 1 place", [2], [])
        assert state.says == "Told to have learned."
        last = [event.body for event in again.log.events()][-1]
        assert last["version"] == learner.version(1).sha256
        again.teaching.learn(nothing)
        assert len(models.learner.given) == (0 if remembers else 1)  # of what the learner remembers nothing is read
        again.undo()
        again.wait()
        assert bits(again) == bits(session)
        if accepts:
            again.undo()
            again.wait()
            assert_array_equal(again.exact()[1], BEGUN)
        again.teaching.preview(nothing)
        assert (again.state().learning.redrawing is not None) or accepts
    finally:
        again.close()


def test_versions_of_other_models_are_left_alone(begun, site, tmp_path):
    session, _ = begun()
    learned(session, 2)
    other = killed(session, site, tmp_path / "other")
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)

    def refuses(content):
        raise AnnotateError("what was learned belongs to other models")

    models.learner.of_log = refuses
    again = AnnotationSession.open(other.views()[0], other.config, models)
    try:
        again.wait()
        state = again.state().learning
        assert (state.version, state.learned, state.previewable) == ("told", False, False)
        assert "belongs to other models" in state.says
    finally:
        again.close()


def test_a_version_that_is_damaged_is_said_and_the_mirror_can_be_drawn_on(begun, site, tmp_path, monkeypatch):
    session, _ = begun()
    learned(session, 2)
    other = killed(session, site, tmp_path / "other")
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)

    def damaged(blob):
        raise DataError("its weights are damaged")

    monkeypatch.setattr("interaction.log.replay.unpack_difference", damaged)
    again = AnnotationSession.open(other.views()[0], other.config, models)
    try:
        again.wait()
        state = again.state()
        put(again, stroke_at([(20, 20)]))
        again.wait()
        assert "its weights are damaged" in state.learning.says
        assert state.learning.version == "told"
        assert kinds(again)[-1] == "change"
    finally:
        again.close()


def test_strokes_are_answered_while_it_learns(begun):
    session, learner = begun()
    session.seen(2)
    session.wait()
    learner.teaches.clear()
    learning = threading.Thread(target=session.teaching.learn, args=(nothing,))
    learning.start()

    put(session, stroke_at([(20, 20)]))
    session.wait()
    answered = kinds(session)[-1]
    learner.teaches.set()
    learning.join(10)

    assert answered == "change"
    assert kinds(session)[-1] == "learn"
    assert not learning.is_alive()


def test_a_session_that_is_closed_ends_what_waits_for_it(begun):
    session, learner = begun()
    session.seen(2)
    session.wait()
    learner.teaches.clear()
    failed = []

    def learn():
        try:
            session.teaching.learn(nothing)
        except AnnotateError as error:
            failed.append(str(error))

    learning = threading.Thread(target=learn)
    learning.start()
    session.close()
    learner.teaches.set()
    learning.join(10)

    assert not learning.is_alive()
    assert "closed" in failed[0]


def test_the_next_mirror_begins_with_what_was_learned(opened):
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)
    version = models.learner.for_next = models.learner.version(3)

    session = opened(models, name=UNDRAWN, source=None)
    sources = session.state().sources
    session.start("learned")
    put(session, stroke_at([(20, 20)]))
    session.wait()

    start, learn, *_, change = session.log.events()
    assert sources[:2] == ["learned", "model"]
    assert (start.body["source"], start.body["version"]) == ("learned", version.sha256)
    assert learn.body["lessons"] == []
    assert change.body["version"] == version.sha256
    assert_array_equal(session.drawing("initial")[1], as_grey(REDRAWN))
    assert session.state().learning.version == "told + 3 places"
    assert None not in session.state().places.quality


def test_where_the_model_is_least_sure_comes_first_until_it_has_learned(opened):
    drawing = BEGUN.copy()
    drawing[10:250, 300:390] = 0.49  # nothing is drawn there, and the model has no idea
    models = FakeModels(drawing=drawing)
    models.learner = FakeLearner(REDRAWN)
    session = opened(models, source="model")

    first = session.state().places
    learned(session, 1)
    session.wait()

    assert (first.next, first.unsure_first) == (1, True)
    assert not session.state().places.unsure_first


def test_without_a_model_that_learns_nothing_is_learned(opened):
    session = opened()

    assert session.state().learning is None
    with pytest.raises(AnnotateError, match="nothing can be learned"):
        _ = session.teaching
    settle(session)
    assert kinds(session) == ["start"]


def test_learning_is_told_as_places_are_done(begun):
    session, _ = begun()
    inbox = Inbox(session)

    session.seen(0)
    until(lambda: session.state().learning.untaught == [0])

    assert inbox.of("learning")[-1]["learning"]["untaught"] == [0]


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


def test_a_place_that_looks_right_after_the_proposal_is_shown_as_it_stays(begun):
    session, _ = begun()
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


def test_what_is_drawn_while_a_proposal_is_made_is_in_it(begun, monkeypatch):
    session, _ = begun()
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
