import argparse
import pickle

import pytest
import torch

from models.checkpoints import find_checkpoint, load_model
from models.errors import ModelError
from models.modules import BaseModule
from models.networks import NetworkConfig
from tests.models.malice import Malice

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 64}


@pytest.fixture
def content():
    module = BaseModule(dict(TINY), dict(TASK), 1e-3)  # which a test may change
    return {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}


def save(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)
    return path


def test_a_checkpoint_gives_the_network_and_its_task_back(tmp_path, content):
    model = load_model(save(tmp_path / "a.ckpt", content), "base")

    assert (model.task.channels, model.task.scale, model.task.patch) == (("depth",), 0.5, 64)
    for name, value in model.network.state_dict().items():
        assert torch.equal(value, content["state_dict"][f"network.{name}"])


@pytest.mark.parametrize(("dataset", "channel"), [("lines", "grey"), ("mirrors", "depth")])
def test_the_channel_that_lines_called_depth_has_the_name_of_today(tmp_path, content, dataset, channel):
    content["hyper_parameters"]["task"] = {**TASK, "dataset": dataset}

    assert load_model(save(tmp_path / "a.ckpt", content), "base").task.channels == (channel,)


def test_code_in_a_checkpoint_is_not_run(tmp_path, content):
    touched = tmp_path / "touched"
    path = save(tmp_path / "a.ckpt", {**content, "more": Malice(touched)})

    with pytest.raises(ModelError, match=r"a\.ckpt"):
        load_model(path, "base")

    assert not touched.exists()


def test_a_bare_pickle_is_not_run_either(tmp_path):
    touched = tmp_path / "touched"
    path = tmp_path / "a.ckpt"
    path.write_bytes(pickle.dumps(Malice(touched)))

    with pytest.raises(ModelError, match=r"a\.ckpt"):
        load_model(path, "base")

    assert not touched.exists()


@pytest.mark.parametrize(
    "damage", [lambda whole: b"", lambda whole: whole[: len(whole) // 2], lambda whole: b"no weights"]
)
def test_a_damaged_file_is_named(tmp_path, content, damage):
    path = save(tmp_path / "a.ckpt", content)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ModelError, match=r"a\.ckpt"):
        load_model(path, "base")


def test_weights_alone_are_no_checkpoint(tmp_path, content):
    with pytest.raises(ModelError, match="not a checkpoint of this project"):
        load_model(save(tmp_path / "a.ckpt", content["state_dict"]), "base")


@pytest.mark.parametrize("prefix", ["model.", "model_init.model."])
def test_weights_of_the_authors_are_sent_to_the_converter(tmp_path, prefix):
    theirs = {"state_dict": {f"{prefix}encoder.weight": torch.ones(1)}, "hyper_parameters": {"arch": "unet"}}

    for content in (theirs, {**theirs, "hyper_parameters": argparse.Namespace(arch="unet")}):
        with pytest.raises(ModelError, match=r"python -m models\.convert"):
            load_model(save(tmp_path / "a.ckpt", content), "base")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"a\.ckpt: No such file or directory; check the path"):
        load_model(tmp_path / "a.ckpt", "base")


@pytest.mark.parametrize(
    "fields",
    [
        {"network": {**TINY, "arch": "vnet"}},
        {"network": {**TINY, "encoder": "no-such-encoder"}},
        {"network": {**TINY, "encoder": "tu-no-such-encoder"}},
        {"network": {**TINY, "of": "tomorrow"}},
        {"network": {**TINY, "encoder": None}},
        {"network": {"arch": "unet"}},
        {"task": {**TASK, "of": "tomorrow"}},
        {"task": {**TASK, "window": "mirror"}},
    ],
)
def test_a_network_that_cannot_be_built_is_named(tmp_path, content, fields):
    content["hyper_parameters"] |= fields

    with pytest.raises(ModelError, match=r"a\.ckpt: names a network that this version cannot build"):
        load_model(save(tmp_path / "a.ckpt", content), "base")


@pytest.mark.parametrize(
    "fields", [{}, None, {"network": TINY}, {"network": None, "task": TASK, "kind": "base", "lr": 1.0}, [1]]
)
def test_a_checkpoint_without_our_fields_is_none_of_this_project(tmp_path, content, fields):
    with pytest.raises(ModelError, match="not a checkpoint of this project"):
        load_model(save(tmp_path / "a.ckpt", {**content, "hyper_parameters": fields}), "base")


def test_the_other_kind_of_model_is_refused(tmp_path, content):
    with pytest.raises(
        ModelError, match=r"this is the base model; .*`python -m train` makes with --is_interactive True"
    ):
        load_model(save(tmp_path / "a.ckpt", content), "interactive")


def test_weights_of_another_network_are_refused(tmp_path, content):
    content["hyper_parameters"]["network"] = {**TINY, "encoder": "tu-mobilenetv4_conv_small"}

    with pytest.raises(ModelError, match=r"don't fit the network it names, a tu-mobilenetv4_conv_small; .*train again"):
        load_model(save(tmp_path / "a.ckpt", content), "base")


def test_a_run_stands_for_its_best_checkpoint(tmp_path, content):
    best = save(tmp_path / "run" / "checkpoints" / "epoch=3.ckpt", content)
    last = save(tmp_path / "run" / "checkpoints" / "last.ckpt", content)

    assert find_checkpoint("run", tmp_path) == best
    assert find_checkpoint("run", tmp_path, last=True) == last
    assert find_checkpoint(str(last), tmp_path) == last


def test_an_unknown_run_is_answered_with_those_that_are_there(tmp_path, content):
    save(tmp_path / "autumn" / "checkpoints" / "epoch=3.ckpt", content)

    with pytest.raises(ModelError, match=r"one of the runs there: autumn$"):
        find_checkpoint("spring", tmp_path)


def test_of_many_runs_the_rest_is_counted(tmp_path, content):
    for number in range(11):
        (tmp_path / f"run{number:02d}" / "checkpoints").mkdir(parents=True)
        (tmp_path / f"run{number:02d}" / "checkpoints" / "last.ckpt").touch()

    with pytest.raises(ModelError, match=r"run06, run07 and 3 more$"):
        find_checkpoint("spring", tmp_path)


def test_where_there_is_no_run_the_command_that_makes_one_is_named(tmp_path):
    with pytest.raises(ModelError, match="python -m train"):
        find_checkpoint("spring", tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path, content, value):
    next(iter(content["state_dict"].values())).view(-1)[-1] = value

    with pytest.raises(ModelError, match=r"a\.ckpt: weights are not finite; train again"):
        load_model(save(tmp_path / "a.ckpt", content), "base")


def test_a_field_that_a_network_lacks_is_reported_in_words(tmp_path, content):
    del content["hyper_parameters"]["task"]["channels"]

    with pytest.raises(ModelError, match=r"cannot build: 'channels' is missing; .*train again"):
        load_model(save(tmp_path / "a.ckpt", content), "base")


def test_an_unknown_window_is_reported_with_those_that_are_known(tmp_path, content):
    content["hyper_parameters"]["task"] = {**TASK, "window": "mirror"}

    with pytest.raises(
        ModelError, match=r"cannot build: no window 'mirror'; there are: cell, stroke; use .*$"
    ) as error:
        load_model(save(tmp_path / "a.ckpt", content), "base")
    assert "\n" not in str(error.value)


def test_views_that_are_no_names_make_it_none_of_this_project(tmp_path, content):
    content["hyper_parameters"]["views"] = None

    with pytest.raises(ModelError, match="not a checkpoint of this project"):
        load_model(save(tmp_path / "a.ckpt", content), "base")
