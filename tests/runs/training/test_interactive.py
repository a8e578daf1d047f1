"""The interactive model: who draws, what it sees, with what it begins, and how it is to be asked."""

import json

import pytest
import torch

from data.io.files import file_hash
from models.checkpoints import load_model, read_checkpoint
from models.networks import IN_SESSION
from models.publish import publish
from tests.runs.toy import MIRROR
from tests.runs.training.runs import INTERACTIVE, ONE_STEP, best, same, scores, weights


def test_the_interactive_model_logs_its_gain_over_manual_and_leaves_the_base_alone(project):
    assert any(row["val_gain"] for row in scores(project, "inter"))
    base, interactive = load_model(best(project, "base"), "base"), load_model(best(project, "inter"), "interactive")
    assert interactive.network.config.mean == base.network.config.mean
    assert not any("base" in name for name in weights(best(project, "inter"))), "the base has a checkpoint of its own"


SESSION = ["--prompts", "session"]


def test_strokes_are_made_by_either_unless_another_is_named(project):
    runs = {
        "inter": "either",
        "named": "either",
        "taught": "longer, unsteady",
    }
    for name, annotators in list(runs.items())[1:]:
        project.train("--name", name, *INTERACTIVE, "--strokes", "2", "--annotators", annotators)

    records = [json.loads((project.folder / "runs" / name / "run.json").read_text()) for name in runs]
    assert [record["config"]["annotators"] for record in records] == list(runs.values())
    by_either, by_name, by_others = (weights(best(project, name)) for name in runs)
    assert same(by_either, by_name)
    assert not same(by_either, by_others)


@pytest.mark.parametrize("prompts", ["signed", "initial", "strokes"])
def test_a_model_may_see_less(project, prompts):
    project.train("--name", prompts, *INTERACTIVE, "--prompts", prompts, "--max_epochs", "1")

    assert load_model(best(project, prompts), "interactive").network.config.prompts == prompts


def test_how_a_model_learns_and_is_to_be_asked_reaches_its_checkpoint(project):
    learning = ["--schedule", "cosine", "--loss", "both", "--strokes", "4", *SESSION]
    asked = ["--window", "stroke", "--merge", "reach+touching"]
    project.train("--name", "sessions", *INTERACTIVE, *learning, *asked, *ONE_STEP)

    fields = read_checkpoint(best(project, "sessions"))["hyper_parameters"]
    assert (fields["schedule"], fields["loss"]) == ("cosine", "both")
    model = load_model(best(project, "sessions"), "interactive")
    assert (model.task.window, model.task.merge) == ("stroke", "reach+touching")
    assert model.network.inputs == IN_SESSION


@pytest.mark.parametrize("changed", [["--loss", "cross-entropy"], ["--merge", "one-way"], ["--schedule", "cosine"]])
def test_how_a_model_learns_changes_what_it_learns(project, changed):
    options = [*INTERACTIVE, *SESSION, "--strokes", "4", "--crops", "12", "--max_epochs", "1"]
    usual = project.folder / "runs" / "usual"
    if not usual.exists():
        project.train("--name", usual.name, *options)
    project.train("--name", changed[1], *options, *changed)

    assert not same(weights(best(project, usual.name)), weights(best(project, changed[1])))


def test_an_interactive_model_may_begin_with_another_whose_planes_are_among_its_own(project):
    project.train("--name", "tuned", *INTERACTIVE, *SESSION, "--start_from", "inter", "--lr", "1e-30", *ONE_STEP)

    began, tuned = (load_model(best(project, name), "interactive").network.unet for name in ("inter", "tuned"))
    first, wider = began.encoder.model.conv_stem.weight, tuned.encoder.model.conv_stem.weight
    assert (first.shape[1], wider.shape[1]) == (4, 6)
    torch.testing.assert_close(wider[:, :4], first, rtol=0, atol=1e-20)
    assert wider[:, 4:].abs().max() < 1e-20, "what it sees beside that counts for nothing yet"
    assert same(dict(began.segmentation_head.named_parameters()), dict(tuned.segmentation_head.named_parameters()))
    record = json.loads((project.folder / "runs" / "tuned" / "run.json").read_text())
    assert record["hashes"]["start_from"] == file_hash(best(project, "inter"))


def test_weights_in_half_precision_are_begun_with_by_name(project, tmp_path, monkeypatch):
    monkeypatch.setattr("models.weights.SHIPPED", tmp_path)
    for run, *base in (("base",), ("inter", "shipped-base")):
        publish(run, f"shipped-{run}", project.folder / "runs", *base)
    first = "encoder.model.conv_stem.weight"
    half = load_model(best(project, "base"), "base").network.unet.get_parameter(first).half().float()

    for name, *start in (("on-base",), ("on-inter", "--start_from", "shipped-inter")):
        shipped = ["--is_interactive", "True", "--base_model", "shipped-base", *start, "--lr", "1e-30", *ONE_STEP]
        project.train("--name", name, *shipped)

    began = load_model(best(project, "on-base"), "interactive").network.unet.get_parameter(first)
    assert (began.dtype, began.shape[1]) == (torch.float32, 4)
    torch.testing.assert_close(began[:, :1], half, rtol=0, atol=1e-20)
    record = json.loads((project.folder / "runs" / "on-inter" / "run.json").read_text())
    assert record["hashes"]["start_from"] == file_hash(tmp_path / "shipped-inter.safetensors")


def test_the_interactive_model_is_validated_on_what_the_base_has_not_learnt(project):
    project.train(
        "--name", "reseeded", "--is_interactive", "True", "--base_model", "base", "--seed", "5", "--max_epochs", "1"
    )

    base = load_model(best(project, "base"), "base")
    reseeded = load_model(best(project, "reseeded"), "interactive")
    assert (reseeded.trained_on, reseeded.validated_on) == (base.trained_on, base.validated_on)
    assert MIRROR not in base.trained_on + base.validated_on
