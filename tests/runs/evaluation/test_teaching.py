"""The teacher of an image goes on with the version that drew it, whatever was finished since."""

from types import SimpleNamespace

import pytest
import torch

from models.versions import Version
from runs.errors import RunError
from runs.evaluation.teaching import ImageTeacher, Journal

SHIPPED = Version("p" * 64)
LEARNED = Version("p" * 64, "decoder", {"weight": torch.ones(2, dtype=torch.float16)})


def restored(drawn_by):
    learner = SimpleNamespace(versions=[SHIPPED, LEARNED], in_use=lambda view=None: LEARNED)
    collection = SimpleNamespace(learner=learner, journal=Journal(), refiner=lambda version, *given: version.candidate)
    teacher = ImageTeacher(collection, SimpleNamespace(name="a"), print, SHIPPED.sha256, 1)
    return teacher.restore({"journal": [], "drawn_by": drawn_by})


def test_a_place_that_was_finished_before_it_was_killed_does_not_change_what_answers():
    taught = restored(SHIPPED.sha256)  # since the last place, another version has proved better
    assert (taught.version, taught.refiner, taught.drawing) == (SHIPPED.sha256, "shipped", None)


def test_a_version_that_comes_out_otherwise_is_named():
    with pytest.raises(RunError, match="comes out otherwise"):
        restored("5eed")
