"""Real strokes replayed beside simulated users: what is given, what is dropped, and the table."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from bench import people
from bench.people import KEPT, REAL, Outcome, Scene, replayed, simulated, table, users_beside
from data.line_statistics import LineStatistics
from metrics.truths import TruthCache
from simulation.annotators.human import HANDS
from simulation.annotators.published import Longer
from simulation.rasters import StrokeSet
from tests.simulation.fakes import SCALE, THIN, BlankCanvas, Told, bar, oracle

SHAPE = (40, 60)  # at model scale; the scan has twice as many pixels a side
LARGE = (80, 120)
TRUTH = bar(SHAPE, slice(9, 12), slice(5, 55)) | bar(SHAPE, slice(29, 32), slice(5, 55))
INITIAL = bar(SHAPE, slice(9, 12), slice(5, 55)).astype(np.float32)  # the second line is missing

ON, OFF = bar(LARGE, slice(58, 63), slice(20, 60)), bar(LARGE, slice(38, 41), slice(60, 100))
STROKES = StrokeSet("a", "7", bar(LARGE, 0, 0), ON | OFF, np.zeros(LARGE, bool))


class View(BlankCanvas):
    """A prepared view of nothing but its truth."""

    scale, model_shape, name = SCALE, SHAPE, "a"
    truth, mask = TRUTH, np.ones(SHAPE, bool)


@pytest.fixture
def scene():
    prepared = SimpleNamespace(lines=LineStatistics(100.0, 0.0, 0.02))
    refiner = Told(oracle(TRUTH.astype(np.float32)))
    return Scene(prepared, View(SHAPE), INITIAL, ("depth",), refiner, "whole", 64, TruthCache())


def test_all_strokes_of_a_person_are_pasted_and_answered(scene):
    found = replayed(scene, STROKES, REAL)
    assert (found.user, found.person, found.image, found.given) == (REAL, "7", "a", 2)
    assert found.pasted == pytest.approx(scene_pfm(ON, OFF), abs=0.06)
    assert found.refined > 0.9 > found.pasted, "the truth answers, but the stroke beside it holds"
    assert found.refined < 1
    assert found.helped[0] == 0.5


def test_a_stroke_that_does_not_help_may_be_dropped(scene):
    kept, given = (replayed(scene, STROKES, user) for user in (KEPT, REAL))
    assert kept.pasted > given.pasted
    assert kept.helped[0] == 0.5
    assert kept.initial == given.initial
    assert kept.effort < given.effort


def test_a_simulated_user_gives_as_many(scene):
    found = simulated(scene, "longer", Longer(THIN), STROKES, seed=0)
    assert found.given == 2
    assert found.initial < found.pasted < found.refined == 1
    assert found.helped == (1, 1)


def test_human_beside_a_person_has_the_hand_and_sees_the_picture_as_that_person(scene):
    (name, user), (other, _) = users_beside(scene, ["human", "longer"], person=1)
    assert (name, other) == ("human", "longer")
    assert user.hand == HANDS[1]
    assert user.pixel == SCALE


def test_the_table_has_a_row_a_person_and_their_spread():
    def one(person, pasted):
        return Outcome(REAL, person, "a", 10, 1000, 0.5, pasted, 0.75, (0.25, 0.5))

    lines = table([one("0", 0.6), one("0", 0.7), one("1", 0.4)]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert cells[0] == [REAL, "0", "10.0", "1,000", "50.0", "65.0", "75.0", "25", "50"]
    assert cells[2][5] == "52.5 (40.0 to 65.0)"


def test_the_command_takes_images_and_users(scene, tmp_path, monkeypatch):
    for part, name, mask in (("masks", "a", TRUTH), ("strokes", "a-7-add", ON | OFF)):
        (tmp_path / part).mkdir(exist_ok=True)
        large = mask if mask.shape == LARGE else np.kron(mask, np.ones((2, 2), bool))
        cv2.imwrite(str(tmp_path / part / f"{name}.png"), 255 * large.astype(np.uint8))
    loaded = "runs.predicting.loaded_models"
    for name in ("load_base", "load_interactive", "require_same_task"):
        monkeypatch.setattr(f"{loaded}.{name}", lambda *_: None)
    monkeypatch.setattr("data.storage.PreparedSet.open", lambda *_: None)
    monkeypatch.setattr(people, "scene_of", lambda *_: scene)
    done = CliRunner().invoke(people.main, [str(tmp_path), "--image", "a", "--annotator", "longer"])
    assert done.exit_code == 0, done.output
    users = [line.split("|")[1].strip() for line in done.output.splitlines() if line.startswith("|")][2:]
    assert list(dict.fromkeys(users)) == [REAL, KEPT, "longer"]


def test_an_unknown_user_is_one_message(tmp_path):
    done = CliRunner().invoke(people.main, [str(tmp_path), "--annotator", "nobody"])
    assert done.exit_code == 1
    assert "no annotator 'nobody'" in done.output


def scene_pfm(*rasters):
    """Return the pFM of the initial drawing with the pixels of scan rasters pasted in."""
    from metrics import pfm

    drawing = INITIAL > 0.5
    for raster in rasters:
        drawing = drawing | raster[::2, ::2]
    return pfm(drawing, TRUTH)
