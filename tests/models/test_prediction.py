import numpy as np
import pytest
import torch

from models.networks import LineNetwork, NetworkConfig
from models.prediction import TorchPredictor, predict_whole
from tests.photograph import Photograph

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))


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
