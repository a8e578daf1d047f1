"""The models that the jobs of one process share."""

import os

import pytest

from models.errors import ModelError
from runs.evaluation.kept_models import MOST, KeptModels
from runs.options import EvalOptions
from tests.runs.predicting.untrained import checkpoint


@pytest.fixture
def options(tmp_path):
    base = checkpoint(tmp_path / "base.ckpt", "base")
    interactive = checkpoint(tmp_path / "inter.ckpt", "interactive")

    def with_models(base_model=base, ckpt=interactive, **others):
        return EvalOptions("A_R", 0, ckpt, base_model, **{"device": "cpu", "backend": "torch", **others})

    return with_models


def test_jobs_that_ask_for_the_same_models_share_them(options, tmp_path):
    models = KeptModels()

    first, second = (models.pair(options(merge=merge), tmp_path) for merge in ("", "whole"))

    assert first.base is second.base
    assert first.interactive is second.interactive


def test_a_model_that_has_changed_is_loaded_again(options, tmp_path):
    models = KeptModels()
    before = models.pair(options(), tmp_path)
    os.utime(options().ckpt, ns=(0, 10**18))

    after = models.pair(options(), tmp_path)

    assert after.base is before.base
    assert after.interactive is not before.interactive


def test_the_model_that_was_not_used_for_longest_is_dropped(options, tmp_path):
    models = KeptModels()
    names = [checkpoint(tmp_path / f"inter-{number}.ckpt", "interactive") for number in range(MOST)]
    first = models.pair(options(ckpt=names[0]), tmp_path)
    for name in names[1:]:
        last = models.pair(options(ckpt=name), tmp_path)  # with the base model that is MOST + 1 models

    assert models.pair(options(ckpt=names[-1]), tmp_path) == last
    again = models.pair(options(ckpt=names[0]), tmp_path)
    assert again.base is first.base
    assert again.interactive is not first.interactive


def test_models_of_different_tasks_are_refused_also_when_both_are_kept(options, tmp_path):
    models = KeptModels()
    other = [
        checkpoint(tmp_path / f"albedo-{kind}.ckpt", kind, channels=["albedo"]) for kind in ("base", "interactive")
    ]
    models.pair(options(), tmp_path)
    models.pair(options(*other), tmp_path)

    with pytest.raises(ModelError, match="trained for different tasks"):
        models.pair(options(ckpt=other[1]), tmp_path)
