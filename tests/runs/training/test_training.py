import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

import train
from data.io.files import file_hash
from models.checkpoints import load_model, read_checkpoint
from models.modules import LineModule
from models.networks import IN_SESSION
from models.publish import publish
from tests.root import ROOT
from tests.runs.toy import BATCHES, MIRROR, NETWORK


def best(project, run):
    (path,) = (project.folder / "runs" / run / "checkpoints").glob("epoch=*.ckpt")
    return path


def scores(project, run, version=0):
    with (project.folder / "runs" / run / "csv" / f"version_{version}" / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def weights(path):
    return read_checkpoint(path)["state_dict"]


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_training_leaves_checkpoints_a_record_curves_and_pictures(project):
    folder = project.folder / "runs" / "base"

    record = json.loads((folder / "run.json").read_text())

    assert (folder / "checkpoints" / "last.ckpt").exists()
    assert record["config"]["seed"] == 69
    assert record["versions"]["torch"] == torch.__version__.split("+")[0]
    assert len(record["hashes"]["data"]) == 64
    assert {"train_loss", "val_pfm", "val_iou"} <= scores(project, "base")[0].keys()
    assert list((folder / "pictures").glob("epoch=*.png"))
    assert list(folder.glob("wandb/offline-run-*")), "no account here, so it must have logged offline"


def test_the_interactive_model_logs_its_gain_over_manual_and_leaves_the_base_alone(project):
    assert any(row["val_gain"] for row in scores(project, "inter"))
    base, interactive = load_model(best(project, "base"), "base"), load_model(best(project, "inter"), "interactive")
    assert interactive.network.config.mean == base.network.config.mean
    assert not any("base" in name for name in weights(best(project, "inter"))), "the base has a checkpoint of its own"


def test_one_seed_fixes_all_of_a_training(project):
    project.train("--name", "same-seed")

    assert same(weights(best(project, "base")), weights(best(project, "same-seed")))


def test_another_seed_begins_with_other_weights(project):
    project.train("--name", "other", "--seed", "1")

    assert not same(weights(best(project, "base")), weights(best(project, "other")))


def test_no_test_view_is_trained_or_validated_on(project, monkeypatch):
    from data.storage import PreparedView

    monkeypatch.setattr(PreparedView, "read", _refuse(MIRROR, PreparedView.read))

    project.train("--name", "blind", "--max_epochs", "1")


def _refuse(name, read):
    def reading(view, *arguments):
        assert view.name != name, "a test view was read in training"
        return read(view, *arguments)

    return reading


def test_a_killed_training_goes_on_where_it_was(project):
    command = [sys.executable, "-m", "train", *NETWORK, *BATCHES, "--name", "killed", "--max_epochs", "4"]
    environment = os.environ | project.environment
    environment.pop("WANDB_SERVICE", None)  # that of this process would outlive the kill
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    last = project.folder / "runs" / "killed" / "checkpoints" / "last.ckpt"
    waited = time.monotonic()
    while not last.exists() and time.monotonic() - waited < 120:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"

    project.succeed(train.main, "--ckpt", "killed")
    project.train("--name", "whole", "--max_epochs", "4")

    killed, whole = (project.folder / "runs" / name / "checkpoints" / "last.ckpt" for name in ("killed", "whole"))
    assert same(weights(killed), weights(whole)), "a resumed training ends as one that was never killed"


def test_a_stopped_training_goes_on_with_its_learning_rate_and_patience(project, monkeypatch):
    monkeypatch.setattr("models.modules.LR_PATIENCE", 0)  # the learning rate falls in these few epochs already

    project.train("--name", "stopped", "--max_epochs", "3", "--lr", "0.03")
    project.succeed(train.main, "--ckpt", "stopped", "--max_epochs", "6")
    project.train("--name", "steady", "--max_epochs", "6", "--lr", "0.03")

    stopped, steady = (
        read_checkpoint(project.folder / "runs" / name / "checkpoints" / "last.ckpt") for name in ("stopped", "steady")
    )
    assert steady["epoch"] == 5, "the last state is that of the last epoch, the best or not"
    assert steady["optimizer_states"][0]["param_groups"][0]["lr"] < 0.03
    assert stopped["lr_schedulers"] == steady["lr_schedulers"]
    assert same(stopped["state_dict"], steady["state_dict"])


def test_a_stopped_cosine_goes_on_with_its_learning_rate_down_to_nothing(project, monkeypatch):
    options = ["--schedule", "cosine", "--crops", "8", "--max_epochs", "3"]

    def power_cut(module):
        if module.current_epoch == 2:
            raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(LineModule, "on_train_epoch_start", power_cut)
        assert project.run(train.main, *NETWORK, *BATCHES, "--name", "paused", *options).exit_code != 0
    paused = project.folder / "runs" / "paused" / "checkpoints" / "last.ckpt"
    assert read_checkpoint(paused)["epoch"] == 1
    result = project.run(train.main, "--ckpt", "paused", "--max_epochs", "6")
    assert result.exit_code == 1
    assert "--max_epochs: a cosine ends at the 3 that it began with" in result.output
    project.succeed(train.main, "--ckpt", "paused", "--max_epochs", "3", "--max_minutes", "30")
    project.train("--name", "unpaused", *options)

    stopped, steady = (
        read_checkpoint(project.folder / "runs" / name / "checkpoints" / "last.ckpt") for name in ("paused", "unpaused")
    )
    assert steady["global_step"] == steady["lr_schedulers"][0]["last_epoch"] == 6
    assert steady["optimizer_states"][0]["param_groups"][0]["lr"] == 0
    assert stopped["lr_schedulers"] == steady["lr_schedulers"]
    assert same(stopped["state_dict"], steady["state_dict"])


def test_a_training_killed_before_its_first_checkpoint_begins_again(project):
    project.train("--name", "early")
    shutil.rmtree(project.folder / "runs" / "early" / "checkpoints")

    project.succeed(train.main, "--ckpt", "early")

    assert same(weights(best(project, "early")), weights(best(project, "base")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ckpt", "nobody"], "no training recorded"),
        (["--ckpt", ""], "no training recorded"),
        (["--ckpt", "small-base"], "weights alone are for --base_model and --start_from"),
        (["--ckpt", "base", "--lr", "1"], "--lr: a training goes on with its own"),
        (["--ckpt", "base", "--enc_str", "resnet18"], "--enc_str: a training goes on with its own"),
        (["--ckpt", "inter", "--annotators", "longer"], "--annotators: a training goes on with its own"),
    ],
)
def test_a_training_goes_on_as_it_was_or_not_at_all(project, arguments, message):
    result = project.run(train.main, *arguments)

    assert result.exit_code == 1
    assert message in result.output


def test_debugging_keeps_nothing(project):
    output = project.train("--name", "debugged", "--debug")

    assert "nothing was kept" in output
    assert not list((project.folder / "runs").glob("debugged/**/*.*"))


INTERACTIVE = ["--is_interactive", "True", "--base_model", "base"]
SESSION = ["--prompts", "session"]
ONE_STEP = ["--crops", "4", "--max_epochs", "1"]


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


def test_a_resumed_training_keeps_its_annotators(project):
    people = ["--annotators", "short,adversarial"]
    project.train("--name", "halted", *INTERACTIVE, *people, "--max_epochs", "1")
    project.succeed(train.main, "--ckpt", "halted", "--max_epochs", "2")
    project.train("--name", "unhalted", *INTERACTIVE, *people, "--max_epochs", "2")

    halted, unhalted = (project.folder / "runs" / name / "checkpoints" / "last.ckpt" for name in ("halted", "unhalted"))
    assert same(weights(halted), weights(unhalted))


def test_a_training_from_before_there_were_annotators_and_sessions_goes_on(project):
    shutil.copytree(project.folder / "runs" / "inter", project.folder / "runs" / "old")
    path = project.folder / "runs" / "old" / "run.json"
    record = json.loads(path.read_text())
    for name in ("annotators", "schedule", "loss", "window", "merge"):
        del record["config"][name]
    path.write_text(json.dumps(record))

    project.succeed(train.main, "--ckpt", "old", "--max_epochs", "3")


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


def test_an_unknown_merge_rule_is_refused_before_anything_is_made(project):
    name = "refused"
    result = project.run(train.main, *NETWORK, *BATCHES, *INTERACTIVE, "--name", name, "--merge", "reach+nearby")

    assert result.exit_code == 1
    assert result.output.startswith("Error: no merge rule 'nearby'; give whole, or some of reach")
    assert not (project.folder / "runs" / name).exists()


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


def test_a_training_goes_on_from_the_model_that_it_began_with_or_not_at_all(project):
    shutil.copytree(project.folder / "runs" / "inter", project.folder / "runs" / "first")
    project.train("--name", "second", *INTERACTIVE, "--start_from", "first", *ONE_STEP)
    before = json.loads((project.folder / "runs" / "second" / "run.json").read_text())["hashes"]
    torch.save(read_checkpoint(best(project, "first")) | {"epoch": 7}, best(project, "first"))

    result = project.run(train.main, "--ckpt", "second", "--max_epochs", "2")

    assert result.exit_code == 1
    was, now = before["start_from"], file_hash(best(project, "first"))
    assert f"changed since (start_from {was[:16]} there, {now[:16]} asked for); start another" in result.output


def test_the_interactive_model_is_validated_on_what_the_base_has_not_learnt(project):
    project.train(
        "--name", "reseeded", "--is_interactive", "True", "--base_model", "base", "--seed", "5", "--max_epochs", "1"
    )

    base = load_model(best(project, "base"), "base")
    reseeded = load_model(best(project, "reseeded"), "interactive")
    assert (reseeded.trained_on, reseeded.validated_on) == (base.trained_on, base.validated_on)
    assert MIRROR not in base.trained_on + base.validated_on


def test_two_processes_train_one_run_together(project):
    environment = os.environ | project.environment
    environment.pop("WANDB_SERVICE", None)
    command = [sys.executable, "-m", "train", *NETWORK, *BATCHES, "--name", "pair", "--device", "cpu", "--gpu", "2"]

    output = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    assert output.count("Use it by --base_model pair") == 1
    (checkpoint,) = (project.folder / "runs" / "pair" / "checkpoints").glob("epoch=*.ckpt")
    assert read_checkpoint(checkpoint)["global_step"] == 3 * (read_checkpoint(checkpoint)["epoch"] + 1), "24 / 4 / 2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--is_interactive", "True"], "--base_model"),
        (["--is_interactive", "True", "--base_model", "nobody"], "no checkpoint 'nobody'"),
        (["--is_interactive", "True", "--base_model", "inter"], "the base one is needed"),
        (["--is_interactive", "True", "--base_model", "base", "--enc_str", "resnet18"], "cannot start from"),
        (["--is_interactive", "True", "--base_model", "base", "--patch_size", "256"], "give the same options to both"),
        (["--start_from", "inter"], "the base one is needed"),
        (["--base_model", "base"], "--base_model is for the interactive model"),
        (["--window", "stroke"], "--window is for the interactive model"),
        (["--is_interactive", "False", "--merge", "sure"], "--merge is for the interactive model"),
        (
            [*INTERACTIVE, "--window", "stroke", "--window_size", "192"],
            "--window_size 192 is more than --patch_size 128",
        ),
        ([*INTERACTIVE, "--window_size", "64"], "--window_size is for --window stroke"),
        ([*INTERACTIVE, "--start_from", "nobody"], "no checkpoint 'nobody'"),
        ([*INTERACTIVE, "--start_from", "base"], "the interactive one is needed"),
        ([*INTERACTIVE, "--start_from", "inter", "--arch", "unet"], "cannot start from"),
        (
            [*INTERACTIVE, "--start_from", "inter", "--prompts", "signed"],
            "sees separate prompts, whose planes --prompts signed",
        ),
        (["--enc_str", "tu-no-such-encoder"], "no encoder 'tu-no-such-encoder' in timm"),
        (["--gpu", "3"], "no GPU"),
        (["--name", "base"], "a run of that name is there"),
        (["--name", "../base"], "cannot name a folder"),
        (["--name", "a/b"], "cannot name a folder"),
        (["--name", "a\\b"], "cannot name a folder"),
        (["--name", ".."], "cannot name a folder"),
        (["--name", "  "], "cannot name a folder"),
        (["--name", "a#b"], "cannot name a folder"),
        (["--patch_size", "100"], "multiple of 32"),
        (["--enc_str", "no-such-encoder"], "no encoder"),
        (["--dataset", "lines"], "data.setup"),
        (["--device", "gpu"], "no GPU"),
        (["--channels", "depth,colour"], "colour"),
        (
            [*INTERACTIVE, "--annotators", "either,lefthanded"],
            "no annotator 'lefthanded'; there are: longer, best-answer, either",
        ),
        ([*INTERACTIVE, "--annotators", ""], "no annotator ''; there are:"),
    ],
)
def test_what_cannot_be_trained_is_one_message(project, arguments, message):
    if {"gpu", "--gpu"} & set(arguments) and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    result = project.run(train.main, *NETWORK, *BATCHES, *arguments)

    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_broken_array_is_one_message_from_a_loading_process_too(project, tmp_path):
    shutil.copytree(project.folder / "storage", tmp_path / "storage")
    for path in (tmp_path / "storage").rglob("depth_model.npy"):
        path.write_bytes(path.read_bytes()[:1000])

    result = project.moved(STORAGE=tmp_path / "storage").run(
        train.main, *NETWORK, *BATCHES, "--name", "broken", "--workers", "1"
    )

    assert result.exit_code == 1
    assert re.search(r"^Error: .*depth_model\.npy: cut short or damaged; run `python -m data", result.output, re.M)
    assert "Traceback" not in result.output


def test_a_record_of_another_version_goes_on_with_nothing(project):
    folder = project.folder / "runs" / "tomorrow"
    folder.mkdir()
    (folder / "run.json").write_text('{"config": {"colour": 1}, "hashes": {}}')

    result = project.run(train.main, "--ckpt", "tomorrow")

    assert result.exit_code == 1
    assert "run.json: of another version, it has colour; start another training" in result.output
