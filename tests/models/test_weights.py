"""Weights that are handed on: what goes in comes out, and what is no such file is refused in one message."""

import json
import struct
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import save_file
from torch.testing import assert_close

from data.io.files import file_hash
from metrics.calibration import AS_THEY_ARE
from models import publish, weights
from models.calibration import write_table
from models.checkpoints import find_checkpoint, load_model, read_checkpoint
from models.errors import ModelError
from models.modules import BaseModule, InteractiveModule
from models.networks import NetworkConfig
from runs.calibration import read_calibration

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 64}
VIEWS = {"train": ["A_R", "B_R"], "validation": ["C_R"]}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A project with a base and an interactive run."""
    folder = tmp_path_factory.mktemp("runs")
    torch.manual_seed(0)
    for name, kind in {"base": BaseModule, "inter": InteractiveModule}.items():
        module = kind(TINY, TASK, 1e-3, VIEWS)
        for value in module.state_dict().values():
            if value.is_floating_point() and value.ndim == 1:
                value.uniform_(0.99, 1.01)  # untrained ones are 0 and 1, which half precision holds too
        path = folder / name / "checkpoints" / "epoch=0.ckpt"
        path.parent.mkdir(parents=True)
        torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
    return folder


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """A folder of shipped weights, empty, and another working directory."""
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "weights")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "weights"


@pytest.fixture
def published(runs):
    return publish.publish("base", "small", runs)


def command(runs, *arguments):
    return CliRunner().invoke(publish.main, arguments, env={"RETRACE_WANDB_PROJECT": str(runs)})


def metadata(path):
    with safe_open(path, framework="pt") as file:
        return {name: json.loads(text) for name, text in file.metadata().items() if name != "format"}


def test_weights_give_the_same_answers_as_their_checkpoint(runs, published):
    model, weighed = (load_model(find_checkpoint(name, runs), "base") for name in ("base", "small"))

    assert (weighed.path, weighed.task) == (published, model.task)
    assert (weighed.trained_on, weighed.validated_on) == (model.trained_on, model.validated_on)
    assert weighed.network.config == model.network.config
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert_close(*(torch.sigmoid(each.network(image)) for each in (weighed, model)), atol=0.01, rtol=0)
    assert {value.dtype for value in weighed.network.parameters()} == {torch.float32}


def test_kernels_are_halved_and_scales_are_not(runs, published):
    whole = load_model(find_checkpoint("base", runs), "base").network.state_dict()

    for name, value in read_checkpoint(published)["state_dict"].items():
        original = whole[name.removeprefix("network.")]
        expected = original.half().float() if original.ndim > 1 else original
        assert value.dtype == original.dtype, name
        assert torch.equal(value, expected), name
    assert published.stat().st_size < 0.6 * sum(4 * value.numel() for value in whole.values())


def test_in_full_precision_nothing_is_lost(runs):
    path = publish.publish("base", "full", runs, precision="full")

    state, whole = (read_checkpoint(each)["state_dict"] for each in (path, find_checkpoint("base", runs)))
    assert state.keys() == whole.keys()
    assert all(torch.equal(value, whole[name]) for name, value in state.items())


def test_they_say_where_they_came_from(runs, published):
    interactive = publish.publish("inter", "small-inter", runs, "small")

    assert load_model(interactive, "interactive").trained_on == ("A_R", "B_R")
    origins = [metadata(path)["origin"] for path in (published, interactive)]
    assert [origin["checkpoint"] for origin in origins] == [
        file_hash(find_checkpoint(name, runs)) for name in ("base", "inter")
    ]
    assert [origin.get("base") for origin in origins] == [None, file_hash(published)]
    assert origins[0]["views"] == {"train": 2, "validation": 1}
    assert origins[0]["version"].count(".") == 2


def test_what_is_taken_over_of_answers_can_be_another_than_in_training(runs, published):
    path = publish.publish("inter", "bold-inter", runs, "small", merge="pieces")
    trained, found = (load_model(each, "interactive") for each in (find_checkpoint("inter", runs), path))
    assert found.task == replace(trained.task, merge="pieces") != trained.task


def test_names_of_views_can_be_left_out(runs):
    path = publish.publish("base", "nameless", runs, without_views=True)

    assert load_model(path, "base").trained_on == ()
    assert metadata(path)["origin"]["views"] == {"train": 2, "validation": 1}


def test_a_calibration_goes_with_the_weights_and_one_of_another_model_stays_behind(runs):
    model = load_model(find_checkpoint("base", runs), "base")
    beside = model.path.with_suffix(".calibration.json")
    table = {"probability": [0.0, 1.0], "share": [0.1, 0.9]}
    beside.write_text(json.dumps({"base": "of another", **table}))
    path = publish.publish("base", "stale", runs)
    assert not path.with_suffix(".calibration.json").exists()
    beside.write_text(json.dumps({"base": model.sha256, **table}))
    path = publish.publish("base", "fresh", runs)
    assert json.loads(path.with_suffix(".calibration.json").read_text()) == {"base": file_hash(path), **table}
    assert read_calibration(load_model(path, "base")).share == (0.1, 0.9)
    beside.unlink()


def test_weights_that_replace_others_do_not_keep_their_calibration(runs, published):
    beside = published.with_suffix(".calibration.json")
    write_table(beside, AS_THEY_ARE, file_hash(published))

    publish.publish("base", "small", runs, overwrite=True)

    assert not beside.exists()


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_calibration_is_named_before_anything_is_written(runs, shipped, text):
    beside = find_checkpoint("base", runs).with_suffix(".calibration.json")
    beside.write_text(text)

    refused = command(runs, "base", "x")
    beside.unlink()

    assert (refused.exit_code, f"{beside}: damaged; remove it" in refused.output) == (1, True)
    assert not shipped.exists()


def test_a_file_comes_before_a_run_and_a_run_before_weights(runs, published, tmp_path):
    publish.publish("base", "inter", runs)
    assert find_checkpoint("inter", runs) == runs / "inter" / "checkpoints" / "epoch=0.ckpt"
    assert find_checkpoint(str(published), runs) == published
    (tmp_path / "small").write_text("a file of that name here")
    assert str(find_checkpoint("small", runs)) == "small"


def test_a_name_that_nobody_has_is_answered_with_all_that_there_are(runs, published):
    with pytest.raises(ModelError, match=r"that came with the program \(small\); .* runs there: base, inter$"):
        find_checkpoint("huge", runs)


def test_weights_have_no_last_state_of_a_training(runs, published):
    with pytest.raises(ModelError, match="no checkpoint 'small'"):
        find_checkpoint("small", runs, last=True)


def test_weights_are_replaced_only_if_that_is_wanted(runs, published):
    before = published.read_bytes()
    refused = command(runs, "base", "small", "--precision", "full")
    assert refused.exit_code == 1
    assert "is there already; give another name, or --overwrite" in refused.output
    assert published.read_bytes() == before

    assert command(runs, "base", "small", "--precision", "full", "--overwrite").exit_code == 0
    assert published.stat().st_size > 1.5 * len(before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody", "x"], "no checkpoint 'nobody'"),
        (["base", "a/b"], "cannot name weights"),
        (["base", ".hidden"], "cannot name weights"),
        (["inter", "x"], "is interactive; name the base model that it corrects with --base_model"),
        (["inter", "x", "--base_model", "inter"], "this is the interactive model; the base one is needed"),
        (["base", "x", "--base_model", "base"], "leave out --base_model"),
        (["base", "x", "--merge", "pieces"], "leave out --base_model and --merge"),
        (["inter", "x", "--base_model", "base", "--merge", "bold"], "no merge rule 'bold'"),
    ],
)
def test_what_cannot_be_published_is_one_message(runs, shipped, arguments, message):
    result = command(runs, *arguments)

    assert result.exit_code == 1
    assert message in result.output
    assert not shipped.exists()


def test_a_file_too_large_for_a_repository_is_not_written(runs, shipped, monkeypatch):
    monkeypatch.setattr(weights, "MAX_BYTES", 1_000_000)

    result = command(runs, "base", "x")

    assert result.exit_code == 1
    assert "more than the 1 MB that a repository should hold" in result.output
    assert not shipped.exists()


def test_what_half_precision_cannot_hold_is_refused(tmp_path):
    state = {"kernel": torch.tensor([[70000.0]])}

    with pytest.raises(ModelError, match=r"kernel: 7e\+04 is beyond half precision; publish with --precision full"):
        weights.write_weights(tmp_path / "a.safetensors", state, {}, {})

    weights.write_weights(tmp_path / "a.safetensors", state, {}, {}, "full")
    assert not list(tmp_path.glob(".a*"))


def _longer_header(whole):
    (length,) = struct.unpack("<Q", whole[:8])
    return struct.pack("<Q", length + 2**40) + whole[8:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:4],
        lambda whole: whole[:100],
        lambda whole: whole[:-1],
        lambda whole: whole + b"more",
        lambda whole: b"no weights at all",
        _longer_header,
    ],
)
def test_a_damaged_file_is_named(published, damage):
    published.write_bytes(damage(published.read_bytes()))

    with pytest.raises(ModelError, match=r"small\.safetensors: damaged, or no safetensors file .*copy it again"):
        load_model(published, "base")


HYPER_PARAMETERS = {"kind": "base", "lr": 1.0, "network": TINY, "task": TASK}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (None, "not weights of this project"),
        ({}, "not weights of this project"),
        ({"hyper_parameters": "{", "origin": "{}"}, "not weights of this project"),
        ({"hyper_parameters": "[]", "origin": "{}"}, "not a checkpoint of this project"),
        ({"hyper_parameters": json.dumps(HYPER_PARAMETERS), "origin": "{}"}, "don't fit the network it names"),
    ],
)
def test_weights_of_another_project_are_refused(tmp_path, parts, message):
    save_file({"weight": torch.ones(1)}, tmp_path / "a.safetensors", metadata=parts)

    with pytest.raises(ModelError, match=rf"a\.safetensors: .*{message}"):
        load_model(tmp_path / "a.safetensors", "base")


def test_weights_that_are_not_finite_are_refused(published):
    content = read_checkpoint(published)
    next(iter(content["state_dict"].values())).view(-1)[0] = torch.nan
    parts = {name: json.dumps(content[name]) for name in ("hyper_parameters", "origin")}
    save_file(content["state_dict"], published, metadata=parts)

    with pytest.raises(ModelError, match="weights are not finite"):
        load_model(published, "base")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"a\.safetensors: No such file or directory; check the path"):
        load_model(tmp_path / "a.safetensors", "base")
