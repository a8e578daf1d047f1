"""Models learn from places that are done, while strokes are answered, and go on to the next image."""

import threading

import pytest
from numpy.testing import assert_array_equal

from annotate.errors import AnnotateError
from annotate.session.publishing import as_grey
from tests.annotate.learners import FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.serving import UNDRAWN, until
from tests.annotate.session.lessons import BEGUN, REDRAWN, learned, nothing, settle
from tests.annotate.session.sessions import Inbox, kinds, put
from tests.simulation.fakes import stroke_at


def test_it_learns_from_the_places_that_are_done_once(teachable):
    session, learner = teachable()
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


def test_nothing_new_is_said_and_not_logged(teachable):
    session, _ = teachable()

    state = learned(session)

    assert "Nothing new was learned" in state.says
    assert "learn" not in kinds(session)


def test_strokes_are_answered_by_the_version_that_is_in_use(teachable):
    session, learner = teachable()

    put(session, stroke_at([(20, 20)]))
    learned(session, 2)
    put(session, stroke_at([(20, 90)]))
    session.wait()

    first, second = (event.body for event in session.log.events() if event.kind == "change")
    assert "version" not in first
    assert second["version"] == learner.version(1).sha256
    assert (session.exact()[1][:64, 64:128] == 0.75).any()  # as the version answers, patch by patch


def test_a_place_that_is_marked_no_longer_is_forgotten_by_the_learner(teachable):
    session, learner = teachable()
    learned(session, 2)

    session.seen(2, right=False)
    state = learned(session, 3)

    assert learner.gone == [1]
    assert state.taught == [3]


def test_a_version_that_learned_from_what_holds_no_longer_is_not_used(teachable):
    session, learner = teachable()
    learned(session, 2)

    session.undo()
    state = learned(session)

    assert learner.gone == [1]
    assert (state.learned, state.version, state.taught) == (False, "told", [])


def test_the_models_as_they_came_are_back_when_all_is_forgotten(teachable):
    session, learner = teachable()
    learned(session, 2)

    session.teaching.forget(nothing)
    put(session, stroke_at([(20, 20)]))
    session.wait()

    state = session.state().learning
    assert learner.forgotten == 1
    assert (state.version, state.learned, state.redrawing, state.previewable) == ("told", False, None, False)
    assert "version" not in [event.body for event in session.log.events()][-1]


def test_strokes_are_answered_while_it_learns(teachable):
    session, learner = teachable()
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


def test_a_session_that_is_closed_ends_what_waits_for_it(teachable):
    session, learner = teachable()
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


def test_learning_is_told_as_places_are_done(teachable):
    session, _ = teachable()
    inbox = Inbox(session)

    session.seen(0)
    until(lambda: session.state().learning.untaught == [0])

    assert inbox.of("learning")[-1]["learning"]["untaught"] == [0]


def test_a_stroke_is_answered_between_two_places_and_the_place_that_it_changes_is_not_read(teachable, monkeypatch):
    session, learner = teachable()
    for cell in (0, 2):
        session.seen(cell)
    session.wait()
    read = learner.lesson

    def drawing_meanwhile(*given):
        if not learner.given:
            session.seen(2, right=False)
            put(session, stroke_at([(20, 300)]), refine=False)
        return read(*given)

    monkeypatch.setattr(learner, "lesson", drawing_meanwhile)
    session.teaching.learn(nothing)

    assert [region.to_json() for _, region, _ in learner.given] == [[0, 0, 256, 256]]
    assert session.state().learning.taught == [0]
    events = kinds(session)
    assert events.index("change") < events.index("learn")


def test_a_binarization_is_not_drawn_anew_by_a_model_that_learned_to_answer_alone(opened):
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN, answers=True)
    session = opened(models, source="otsu")
    learned(session, 2)
    models.learner.answers = False
    assert learned(session, 3).redrawing is not None
    session.settle(None, wanted=False)
    models.learner.answers = True  # what it had learned to draw has lost

    assert learned(session, 0).redrawing is None


def test_the_least_sure_places_come_first_until_a_version_draws(opened):
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN, answers=True)
    session = opened(models, source="model")

    learned(session, 1)
    session.wait()

    assert session.state().places.unsure_first
