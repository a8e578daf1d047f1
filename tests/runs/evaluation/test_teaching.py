"""The teacher of an image goes on with the version that drew it, whatever was finished since."""

from types import SimpleNamespace

import pytest
import torch

from models.versions import Version
from runs.errors import RunError
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
