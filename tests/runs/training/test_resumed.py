"""A training that was stopped or killed goes on as if it had never been, or not at all."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

import train
from data.io.files import file_hash
from models.checkpoints import read_checkpoint
from models.modules import LineModule
from tests.root import ROOT
from tests.runs.toy import BATCHES, NETWORK
from tests.runs.training.runs import INTERACTIVE, ONE_STEP, best, same, weights


def test_a_killed_training_goes_on_where_it_was(project):
    command = [sys.executable, "-c", KILLABLE, *NETWORK, *BATCHES, "--name", "killed", "--max_epochs", "4"]
    environment = os.environ | project.environment
    environment.pop("WANDB_SERVICE", None)  # that of this process would outlive the kill
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    last = project.folder / "runs" / "killed" / "checkpoints" / "last.ckpt"
    while process.poll() is None and not last.exists():
        time.sleep(0.1)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"

    project.succeed(train.main, "--ckpt", "killed")
    project.train("--name", "whole", "--max_epochs", "4")

    killed, whole = (project.folder / "runs" / name / "checkpoints" / "last.ckpt" for name in ("killed", "whole"))
    assert same(weights(killed), weights(whole)), "a resumed training ends as one that was never killed"


# In its third epoch it waits to be killed, however late that comes.
KILLABLE = """
import time, train
from models.modules import LineModule
LineModule.on_train_epoch_start = lambda module: time.sleep(3600) if module.current_epoch == 2 else None
train.main()
"""


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


def test_a_training_goes_on_from_the_model_that_it_began_with_or_not_at_all(project):
    shutil.copytree(project.folder / "runs" / "inter", project.folder / "runs" / "first")
    project.train("--name", "second", *INTERACTIVE, "--start_from", "first", *ONE_STEP)
    before = json.loads((project.folder / "runs" / "second" / "run.json").read_text())["hashes"]
    torch.save(read_checkpoint(best(project, "first")) | {"epoch": 7}, best(project, "first"))

    result = project.run(train.main, "--ckpt", "second", "--max_epochs", "2")

    assert result.exit_code == 1
    was, now = before["start_from"], file_hash(best(project, "first"))
    assert f"changed since (start_from {was[:16]} there, {now[:16]} asked for); start another" in result.output


def test_a_record_of_another_version_goes_on_with_nothing(project):
    folder = project.folder / "runs" / "tomorrow"
    folder.mkdir()
    (folder / "run.json").write_text('{"config": {"colour": 1}, "hashes": {}}')

    result = project.run(train.main, "--ckpt", "tomorrow")

    assert result.exit_code == 1
    assert "run.json: of another version, it has colour; start another training" in result.output
