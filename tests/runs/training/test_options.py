"""Options of a training that cannot work are one sentence, and so is a training that has nothing left to do."""

from __future__ import annotations

import pytest
import torch
from click.testing import CliRunner

import train
from runs.training.options import TrainOptions
from runs.training.resumed import finished
from tests.runs.toy import BATCHES, NETWORK


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lr", "nan"], "nan is no finite number"),
        (["--lr", "inf"], "inf is no finite number"),
        (["--lr", "0"], "0.0 is not in the range x>0"),
        (["--val_share", "nan"], "nan is no finite number"),
        (["--max_minutes", "inf"], "inf is not in the range"),
        (["--batch_val", "0"], "0 is not in the range x>=1"),
        (["--batch_train", "0"], "0 is not in the range x>=1"),
        (["--crops", "0"], "0 is not in the range x>=1"),
        (["--seed", "4294967296"], "4294967296 is not in the range 0<=x<=4294967295"),
    ],
)
def test_a_number_that_cannot_be_meant_is_a_usage_error(arguments, message):
    result = CliRunner().invoke(train.main, arguments)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.slow
@pytest.mark.parametrize("single", [("--batch_train", "1"), ("--crops", "1")])
def test_batches_of_one_crop_too_small_to_normalise_are_refused_before_anything_is_made(project, single):
    options = [*NETWORK, *BATCHES, "--patch_size", "64", *single, "--name", "lonely"]
    result = project.run(train.main, *options)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == (
        "Error: batches of one crop of 32 x 32 network pixels leave a single value a channel, which cannot be "
        "normalised; give --batch_train 2 and --crops 2 or more, or --patch_size 128"
    )
    assert not (project.folder / "runs" / "lonely").exists()


class TestFinished:
    @pytest.fixture
    def state(self, tmp_path):
        """A writer of the last state of a run, two epochs and three minutes long."""
        monitored = {"monitor": "val_pfm", "best_model_score": torch.tensor(0.75)}
        callbacks = {"ModelCheckpoint": monitored, "Timer": {"time_elapsed": {"train": 180.0}}}
        path = tmp_path / "run" / "checkpoints" / "last.ckpt"
        path.parent.mkdir(parents=True)
        parameters = {"kind": "base", "lr": 1.0, "network": {}, "task": {}}
        torch.save({"epoch": 1, "state_dict": {}, "hyper_parameters": parameters, "callbacks": callbacks}, path)
        return tmp_path

    def test_all_epochs_are_done(self, state):
        assert finished("run", TrainOptions(max_epochs=2), state) == (
            "run has learned for 2 epochs, which --max_epochs 2 ends; to go on, give a larger one",
            0.75,
        )

    def test_a_cosine_has_come_to_its_end(self, state):
        why, _ = finished("run", TrainOptions(max_epochs=2, schedule="cosine"), state)
        assert why.endswith("to learn more, start another training")

    def test_the_minutes_have_passed(self, state):
        why, _ = finished("run", TrainOptions(max_minutes=2), state)
        assert why == "run has learned for 3.0 minutes, which --max_minutes 2 ends; to go on, give a larger one"

    @pytest.mark.parametrize(("waited", "is_done"), [(9, False), (10, True), (11, True)])
    def test_the_patience_is_at_its_end(self, state, waited, is_done):
        path = state / "run" / "checkpoints" / "last.ckpt"
        content = torch.load(path)
        content["callbacks"]["EarlyStopping"] = {"patience": 10, "wait_count": waited}
        torch.save(content, path)
        said = (
            "run has learned for 2 epochs, the last 10 without a better validation, which ends it; to learn more, "
            "start another training"
        )
        assert finished("run", TrainOptions(), state) == ((said, 0.75) if is_done else None)

    @pytest.mark.parametrize("options", [{}, {"max_epochs": 3}, {"max_minutes": 4}, {"max_epochs": 1, "debug": True}])
    def test_otherwise_something_is_left(self, state, options):
        assert finished("run", TrainOptions(**options), state) is None

    def test_before_the_first_checkpoint_all_is_left(self, tmp_path):
        assert finished("run", TrainOptions(max_epochs=1), tmp_path) is None


@pytest.mark.slow
def test_a_finished_training_says_so_and_is_no_error(project):
    output = project.succeed(train.main, "--ckpt", "base")
    assert output.startswith("base has learned for 2 epochs, which --max_epochs 2 ends; to go on, give a larger one.")
    assert output.rstrip().endswith("Use it by --base_model base")
