"""A model may begin with another one's weights, also with those of another kind of data; it keeps its options."""

import json
import shutil

import cv2
import numpy as np
import pytest
import torch

import data.setup
import train
from data.io.files import file_hash
from data.storage import PreparedSet
from models.checkpoints import find_checkpoint, load_model
from runs.training.options import TrainOptions
from tests.runs.toy import BATCHES, NETWORK

STILL = ["--crops", "4", "--max_epochs", "1", "--lr", "1e-30"]  # one step that changes nothing


@pytest.fixture(scope="module")
def lines(project, tmp_path_factory):
    """A folder of line photographs, prepared beside the project's mirrors for as long as these tests run."""
    root = tmp_path_factory.mktemp("lines")
    rng = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (root / folder).mkdir()
    for number in range(6):
        line = np.zeros((160, 160), np.uint8)
        ends = rng.integers(0, 160, (4, 2, 2))
        for start, end in ends:
            cv2.line(line, start.tolist(), end.tolist(), 255, 5)
        photograph = np.clip(170 - 0.5 * line + rng.normal(0, 8, line.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(root / "images" / f"{number}.png"), photograph)
        cv2.imwrite(str(root / "masks" / f"{number}.png"), line)
    project.succeed(data.setup.main, "--dataset", "lines", "--root", root, "--test_last", "1")
    yield project
    shutil.rmtree(project.folder / "storage" / "lines")


def trained(project, name, kind="base"):
    return load_model(find_checkpoint(name, project.folder / "runs"), kind)


def record(project, name):
    return json.loads((project.folder / "runs" / name / "run.json").read_text())


def same_weights(one, other):
    theirs = dict(other.network.named_parameters())
    for name, own in one.network.named_parameters():
        torch.testing.assert_close(own, theirs[name], rtol=0, atol=1e-20)


def test_a_base_model_begins_with_another_ones_weights_and_standardises_as_it_did(project):
    output = project.train("--name", "again", "--start_from", "base", "--seed", "8", *STILL)

    base, again = trained(project, "base"), trained(project, "again")
    same_weights(again, base)
    assert again.network.config == base.network.config
    assert record(project, "again")["hashes"]["start_from"] == file_hash(base.path)
    assert "Starts from the weights of base (tu-mobilenetv4_conv_small_050, unet-slim), trained on mirrors/depth\n" in (
        output
    )


def test_a_base_model_learns_on_from_there(project):
    project.train("--name", "further", "--start_from", "base", "--crops", "8", "--max_epochs", "1")

    with pytest.raises(AssertionError):
        same_weights(trained(project, "further"), trained(project, "base"))


def test_architecture_and_encoder_are_those_of_the_weights_unless_they_are_given(project):
    project.succeed(train.main, "--patch_size", "128", *BATCHES, "--name", "as-base", "--start_from", "base", *STILL)

    network = trained(project, "base").network.config
    assert trained(project, "as-base").network.config == network
    config = record(project, "as-base")["config"]
    assert (config["arch"], config["enc_str"]) == (network.arch, network.encoder)
    given = project.run(train.main, "--patch_size", "128", *BATCHES, "--start_from", "base", "--arch", "unet")
    assert given.exit_code == 1
    assert "cannot start from a tu-mobilenetv4_conv_small_050 unet-slim of 1" in given.output


def test_the_weights_that_ship_learn_from_a_users_own_drawings(project):
    output = project.succeed(
        train.main, "--config", "adapt-base", "--name", "adapted", "--patch_size", "128", "--batch_train", "4", *STILL
    )

    assert "Starts from the weights of small-base (tu-mobilenetv4_conv_small, unet-slim)" in output
    same_weights(trained(project, "adapted"), load_model(find_checkpoint("small-base", project.folder), "base"))


def test_weights_of_mirrors_learn_from_line_photographs_and_it_says_what_differs(lines):
    output = lines.train("--dataset", "lines", "--name", "on-lines", "--start_from", "base", *STILL)

    notice = next(line for line in output.splitlines() if line.startswith("Starts from"))
    assert "trained on mirrors/depth; the input here is lines/" in notice
    prepared = PreparedSet.open(lines.folder / "storage", "lines")
    assert notice.endswith(
        f", at {prepared.model_scale:g} instead of 0.5 model pixels a pixel; the mean radius of its lines is "
        f"{prepared.lines.mean * prepared.model_scale:.1f} model pixels, not 3.1"
    )
    on_lines = trained(lines, "on-lines")
    same_weights(on_lines, trained(lines, "base"))
    assert (on_lines.task.dataset, on_lines.task.scale) == ("lines", prepared.model_scale)
    assert on_lines.task.line_width == pytest.approx(2 * prepared.lines.mean * prepared.model_scale, abs=0.01)


def test_an_interactive_model_of_mirrors_learns_from_line_photographs_on_a_base_model_of_theirs(lines):
    lines.train("--dataset", "lines", "--name", "lines-base", *STILL)
    start = ["--is_interactive", "True", "--base_model", "lines-base", "--start_from", "inter"]

    lines.train("--dataset", "lines", "--name", "lines-inter", *start, *STILL)

    same_weights(trained(lines, "lines-inter", "interactive"), trained(lines, "inter", "interactive"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start_from", "nobody"], "no checkpoint 'nobody'"),
        (["--start_from", "inter"], "this is the interactive model; the base one is needed"),
        (["--start_from", "base", "--arch", "unet"], "cannot start from"),
        (["--start_from", "base", "--channels", "published_depth"], "trained for channels ('depth',), not"),
    ],
)
def test_weights_that_do_not_fit_are_refused(project, arguments, message):
    result = project.run(train.main, *NETWORK, *BATCHES, "--name", "unfit", *arguments)

    assert result.exit_code == 1
    assert message in result.output
    assert not (project.folder / "runs" / "unfit").exists()


def test_a_training_keeps_its_options_as_a_configuration_that_trains_the_same(project):
    kept = project.folder / "runs" / "base" / "config.yaml"

    project.succeed(train.main, "--config", kept, "--name", "repeated")

    same_weights(trained(project, "repeated"), trained(project, "base"))
    base, repeated = record(project, "base")["config"], record(project, "repeated")["config"]
    assert base.keys() == TrainOptions.__dataclass_fields__.keys()
    assert {**base, "name": "repeated"} == repeated


def test_debugging_keeps_no_configuration(project):
    project.train("--name", "passing", "--debug")

    assert not list((project.folder / "runs").glob("passing/config.yaml"))
