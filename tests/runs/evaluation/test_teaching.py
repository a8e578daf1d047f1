"""The teacher of an image goes on with the version that drew it, whatever was finished since."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from models.versions import Version
from runs.errors import RunError
from runs.evaluation.context import RunContext
from runs.evaluation.teaching import ImageTeacher, Journal

SHIPPED = Version("p" * 64)
LEARNED = Version("p" * 64, "decoder", {"weight": torch.ones(2, dtype=torch.float16)})


def restored(version, journal=()):
    learner = SimpleNamespace(in_use=lambda view=None: LEARNED)
    taken = []
    collection = SimpleNamespace(
        learner=learner, journal=Journal(), take=taken.append, refiner=lambda version, *given: version.candidate
    )
    teacher = ImageTeacher(collection, SimpleNamespace(name="a"), print, SHIPPED, 1)
    return teacher.restore({"journal": list(journal), "version": version})


def test_a_place_that_was_finished_before_it_was_killed_does_not_change_what_answers():
    taught = restored(SHIPPED.sha256)  # since the last place, another version has proved better
    assert (taught.version, taught.refiner, taught.drawing) == (SHIPPED.sha256, "shipped", None)


def test_what_was_learned_before_it_was_killed_answers_again():
    taught = restored(LEARNED.sha256, [None])
    assert (taught.version, taught.refiner, taught.drawing) == (LEARNED.sha256, "decoder", None)


def test_a_version_that_comes_out_otherwise_is_named():
    with pytest.raises(RunError, match="comes out otherwise"):
        restored("5eed")


def test_where_only_answers_were_learned_nothing_is_drawn_anew():
    answers = Version("p" * 64, "answers", interactive={"weight": torch.ones(2, dtype=torch.float16)})
    learner = SimpleNamespace(in_use=lambda view=None: answers)
    collection = SimpleNamespace(
        learner=learner, journal=Journal(), take=lambda entry: None, refiner=lambda version, *given: version.candidate
    )
    taught = ImageTeacher(collection, SimpleNamespace(name="a"), print, SHIPPED, 1).learn()
    assert (taught.version, taught.refiner, taught.drawing) == (answers.sha256, "answers", None)


class Drawer:
    """A learner whose version in use is set from outside; each version draws its own value."""

    def __init__(self):
        self.used, self.versions = SHIPPED, [SHIPPED]

    def in_use(self, view=None):
        return self.used

    def base(self, version):
        value = np.float32(0.25 if version.base else 0.75)
        return SimpleNamespace(drawing=lambda view, report: np.full((2, 2), value))


def teacher_on(learner, **options):
    collection = SimpleNamespace(
        learner=learner,
        journal=Journal(),
        take=lambda entry: None,
        refiner=lambda version, *given: version.candidate,
        lesson=lambda session, view, region, reference=None: reference,
    )
    return ImageTeacher(collection, SimpleNamespace(name="a"), print, SHIPPED, 1, **options)


def test_a_version_that_lost_gives_way_to_the_drawing_that_the_session_began_with():
    begun, learner = np.ones((2, 2), np.float32), Drawer()
    for options, again in (({}, 0.75), ({"reference": begun}, 1.0)):
        teacher = teacher_on(learner, **options)
        learner.used = LEARNED
        assert (teacher.learn().drawing == 0.25).all()
        learner.used = SHIPPED
        assert (teacher.learn().drawing == again).all()


def test_a_lesson_says_what_the_session_began_with_where_no_model_drew_it():
    begun, taken = np.ones((2, 2), np.float32), []
    teacher = teacher_on(Drawer(), reference=begun)
    teacher._collection.take = taken.append
    teacher.finished(None, None)
    assert taken[0] is begun


def test_a_run_that_was_killed_before_it_learned_here_knows_no_more_than_one_that_was_not():
    """What the versions of an image before disagree on is not asked before something is learned on this one."""
    learner = Drawer()
    learner.versions = [SHIPPED, LEARNED]
    teacher = teacher_on(learner, disagreeing=True)
    assert teacher.restore({"journal": [], "version": SHIPPED.sha256}).disagreement is None
    assert teacher.restore({"journal": [None], "version": SHIPPED.sha256}).disagreement is not None


@pytest.mark.parametrize("initial", ["otsu", "base"])
def test_an_evaluation_hands_over_the_drawing_that_it_begins_with_where_no_model_drew_it(monkeypatch, initial):
    begun, handed = np.ones((2, 2), np.float32), {}
    collection = SimpleNamespace(taught_on=lambda view, report, **options: handed.update(options))
    monkeypatch.setattr("runs.evaluation.teaching.CollectionTeacher", lambda *models, seed: collection)
    context = object.__new__(RunContext)
    context.options = SimpleNamespace(initial=initial, seed=0, places="worst")
    context.models, context.view, context.report = SimpleNamespace(base=None, interactive=None), None, print
    monkeypatch.setattr(RunContext, "initial", lambda self: begun)
    monkeypatch.setattr(RunContext, "_annotator", lambda self: SimpleNamespace(previews=0))
    context._teacher()
    assert handed["reference"] is (begun if initial == "otsu" else None)
