"""From a model's name to what draws or refines with it."""

import numpy as np
import pytest

from models.errors import ModelError
from runs.predicting import loaded_models
from runs.predicting.loaded_models import load_base, load_interactive, require_same_task
from tests.runs.predicting.untrained import checkpoint

PLANES = np.zeros((1, 1, 64, 64), np.float32)


@pytest.fixture
def base(tmp_path):
    return load_base(checkpoint(tmp_path / "base.ckpt", "base"), tmp_path, "cpu", "torch")


@pytest.fixture
def interactive(tmp_path):
    return load_interactive(checkpoint(tmp_path / "inter.ckpt", "interactive"), tmp_path, "cpu", "torch")


def test_a_loaded_model_makes_a_predictor_once_for_each_batch(base, monkeypatch):
    made, make = [], loaded_models.make_predictor
    monkeypatch.setattr(
        loaded_models, "make_predictor", lambda *rest, **named: (made.append(named["batch"]), make(*rest, **named))[1]
    )

    predictors = [base.predictor(print, batch=batch) for batch in (1, 8, 1, 8)]

    assert made == [1, 8]
    assert predictors[:2] == predictors[2:]
    assert predictors[0] is not predictors[1]


def test_two_loads_of_one_name_share_nothing(base):
    again = load_base(str(base.trained.path), base.trained.path.parent, "cpu", "torch")

    assert again.trained.network is not base.trained.network
    assert again.predictor(print)(PLANES).tolist() == base.predictor(print)(PLANES).tolist()


def test_each_user_of_a_predictor_is_told_when_another_backend_computes(base, monkeypatch):
    def make_predictor(network, device, *, report, **rest):
        report("PyTorch computes instead")
        return lambda *inputs: inputs[0][:, 0]

    monkeypatch.setattr(loaded_models, "make_predictor", make_predictor)
    first, second = [], []

    base.predictor(first.append)
    base.predictor(second.append)

    assert first == second == ["PyTorch computes instead"]


def test_a_refiner_shows_the_network_what_it_was_trained_to_see(tmp_path):
    path = checkpoint(tmp_path / "inter.ckpt", "interactive", window="stroke", window_size=32)
    refiner = load_interactive(path, tmp_path, "cpu", "torch").refiner(0.5, print)

    assert (refiner.patch, refiner.scale, refiner.around_stroke) == (32, 0.5, True)


@pytest.mark.parametrize(("load", "kind"), [(load_base, "interactive"), (load_interactive, "base")])
def test_a_model_of_the_other_kind_is_refused(tmp_path, load, kind):
    path = checkpoint(tmp_path / "other.ckpt", kind)

    with pytest.raises(ModelError, match=f"this is the {kind} model"):
        load(path, tmp_path, "cpu", "torch")


def test_models_of_different_tasks_are_refused(base, interactive, tmp_path):
    require_same_task(base, interactive)
    path = checkpoint(tmp_path / "other.ckpt", "interactive", channels=["albedo"])

    with pytest.raises(ModelError, match="trained for different tasks"):
        require_same_task(base, load_interactive(path, tmp_path, "cpu", "torch"))
