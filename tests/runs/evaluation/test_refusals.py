"""What cannot be evaluated: one message each, and nothing else suffers."""

import pytest

import eval as evaluation
from tests.runs.evaluation.evaluations import table
from tests.runs.toy import MIRROR, MODELS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ckpt", "nobody", "--base_model", "base", "--mirror", MIRROR], "no checkpoint 'nobody'"),
        (["--ckpt", "base", "--base_model", "base", "--mirror", MIRROR], "the interactive one is needed"),
        ([*MODELS, "--mirror", "SYN-9999_R"], "no prepared view 'SYN-9999_R'"),
    ],
)
def test_what_cannot_be_evaluated_is_one_message(project, arguments, message):
    result = project.run(evaluation.main, *arguments)

    assert result.exit_code == 1
    assert message in result.output


@pytest.mark.parametrize(("ckpt", "base"), [("nobody", "base"), ("inter", "nobody"), ("base", "base")])
def test_a_model_that_cannot_be_used_ends_an_evaluation_at_once(project, ckpt, base):
    views = ["--mirror", MIRROR, "--mirror", "SYN-9999_R", "--seed", "0", "--seed", "1"]

    result = project.run(evaluation.main, "--ckpt", ckpt, "--base_model", base, *views)

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "skipped" not in result.output.lower()


def test_a_view_that_cannot_be_evaluated_is_skipped_and_the_others_go_on(evaluated):
    before = table(evaluated).read_bytes()
    command = [*MODELS, "--workers", "1", "--record_every", "3", "--mirror", "SYN-9999_R"]

    result = evaluated.run(evaluation.main, *command, "--mirror", MIRROR)

    assert result.exit_code == 1
    assert f"| {MIRROR} " in result.output
    assert "no prepared view 'SYN-9999_R'" in result.stderr.split("Skipped:\n")[1]
    assert table(evaluated).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mirror", MIRROR, *MODELS[:2]], "or --report FOLDER"),
        (MODELS, "give --mirror, or --report FOLDER"),
        ([], "give --mirror, or --report FOLDER"),
        ([*MODELS, "--mirror", MIRROR, "--annotator", "nobody"], "no annotator 'nobody'; there are: longer, "),
        ([*MODELS, "--mirror", MIRROR, "--merge", "nearby"], "no merge rule 'nearby'; give whole, or some of reach"),
        ([*MODELS, "--mirror", MIRROR, "--initial", "nothing"], "'nothing' is not one of 'base', 'otsu'"),
        ([*MODELS, "--mirror", MIRROR, "--seed", "1", "--seeds", "2"], "give --seed or --seeds, not both"),
        (
            [*MODELS, "--mirror", MIRROR, "--workers", "1", "--scheduler", "x"],
            "give --workers or --scheduler, not both",
        ),
        ([*MODELS, "--mirror", MIRROR, "--train_with", "--lr 1"], "--train_with is for the trainings of --ablation"),
        (["--report", ".", "--seed", "1", *MODELS], "leave out --base_model, --ckpt, --seed"),
        ([*MODELS, "--mirror", MIRROR, "--ablation", "colours"], "'colours' is not one of"),
        ([*MODELS, "--mirror", MIRROR, "--scheduler", "nowhere"], "nowhere"),
    ],
)
def test_what_makes_no_sense_is_one_message_and_nothing_is_written(project, tmp_path, arguments, message):
    result = project.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *arguments)

    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
