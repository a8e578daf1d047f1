"""``python -m eval --learn online``: its own folder, the same manual run, and the same rows after it was killed."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import eval as evaluation
from runs.evaluation.teaching import Journal
from runs.options import EvalOptions
from tests.root import ROOT
from tests.runs.evaluation.evaluations import KILLABLE, rows
from tests.runs.toy import MIRROR, MODELS

ARGUMENTS = ("--learn", "online", "--places", "worst", "--record_every", "3")
FOLDER = "online-worst"


@pytest.fixture(scope="module")
def learned(project, tmp_path_factory):
    moved = project.moved(DIR_EVAL=tmp_path_factory.mktemp("online") / "out")
    moved.output = moved.evaluate(*ARGUMENTS)
    return moved


def table(project):
    return project.elsewhere["DIR_EVAL"] / FOLDER / MIRROR / f"{MIRROR}_0.csv"


def test_it_has_a_folder_of_its_own_and_the_usual_manual_run(learned):
    out = learned.elsewhere["DIR_EVAL"]
    assert rows(table(learned))[0]["interaction"] == "0"
    assert (out / MIRROR / "manual" / f"{MIRROR}_0.csv").exists()
    record = json.loads((table(learned).parent / f"{MIRROR}_0" / "run.json").read_text())
    assert (record["config"]["learn"], record["config"]["places"]) == ("online", "worst")


def test_what_was_taught_is_kept_in_its_state(learned):
    with np.load(table(learned).parent / f"{MIRROR}_0" / "state.npz") as state:
        content = json.loads(str(state["rest"]))["state"]
        assert state["initial"].shape == state["current"].shape
    journal = Journal.from_json(content["teacher"]["journal"])
    assert None in journal.entries
    assert sum(entry is not None for entry in journal.entries) == len(content["finished"]) >= 3
    assert Journal.from_json(journal.to_json()).to_json() == journal.to_json()
    first = journal.entries[0]
    assert first.image.dtype == np.float32
    assert first.known[first.inside].all()


def test_a_killed_run_goes_on_and_ends_with_the_same_rows(learned, tmp_path):
    environment = os.environ | learned.moved(DIR_EVAL=tmp_path / "out").environment
    command = [sys.executable, "-c", KILLABLE, *MODELS, "--mirror", MIRROR, "--workers", "1", *ARGUMENTS]
    target = tmp_path / "out" / FOLDER / MIRROR / f"{MIRROR}_0.csv"
    with subprocess.Popen(
        command, cwd=ROOT, env=environment | {"HALT_AT": str(target)}, stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not (target.exists() and len(target.read_text().splitlines()) > 4):
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"

    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    assert target.read_bytes() == table(learned).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--places", "random"], "--places is for --learn online"),
        (["--learn", "online", "--mode", "published"], "for the headline mode"),
    ],
)
def test_options_that_do_not_go_together_are_refused(project, arguments, message):
    result = project.run(evaluation.main, *MODELS, "--mirror", MIRROR, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_records_of_runs_without_learning_are_as_they_were():
    options = EvalOptions(mirror="A", seed=0)
    assert not {"learn", "places"} & options.recorded.keys()
    assert options.conditions == ""
    assert EvalOptions(mirror="A", seed=0, learn="online").conditions == "online"
    assert EvalOptions(mirror="A", seed=0, learn="online", places="random").manual.conditions == ""
