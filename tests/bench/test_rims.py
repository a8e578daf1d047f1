"""Patches corrected with and without strokes along rims: where that ends, the table, and the command."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from bench.networks import untrained
from bench.rims import ANSWERED, PASTED, End, corrected, main, sessions, table
from models.networks import LineNetwork
from tests.simulation.fakes import SCALE, BlankCanvas, Told, bar, oracle

SHAPE = (60, 90)
TRUTH = bar(SHAPE, slice(28, 32), slice(10, 80))
WIDE = bar(SHAPE, slice(24, 36), slice(10, 80)).astype(np.float32)
ALL = np.ones(SHAPE, bool)
TASK = SimpleNamespace(scale=SCALE, channels=("depth",), merge="whole")


def made(interactive=None):
    return sessions(BlankCanvas(SHAPE), WIDE, TASK, interactive)


def test_strokes_along_rims_go_on_where_others_end():
    without, with_rims = (corrected(made()[PASTED], TRUTH, ALL, name, 256, 0) for name in ("longer", "longer+rim"))
    assert without.strokes == 0
    assert without.iou == pytest.approx(4 / 12)
    assert with_rims.iou > 0.6
    assert with_rims.effort > 100


def test_only_valid_pixels_are_scored_and_corrected():
    valid = bar(SHAPE, slice(0, 60), slice(0, 45))
    end = corrected(made()[PASTED], TRUTH, valid, "longer", 256, 0)
    assert end.pfm == pytest.approx(2 * (1 / 3) / (1 / 3 + 1))


def test_an_interactive_model_answers_beside():
    refiner = Told(oracle(TRUTH.astype(np.float32)))
    interactive = SimpleNamespace(refiner=lambda *_: refiner, trained=SimpleNamespace(task=TASK))
    answered = corrected(made(interactive)[ANSWERED], TRUTH, ALL, "longer+rim", 256, 0)
    assert (answered.pfm, answered.strokes) == (1, 1)


def test_the_table_has_means_over_seeds():
    rows = table({("patch0", "longer", PASTED): [End(0.5, 0.4, 0.3, 0.2, 10, 1000), End(0.7, 0.4, 0.3, 0.2, 20, 3000)]})
    cells = [cell.strip() for cell in rows.splitlines()[-1].split("|")[1:-1]]
    assert cells == ["patch0", "longer", PASTED, "60.0", "40.0", "30.0", "20.0", "15", "2,000"]


def test_the_command_corrects_each_patch(tmp_path, monkeypatch):
    cv2.imwrite(str(tmp_path / "patch0.png"), np.full(SHAPE, 128, np.uint8))
    cv2.imwrite(str(tmp_path / "mask0.png"), 255 * TRUTH.astype(np.uint8))
    network = untrained(LineNetwork, "unet-slim", "tu-mobilenetv4_conv_small_050").network
    task = SimpleNamespace(**vars(TASK), patch=64)
    monkeypatch.setattr("models.checkpoints.find_checkpoint", lambda *_: None)
    monkeypatch.setattr("models.checkpoints.load_model", lambda *_: SimpleNamespace(network=network, task=task))
    monkeypatch.setattr("bench.patches.probabilities", lambda *_: WIDE)
    done = CliRunner().invoke(main, ["--real", str(tmp_path), "--enlarge", "1", "--seeds", "2", "--margin", "0"])
    assert done.exit_code == 0, done.output
    rows = [line for line in done.output.splitlines() if line.startswith("| patch0")]
    assert [row.split("|")[2].strip() for row in rows] == ["longer", "longer+rim"]


def test_an_unknown_annotator_is_one_message(tmp_path):
    done = CliRunner().invoke(main, ["--real", str(tmp_path), "--annotator", "nobody"])
    assert done.exit_code == 1
    assert "no annotator 'nobody'" in done.output
