"""A program that was killed goes on with what was learned; what it cannot use is said, and left alone."""

import shutil

import pytest
from numpy.testing import assert_array_equal

from annotate.errors import AnnotateError
from annotate.session.annotation_session import AnnotationSession
from data.errors import DataError
from interaction.log.database import wal_of
from tests.annotate.learners import FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN, UNDRAWN, Site
from tests.annotate.session.lessons import BEGUN, REDRAWN, learned, nothing, settle
from tests.annotate.session.sessions import bits, kinds, put
from tests.simulation.fakes import stroke_at


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


def models_again():
    """The same models in another program, whose learner knows nothing yet."""
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN)
    return models


@pytest.mark.parametrize(("accepts", "remembers"), [(True, True), (False, True), (False, False)])
def test_a_killed_program_goes_on_with_what_was_learned_and_drawn(teachable, site, tmp_path, accepts, remembers):
    session, learner = teachable()
    learned(session, 2)
    if accepts:
        settle(session)
    other = killed(session, site, tmp_path / "other")
    models = models_again()
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


def test_versions_of_other_models_are_left_alone(teachable, site, tmp_path):
    session, _ = teachable()
    learned(session, 2)
    other = killed(session, site, tmp_path / "other")
    models = models_again()

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


def test_a_version_that_is_damaged_is_said_and_the_mirror_can_be_drawn_on(teachable, site, tmp_path, monkeypatch):
    session, _ = teachable()
    learned(session, 2)
    other = killed(session, site, tmp_path / "other")
    models = models_again()

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


def test_a_version_that_answers_alone_answers_again_and_the_log_names_it(teachable, site, tmp_path):
    session, learner = teachable(answers=True)
    learned(session, 2)
    other = killed(session, site, tmp_path / "other")
    models = FakeModels(drawing=BEGUN)
    models.learner = FakeLearner(REDRAWN, answers=True)
    again = AnnotationSession.open(other.views()[0], other.config, models)
    try:
        put(again, stroke_at([(20, 90)]))
        again.wait()
        state = again.state().learning
        assert (state.learned, state.previewable, state.redrawing) == (True, False, None)
        assert [event.body for event in again.log.events()][-1]["version"] == learner.version(1).sha256
    finally:
        again.close()
