"""``python -m bench.quality``: rows as they are typed, and the table of real runs."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from bench.quality import __main__ as quality
from bench.quality import mirrors as own_mirrors
from bench.quality.mirrors import drawn_views, own_set
from bench.quality.rows import Row
from data.storage import PreparedSet
from models.modules import BaseModule, InteractiveModule
from models.networks import NetworkConfig
from runs.errors import RunError
from user_config import settings

NETWORK = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 128}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("published=RUN", Row("published", ("RUN",))),
        ("a + b = one, two :sure+one-way", Row("a + b", ("one", "two"), "sure+one-way")),
        ("x=some/epoch=4.ckpt:sure", Row("x", ("some/epoch=4.ckpt",), "sure")),
    ],
)
def test_a_row_is_read(text, row):
    assert Row.parsed(text) == row


@pytest.mark.parametrize("text", ["RUN", "=RUN", "label=", "label=one,,two", "label=:sure"])
def test_what_is_no_row_is_refused(text):
    with pytest.raises(ValueError, match="give LABEL=MODEL"):
        Row.parsed(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two small mirrors, a base model that draws nothing, and one that answers with nothing, and one with ink."""
    folder = tmp_path_factory.mktemp("quality")
    for name, kind, logit in (
        ("base", BaseModule, -9),
        ("nothing", InteractiveModule, -9),
        ("ink", InteractiveModule, 9),
    ):
        module = kind(NETWORK, TASK, 1e-3, {})
        last = module.network.unet.segmentation_head[0]
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.constant_(last.bias, logit)
        path = folder / "runs" / name / "checkpoints" / "epoch=0.ckpt"
        path.parent.mkdir(parents=True)
        torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_mirrors, "HEIGHT", 384)
        patch.setattr(own_mirrors, "WIDTH", 320)
        own_set(folder / "set", 2, settings(), lambda line: None)
    return folder


def compare(project, *arguments):
    command = [str(project / "set"), "--base_model", "base", "--mirrors", "2", "--seeds", "1", "--workers", "1"]
    return CliRunner().invoke(
        quality.main, [*command, *arguments], env={"RETRACE_WANDB_PROJECT": str(project / "runs")}
    )


@pytest.fixture(scope="module")
def compared(project):
    """The table of both models, whose figures are known beforehand."""
    result = compare(project, "--row", "nothing=nothing,nothing", "--row", "ink=ink:whole")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return project / "set"


def test_a_model_that_answers_with_nothing_is_as_good_as_manual_and_one_with_ink_never_helps(compared):
    with (compared / "table.csv").open() as file:
        nothing, ink = csv.DictReader(file)
    assert (nothing["runs"], ink["runs"]) == ("4", "2")
    assert float(nothing["interactions"]) > 10
    same = ("area_pfm", "lead_pfm", "lead_pfm_dibco", "lead_iou", "below_pfm", "harm_pooled")
    assert {float(nothing[name]) for name in same} == {0}
    assert float(nothing["effort"]) == float(nothing["manual_effort"])
    assert nothing["half_way_pfm"] == ""
    assert float(ink["interactions"]) == 0
    assert float(ink["lead_pfm"]) == -float(nothing["manual_pfm"]) == -float(ink["manual_pfm"])
    assert (nothing["lead_pfm_met"], ink["lead_pfm_met"]) == ("True", "False")
    assert float(nothing["answer_ms"]) > 0


def test_all_interactions_are_recorded_and_manual_is_shared(compared):
    tables = list((compared / "out").rglob("SYN-0901_R_0.csv"))
    assert len(tables) == 3
    (manual,) = (path for path in tables if path.parent.name == "manual")
    with manual.open() as file:
        interactions = [int(row["interaction"]) for row in csv.DictReader(file)]
    assert interactions == list(range(len(interactions)))


def test_the_files_say_what_was_compared(compared):
    content = json.loads((compared / "table.json").read_text())
    assert content["models"] == {"nothing": ["nothing", "nothing"], "ink": ["ink"]}
    assert content["mirrors"] == ["SYN-0901_R", "SYN-0902_R"]
    assert [row["row"] for row in content["rows"]] == ["nothing", "ink"]
    assert "annotator longer, base model base, 2 mirrors, 1 seeds" in (compared / "table.md").read_text()
    assert (compared / "table.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_there_is_not_computed_again(compared, project):
    before = {path: path.stat().st_mtime_ns for path in (compared / "out").rglob("state.npz")}
    result = compare(project, "--row", "another name=nothing")
    assert result.exit_code == 0, result.output
    assert before == {path: path.stat().st_mtime_ns for path in (compared / "out").rglob("state.npz")}
    assert "another name" in (compared / "table.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--row", "one=nothing", "--row", "one=ink"], "two rows have one label"),
        (["--row", "one"], "give LABEL=MODEL"),
        (["--row", "one=nothing:all"], "no merge rule 'all'"),
        (["--row", "one=none"], "no checkpoint 'none'"),
        (["--row", "one=nothing", "--mirrors", "3"], "holds 2 mirrors, 3 asked for"),
        (["--row", "one=nothing", "--storage", "."], "leave it out beside --storage"),
        (["--row", "one=nothing", "--dataset", "lines"], "--dataset lines needs --storage"),
    ],
)
def test_a_wrong_option_is_reported_in_one_line(project, arguments, message):
    result = compare(project, *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


def test_the_views_kept_for_testing_are_taken_or_all(project):
    storage = project / "set" / "storage"
    assert drawn_views(storage, "mirrors") == ["SYN-0901_R", "SYN-0902_R"]
    prepared = PreparedSet.open(storage, "mirrors")
    try:
        replace(prepared, test=("SYN-0902_R",)).save()
        assert drawn_views(storage, "mirrors") == ["SYN-0902_R"]
    finally:
        prepared.save()


def test_own_mirrors_are_not_made_twice(project):
    messages = []
    assert own_set(project / "set", 2, settings(), messages.append) == project / "set" / "storage"
    assert not messages
    with pytest.raises(RunError, match="holds 2 mirrors, 5 asked for"):
        own_set(project / "set", 5, settings(), messages.append)
