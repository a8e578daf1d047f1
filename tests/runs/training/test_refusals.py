"""What cannot be trained: one message each."""

import re
import shutil

import pytest
import torch

import train
from tests.runs.toy import BATCHES, NETWORK
from tests.runs.training.runs import INTERACTIVE


def test_an_unknown_merge_rule_is_refused_before_anything_is_made(project):
    name = "refused"
    result = project.run(train.main, *NETWORK, *BATCHES, *INTERACTIVE, "--name", name, "--merge", "reach+nearby")

    assert result.exit_code == 1
    assert result.output.startswith("Error: no merge rule 'nearby'; give whole, or some of reach")
    assert not (project.folder / "runs" / name).exists()


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
