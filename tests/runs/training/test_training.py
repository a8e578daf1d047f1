"""A training: what it leaves, what its seed fixes, what it prints, and what it may look at."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import termios

import torch

from models.checkpoints import read_checkpoint
from tests.root import ROOT
from tests.runs.toy import BATCHES, MIRROR, NETWORK
from tests.runs.training.runs import best, same, scores, weights


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


def test_each_epoch_has_a_line_with_its_scores_and_the_time_that_is_left(project):
    output = project.train("--name", "timed", "--max_epochs", "2")

    lines = [line for line in output.splitlines() if line.startswith("epoch ")]
    time_left = r"\[\d\d:\d\d, at most \d\d:\d\d to go\]"
    assert re.fullmatch(rf"epoch 0: train_loss \d\.\d{{4}}, val_iou .*, val_pfm 0\.\d{{4}} {time_left}", lines[0])
    assert lines[1].endswith("at most 00:00 to go]")
    assert len(lines) == 2


def test_on_a_terminal_each_epoch_has_a_bar_above_which_its_line_is_printed(project):
    """Lightning would take the bar of rich wherever that is installed, and the line would stand in the midst of it."""
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (40, 200))
    command = [sys.executable, "-m", "train", *NETWORK, *BATCHES, "--name", "shown", "--max_epochs", "1"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | project.environment, stdout=terminal, stderr=subprocess.DEVNULL
    )
    os.close(terminal)

    shown = b""
    with contextlib.suppress(OSError):  # which is how a terminal ends
        while part := os.read(master, 4096):
            shown += part
    os.close(master)

    assert process.wait() == 0
    assert re.search(rb"Epoch 0: +\d+%\|", shown)
    assert re.search(rb"\repoch 0: train_loss", shown)


def test_debugging_keeps_nothing(project):
    output = project.train("--name", "debugged", "--debug")

    assert "nothing was kept" in output
    assert not list((project.folder / "runs").glob("debugged/**/*.*"))


def test_two_processes_train_one_run_together(project):
    environment = os.environ | project.environment
    environment.pop("WANDB_SERVICE", None)
    command = [sys.executable, "-m", "train", *NETWORK, *BATCHES, "--name", "pair", "--device", "cpu", "--gpu", "2"]

    output = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    assert output.count("Use it by --base_model pair") == 1
    (checkpoint,) = (project.folder / "runs" / "pair" / "checkpoints").glob("epoch=*.ckpt")
    assert read_checkpoint(checkpoint)["global_step"] == 3 * (read_checkpoint(checkpoint)["epoch"] + 1), "24 / 4 / 2"
