"""What the interactive network is shown, and what its answer replaces."""

import numpy as np
import pytest

from data.regions import Region
from simulation.refinement import RefinementSession
from simulation.refiners import NetworkRefiner
from simulation.strokes import Stroke
from tests.photograph import Photograph


@pytest.fixture
def photograph():
    return Photograph(np.random.default_rng(0).random((1, 75, 101), dtype=np.float32))


class Recorder:
    def __init__(self):
        self.inputs = []

    def __call__(self, *inputs):
        self.inputs.append(inputs)
        return np.full(inputs[0][:, 0].shape, 0.25, np.float32)


def stroke_at(row, column, sign=1):
    return Stroke(np.array([[row, column], [row, column + 4.0]]), np.array([2.0, 2.0]), sign)


def test_the_refiner_sees_the_patch_of_the_stroke_the_initial_drawing_and_all_strokes(photograph):
    recorder = Recorder()
    initial = np.full(photograph.shape, 0.75, np.float32)
    session = RefinementSession(photograph, initial, NetworkRefiner(recorder, 32, 1.0), scale=1.0)
    session.commit(session.propose([stroke_at(40, 40)])[0])
    session.propose([stroke_at(50, 50, sign=-1)])

    image, shown, added, erased = recorder.inputs[-1]

    np.testing.assert_array_equal(image[0], photograph.planes[:, 32:64, 32:64])
    assert (shown == 0.75).all(), "the network's input stays the initial drawing"
    assert added[0, 0, 40 - 32, 40 - 32] == 1
    assert erased[0, 0, 50 - 32, 50 - 32] == 1


def test_the_answer_replaces_the_patch_and_nothing_else(photograph):
    session = RefinementSession(
        photograph, np.full(photograph.shape, 0.75, np.float32), NetworkRefiner(Recorder(), 32, 1.0), scale=1.0
    )

    change = session.propose([stroke_at(40, 40)])[0]

    assert change.region == Region(32, 32, 32, 32)
    assert set(np.unique(change.after)) == {0.25, 1.0}


@pytest.mark.parametrize(("point", "corner"), [((70, 98), (43, 69)), ((0, 0), (0, 0)), ((74, 0), (43, 0))])
def test_patches_at_the_border_lie_inside(photograph, point, corner):
    region = NetworkRefiner(Recorder(), 32, 1.0).window([stroke_at(*point)], photograph.shape)

    assert (region.top, region.left, *region.shape) == (*corner, 32, 32)
