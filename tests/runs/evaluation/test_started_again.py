"""An evaluation that was killed, or is started again: it goes on, and leaves alone what is not its own."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import eval as evaluation
from runs.evaluation import recorded_run
from tests.root import ROOT
from tests.runs.evaluation.evaluations import KILLABLE, die, rows, table
from tests.runs.toy import MIRROR, MODELS


def test_a_second_start_changes_nothing(evaluated):
    before = {path: path.read_bytes() for path in (evaluated.folder / "out").rglob("*.csv")}

    output = evaluated.evaluate("--record_every", "3", "--picture_every", "5")

    assert "finished earlier" in output
    assert {path: path.read_bytes() for path in (evaluated.folder / "out").rglob("*.csv")} == before


def test_the_same_seed_gives_the_same_file_byte_for_byte(evaluated, tmp_path):
    evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3")

    assert (tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv").read_bytes() == table(evaluated).read_bytes()


def test_a_killed_run_goes_on_and_ends_with_the_same_rows(evaluated, tmp_path):
    environment = os.environ | evaluated.moved(DIR_EVAL=tmp_path / "out").environment
    command = [sys.executable, "-c", KILLABLE, *MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "3"]
    finished = tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv"
    for target in (finished.parent / "manual" / finished.name, finished):
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"HALT_AT": str(target)}, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and not (target.exists() and len(target.read_text().splitlines()) > 4):
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
        assert (target.parent / target.stem / "state.npz").exists()

    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    assert finished.read_bytes() == table(evaluated).read_bytes()


def test_other_options_in_the_same_place_are_refused_and_overwrite_nothing(evaluated):
    before = table(evaluated).read_bytes()

    result = evaluated.run(evaluation.main, *MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "4")

    assert result.exit_code == 1
    assert "holds another run" in result.output
    assert table(evaluated).read_bytes() == before


def test_a_run_killed_at_its_very_end_repeats_no_row(evaluated, tmp_path, monkeypatch):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")
    arguments = (*MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "1000")
    monkeypatch.setattr(recorded_run, "SNAPSHOT_SECONDS", 0)
    for _ in range(2):
        with monkeypatch.context() as killed:
            killed.setattr(recorded_run, "at_scan_size", die)
            assert moved.run(evaluation.main, *arguments).exit_code != 0

    moved.succeed(evaluation.main, *arguments)

    for part in ("", "manual"):
        assert len(rows(tmp_path / "out" / MIRROR / part / f"{MIRROR}_0.csv")) == 2, "the first row and the last"


@pytest.mark.parametrize(
    "damaged",
    [f"{MIRROR}_0/state.npz", f"{MIRROR}_0/run.json", f"manual/{MIRROR}_0/scores.json", "initials.json"],
)
def test_what_an_earlier_run_left_damaged_is_one_message(evaluated, tmp_path, damaged):
    shutil.copytree(evaluated.folder / "out", tmp_path / "out")
    path = tmp_path / "out" / MIRROR / damaged
    path.write_bytes(path.read_bytes()[:100])
    command = [*MODELS, "--workers", "1", "--record_every", "3", "--mirror", MIRROR]

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *command, "--picture_every", "5")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"SKIPPED: {path}: damaged")
    assert result.stderr.count(path.name) == 1


@pytest.mark.parametrize("part", ["", "manual"])
def test_lost_scores_are_made_again_and_the_rows_stay(evaluated, tmp_path, part):
    shutil.copytree(evaluated.folder / "out", tmp_path / "out")
    lost = tmp_path / "out" / MIRROR / part / f"{MIRROR}_0" / "scores.json"
    scores = lost.read_bytes()
    lost.unlink()

    evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3", "--picture_every", "5")

    assert lost.read_bytes() == scores
    assert (tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv").read_bytes() == table(evaluated).read_bytes()


def test_a_table_of_an_unknown_run_is_left_as_it_is(evaluated, tmp_path):
    foreign = tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("interaction\n")

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(
        evaluation.main, *MODELS, "--mirror", MIRROR, "--workers", "1"
    )

    assert result.exit_code == 1
    assert f"{foreign}: a table, but nothing says of which run; move it away" in result.stderr
    assert foreign.read_text() == "interaction\n"


def test_a_first_drawing_that_is_damaged_is_one_message(evaluated, tmp_path):
    (initial,) = (evaluated.folder / "out" / MIRROR).glob("initial_base_*.npy")
    damaged = tmp_path / "out" / MIRROR / initial.name
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(initial.read_bytes()[:1000])
    command = [*MODELS, "--workers", "1", "--mirror", MIRROR]

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *command)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"SKIPPED: {damaged}: damaged; remove it")
    assert '("SYN-0004_R seed 0" waited for it)' in result.stderr
