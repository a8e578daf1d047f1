import json
import shutil
import subprocess
import sys
import time

import pytest

from models.checkpoints import find_checkpoint, read_checkpoint
from runs.ablations import variants
from runs.ablations.variants import MARKER, Variant, parsed_options, run_name, train_variants
from runs.errors import RunError
from tests.runs.toy import NETWORK
from user_config import settings

BUDGET = "--batch_train 4 --batch_val 8 --crops 8 --max_epochs 2"
TRAIN_WITH = " ".join([*NETWORK, BUDGET])


@pytest.fixture
def config(project, tmp_path, monkeypatch):
    shutil.copytree(project.folder / "runs" / "base", tmp_path / "runs" / "base")
    for name, value in project.moved(WANDB_PROJECT=tmp_path / "runs").environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WANDB_SERVICE", raising=False)  # that of this process would outlive a kill
    return settings()


def variant(train_with=TRAIN_WITH):
    return Variant("variant", "base", "mirrors", {**parsed_options(train_with, "prompts"), "prompts": "strokes"})


def forbidden(command):
    raise AssertionError(f"nothing is to be run, but {command}")


def pretended(config, monkeypatch):
    """Let a training that leaves nothing but its record stand in for the real one."""

    def run(_):
        (config.project / "variant").mkdir(parents=True, exist_ok=True)
        (config.project / "variant" / "run.json").write_text("{}")
        return 0

    monkeypatch.setattr(variants, "run_command", run)


def test_a_killed_training_goes_on_to_its_end(config, monkeypatch):
    last, messages = config.project / "variant" / "checkpoints" / "last.ckpt", []

    def killed(command):
        process = subprocess.Popen([sys.executable, "-m", *command])
        while not last.exists() and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        return process.wait()

    with monkeypatch.context() as patch:
        patch.setattr(variants, "run_command", killed)
        with pytest.raises(RunError, match="training variant ended with status -9"):
            train_variants([variant()], config, messages.append)
    assert read_checkpoint(last)["epoch"] < 1
    train_variants([variant()], config, messages.append)

    assert messages[-1] == "\n$ python -m train --ckpt variant --batch_val 8 --max_epochs 2"
    assert read_checkpoint(last)["epoch"] == 1
    train_variants([variant()], config, messages.append)
    assert messages[-1] == "variant: trained earlier"


def test_options_that_cannot_be_trained_with_claim_no_name(config, monkeypatch):
    messages = []
    with pytest.raises(RunError, match="training variant ended with status 2"):
        train_variants([variant("--epochs 3")], config, messages.append)

    pretended(config, monkeypatch)
    train_variants([variant()], config, messages.append)
    assert messages[-1].endswith("--max_epochs 2 --prompts strokes")


def test_a_model_trained_otherwise_is_left_alone(config, monkeypatch):
    pretended(config, monkeypatch)
    train_variants([variant("--lr 0.1 --crops 8")], config, print)
    before = (config.project / "variant" / MARKER).read_bytes()

    monkeypatch.setattr(variants, "run_command", forbidden)
    with pytest.raises(
        RunError, match=r"variant: was trained otherwise \(crops 8 there, None asked for; lr 0.1 there, 1 asked for\)"
    ):
        train_variants([variant("--lr 1")], config, print)
    assert (config.project / "variant" / MARKER).read_bytes() == before


def test_a_model_trained_on_another_base_is_left_alone(config, monkeypatch):
    pretended(config, monkeypatch)
    train_variants([variant()], config, print)
    with find_checkpoint("base", config.project).open("ab") as file:
        file.write(b"trained again")

    with pytest.raises(RunError, match=r"was trained otherwise \(base "):
        train_variants([variant()], config, print)


def test_what_computes_a_model_may_change(config, monkeypatch):
    pretended(config, monkeypatch)
    train_variants([variant("--lr 1 --workers 2")], config, print)

    monkeypatch.setattr(variants, "run_command", forbidden)
    train_variants([variant("--lr 1 --device cpu")], config, print)


def test_all_names_are_looked_at_before_the_first_training(config, monkeypatch):
    pretended(config, monkeypatch)
    train_variants([variant("--lr 1")], config, print)

    monkeypatch.setattr(variants, "run_command", forbidden)
    with pytest.raises(RunError, match="was trained otherwise"):
        train_variants([Variant("another", "base", "mirrors", {}), variant("--lr 2")], config, print)


def test_a_run_that_somebody_made_by_hand_is_no_variant(config):
    with pytest.raises(RunError, match="base: holds a run that no ablation began"):
        train_variants([Variant("base", "base", "mirrors", {})], config, print)


@pytest.mark.parametrize("damage", ["{", "[]", json.dumps({"options": {}})])
def test_a_damaged_marker_is_reported(config, monkeypatch, damage):
    pretended(config, monkeypatch)
    train_variants([variant()], config, print)
    (config.project / "variant" / MARKER).write_text(damage)

    with pytest.raises(RunError, match="damaged"):
        train_variants([variant()], config, print)


def test_options_are_read_as_on_a_command_line():
    options = parsed_options("--lr=1e-3 --enc_str 'some encoder' --arch=unet", "prompts")

    assert options == {"lr": "1e-3", "enc_str": "some encoder", "arch": "unet"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--lr 1 2", "found '2' where an option with its value belongs"),
        ("--lr", "found '--lr' where"),
        ("lr=1", "found 'lr=1' where"),
        ("--name 'a", "No closing quotation"),
        ("--name mine", "--name is what an ablation chooses itself"),
        ("--prompts=signed", "--prompts is what an ablation chooses itself"),
        ("--debug", "--debug is what an ablation chooses itself"),
    ],
)
def test_what_is_no_option_is_named(text, message):
    with pytest.raises(RunError, match=message):
        parsed_options(text, "prompts")


def test_a_name_is_derived_from_a_run_or_a_checkpoint(tmp_path):
    kept, released = tmp_path / "mine" / "checkpoints" / "epoch=3.ckpt", tmp_path / "theirs (2).ckpt"
    for path in (kept, released):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert run_name("base") == "base"
    assert run_name(str(kept)) == "mine"
    assert run_name(str(released)) == "theirs-2"
