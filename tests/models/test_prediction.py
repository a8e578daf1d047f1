import tracemalloc

import numpy as np
import pytest
import torch

from data.regions import sliding_windows
from models.networks import LineNetwork, NetworkConfig
from models.prediction import TorchPredictor, predict_bands
from tests.photograph import Photograph

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))


@pytest.fixture
def photograph():
    return Photograph(np.random.default_rng(0).random((1, 75, 101), dtype=np.float32))


def bands_of(photograph, predictor, **options):
    return predict_bands(photograph, photograph.shape, predictor, channels=("depth",), scale=1, patch=32, **options)


def whole_of(photograph, predictor, **options):
    return np.concatenate(list(bands_of(photograph, predictor, **options)))


def copy(images):
    return images[:, 0]


class Counting:
    """A predictor that answers what it sees and where it lies in its window, and counts the windows."""

    def __init__(self):
        self.windows = 0

    def __call__(self, images):
        self.windows += len(images)
        rows, columns = np.indices(images.shape[2:])
        return np.float32(0.5) * images[:, 0] + (rows * 0.01 + columns * 0.003).astype(np.float32)


def test_a_predictor_that_copies_gives_the_image_back(photograph):
    drawing = whole_of(photograph, copy)

    np.testing.assert_allclose(drawing, photograph.planes[0], atol=1e-6)


def test_every_pixel_counts_even_without_overlap(photograph):
    drawing = whole_of(photograph, lambda images: np.ones_like(images[:, 0]), step=32)

    np.testing.assert_allclose(drawing, 1, rtol=1e-6)


@pytest.mark.parametrize(("step", "batch"), [(16, 8), (16, 1), (32, 3), (7, 50)])
def test_bands_are_the_weighted_mean_of_all_windows(photograph, step, batch):
    total, weight = np.zeros(photograph.shape), np.zeros(photograph.shape)
    rise = np.sin(np.pi * (np.arange(32) + 0.5) / 32) ** 2
    blend = np.maximum(np.outer(rise, rise), 1e-3)
    for window in sliding_windows(photograph.shape, 32, step):
        total[window.slices] += Counting()(photograph.read(window, (), 1)[None])[0] * blend
        weight[window.slices] += blend

    drawing = whole_of(photograph, Counting(), step=step, batch=batch)

    assert drawing.dtype == np.float32
    np.testing.assert_allclose(drawing, total / weight, rtol=1e-5)


def test_the_batch_changes_nothing(photograph):
    np.testing.assert_array_equal(whole_of(photograph, Counting(), batch=1), whole_of(photograph, Counting(), batch=64))


def test_a_band_comes_as_soon_as_no_window_can_change_it(photograph):
    predictor = Counting()

    bands = bands_of(photograph, predictor, batch=1)

    heights = [(len(band), predictor.windows) for band in bands]
    assert heights == [(14, 7), (15, 13), (14, 19), (32, 24)]  # 4 rows of 6 windows, from rows 0, 14, 29 and 43


def test_memory_is_that_of_a_few_rows_whatever_the_height():
    class Endless:
        shape, pixels_per_mm = (3200, 512), None

        def read(self, region, channels, scale):
            return np.zeros((1, *region.shape), np.float32)

    tracemalloc.start()
    for _ in bands_of(Endless(), copy, step=32):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3200 * 512 * 4 / 5, "a fifth of the map"


class TestInside:
    """Windows without object are skipped, and that shows nowhere on the object."""

    @pytest.fixture
    def valid_mask(self, photograph):
        rows, columns = np.indices(photograph.shape)
        return (rows - 40) ** 2 + (columns - 70) ** 2 < 15**2

    def test_windows_without_object_are_not_predicted(self, photograph, valid_mask):
        predictor = Counting()
        expected = sum(valid_mask[window.slices].any() for window in sliding_windows(photograph.shape, 32, 8))

        whole_of(photograph, predictor, step=8, valid_mask=valid_mask)

        assert predictor.windows == expected
        assert 0 < expected < 0.7 * len(list(sliding_windows(photograph.shape, 32, 8)))

    @pytest.mark.parametrize("step", [8, 16, 32])
    def test_the_object_is_predicted_as_without_it_and_all_else_is_zero(self, photograph, valid_mask, step):
        everything = whole_of(photograph, Counting(), step=step)

        drawing = whole_of(photograph, Counting(), step=step, valid_mask=valid_mask)

        np.testing.assert_array_equal(drawing, np.where(valid_mask, everything, 0))

    def test_a_single_pixel_in_any_corner_is_predicted(self, photograph):
        everything = whole_of(photograph, Counting())
        for corner in [(0, 0), (0, -1), (-1, 0), (-1, -1)]:
            valid_mask = np.zeros(photograph.shape, bool)
            valid_mask[corner] = True

            drawing = whole_of(photograph, Counting(), valid_mask=valid_mask)

            np.testing.assert_array_equal(drawing, np.where(valid_mask, everything, 0))

    def test_two_parts_far_from_each_other(self):
        tall = Photograph(np.random.default_rng(1).random((1, 700, 40), dtype=np.float32))
        valid_mask = np.zeros(tall.shape, bool)
        valid_mask[5:9] = valid_mask[600:640, 30:] = True

        bands = list(bands_of(tall, Counting(), valid_mask=valid_mask))

        assert max(len(band) for band in bands) <= 32
        np.testing.assert_array_equal(np.concatenate(bands), np.where(valid_mask, whole_of(tall, Counting()), 0))

    def test_without_object_nothing_is_predicted(self, photograph):
        predictor, shares = Counting(), []

        drawing = whole_of(photograph, predictor, valid_mask=np.zeros(photograph.shape, bool), progress=shares.append)

        np.testing.assert_array_equal(drawing, np.zeros(photograph.shape, np.float32))
        assert predictor.windows == 0
        assert shares == [1]


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

    whole_of(photograph, copy, progress=shares.append)

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
