from dataclasses import dataclass

import numpy as np
import pytest
import torch

from data.regions import Region
from models.networks import LineNetwork, NetworkConfig
from models.prediction import NetworkRefiner, TorchPredictor, predict_whole
from simulation.refinement import RefinementSession
from simulation.strokes import Stroke

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))


@dataclass
class Photograph:
    planes: np.ndarray
    pixels_per_mm = None

    @property
    def shape(self):
        return self.planes.shape[1:]

    def read(self, region, channels, scale):
        return self.planes[:, *region.slices]


@pytest.fixture
def photograph():
    return Photograph(np.random.default_rng(0).random((1, 75, 101), dtype=np.float32))


def whole_of(photograph, predictor, **options):
    return predict_whole(photograph, photograph.shape, predictor, channels=("depth",), scale=1, patch=32, **options)


def test_a_predictor_that_copies_gives_the_image_back(photograph):
    drawing = whole_of(photograph, lambda images: images[:, 0])

    np.testing.assert_allclose(drawing, photograph.planes[0], atol=1e-6)


def test_every_pixel_counts_even_without_overlap(photograph):
    drawing = whole_of(photograph, lambda images: np.ones_like(images[:, 0]), step=32)

    np.testing.assert_allclose(drawing, 1, rtol=1e-6)


def test_windows_weigh_less_towards_their_edge():
    photograph = Photograph(np.zeros((1, 32, 48), np.float32))  # two windows, the left one answers 0, the right one 1

    drawing = whole_of(
        photograph, lambda images: np.stack([np.full((32, 32), number) for number in range(len(images))])
    )

    assert (np.diff(drawing[16, 16:32]) > 0).all()
    assert drawing[16, 16] < 0.05
    assert drawing[16, 31] > 0.95


def test_an_image_smaller_than_a_window_is_padded_with_its_edge():
    seen = []

    def predictor(images):
        seen.append(images)
        return images[:, 0]

    drawing = whole_of(Photograph(np.full((1, 20, 30), 0.25, np.float32)), predictor)

    assert drawing.shape == (20, 30)
    assert seen[0].shape == (1, 1, 32, 32)
    assert (seen[0] == 0.25).all()


def test_progress_ends_at_one(photograph):
    shares = []

    whole_of(photograph, lambda images: images[:, 0], progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_result_does_not_depend_on_its_neighbours_in_the_batch():
    predictor = TorchPredictor(LineNetwork(TINY), torch.device("cpu"), batch=2)
    images = np.random.default_rng(0).random((3, 1, 64, 64), dtype=np.float32)

    together = predictor(images)

    for index in range(3):
        np.testing.assert_array_equal(predictor(images[index : index + 1])[0], together[index])


def test_a_predictor_leaves_running_statistics_alone():
    network = LineNetwork(TINY)
    before = {name: value.clone() for name, value in network.state_dict().items()}

    TorchPredictor(network, torch.device("cpu"))(np.ones((1, 1, 64, 64), np.float32))

    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


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
