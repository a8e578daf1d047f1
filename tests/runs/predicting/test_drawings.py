"""Drawings in bands: enlarged as the whole map would be, written as it goes, and never left half."""

from dataclasses import dataclass
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from data.enlarging import at_scan_size
from data.images import read_picture_header
from data.preparing.resampling import shape_at
from data.regions import to_scan, whole
from models.errors import ModelError
from models.prediction import TorchPredictor
from runs.predicting.drawings import draw, initial_drawing

PATCH = 32


@dataclass
class View:
    """A view in memory, with what is drawn as its depth."""

    planes: np.ndarray  # (1, H, W) at model scale
    inside: np.ndarray  # (H, W) at scan scale
    scale: float
    name = "VIEW"
    dataset = "mirrors"
    channels = ("depth",)
    line_width = None
    pixels_per_mm = 40.0

    @property
    def shape(self):
        return self.inside.shape

    @property
    def model_shape(self):
        return self.planes.shape[1:]

    @property
    def mask(self):
        if self.scale not in (1, 0.5):
            return np.ones(self.model_shape, bool)
        step = round(1 / self.scale)
        return self.inside[::step, ::step]

    def scan_mask(self, region=None):
        return self.inside[(region or whole(self.shape)).slices]

    def read(self, region, channels, scale):
        assert scale == self.scale
        return self.planes[:, *region.slices]


class Copying(torch.nn.Module):
    """A network that draws what it sees."""

    def forward(self, images):
        return torch.logit(images)


def trained(network=None, scale=0.5):
    task = SimpleNamespace(channels=("depth",), scale=scale, patch=PATCH, dataset="mirrors", shown_line_width=None)
    return SimpleNamespace(network=network or Copying(), task=task, path="base.ckpt")


def computed(base):
    return TorchPredictor(base.network, torch.device("cpu"), 8)


def model(network=None, scale=0.5):
    """Make a model, and what computes it."""
    base = trained(network, scale)
    return base, computed(base)


def view_of(shape, scale, inside=None):
    step = round(1 / scale)
    rng = np.random.default_rng(shape[0])
    planes = rng.uniform(0.01, 0.99, (1, *(-(-length // step) for length in shape))).astype(np.float32)
    return View(planes, np.ones(shape, bool) if inside is None else inside, scale)


def disc(shape):
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return (rows - shape[0] / 2) ** 2 + (columns - shape[1] / 2) ** 2 < (min(shape) / 3) ** 2


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., 3] > 0


def enlarged_whole(probability, view):
    """The lines at scan size, from the whole map in one piece."""
    height, width = probability.shape
    if view.scale == 0.5:
        probability = cv2.resize(probability, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    return (probability[: view.shape[0], : view.shape[1]] > 0.5) & view.scan_mask()


@pytest.mark.parametrize("scale", [0.5, 1])
@pytest.mark.parametrize("shape", [(300, 210), (301, 211), (131, 64), (1, 1), (20, 37), (65, 400)])
def test_a_drawing_in_bands_equals_the_whole_one_enlarged(tmp_path, shape, scale):
    view, base = view_of(shape, scale, disc(shape)), trained(scale=scale)

    draw(tmp_path / "line.png", view, base, computed(base))

    expected = enlarged_whole(initial_drawing(view, base, computed(base)), view)
    assert_array_equal(read(tmp_path / "line.png"), expected)
    assert_array_equal(at_scan_size(initial_drawing(view, base, computed(base)), view), expected)


@pytest.mark.parametrize("scale", [0.2631, 0.7, 1.4716, 3.9])
@pytest.mark.parametrize("shape", [(300, 210), (131, 64), (3, 5)])
def test_at_any_scale_a_drawing_comes_back_to_the_size_of_the_image(tmp_path, shape, scale):
    model_shape = shape_at(shape, scale)
    row, column = (to_scan(np.arange(length), scale) for length in model_shape)
    middle, radius = (np.array(shape) - 1) / 2, min(shape) / 3
    inside = (row[:, None] - middle[0]) ** 2 + (column - middle[1]) ** 2 <= radius**2
    view = View(np.where(inside, 0.99, 0.01).astype(np.float32)[None], disc(shape), scale)
    base = trained(scale=scale)

    draw(tmp_path / "line.png", view, base, computed(base))

    drawn = read(tmp_path / "line.png")
    row, column = np.indices(shape)
    off = np.hypot(row - middle[0], column - middle[1]) - radius
    sure = abs(off) > 1 + 0.8 / scale  # away from the edge
    assert_array_equal(drawn[sure], ((off < 0) & view.inside)[sure])
    assert_array_equal(at_scan_size(initial_drawing(view, base, computed(base)), view), drawn)


def test_the_initial_drawing_is_the_networks_on_the_object_and_zero_off_it():
    shape = (150, 171)
    view, base = view_of(shape, 0.5, disc(shape)), trained()

    drawing = initial_drawing(view, base, computed(base))

    np.testing.assert_allclose(drawing, np.where(view.mask, view.planes[0], 0), atol=1e-5)


def test_a_drawing_says_the_resolution_of_the_scan(tmp_path):
    view = view_of((20, 37), 0.5)

    draw(tmp_path / "line.png", view, *model())

    assert read_picture_header(tmp_path / "line.png").pixels_per_mm == 40


def test_no_line_lies_off_the_object(tmp_path):
    shape = (151, 170)
    view = view_of(shape, 0.5, disc(shape))
    view.planes[:] = 0.9

    draw(tmp_path / "line.png", view, *model())

    line = read(tmp_path / "line.png")
    assert not line[~view.inside].any()
    assert line[75, 85]


def test_progress_goes_up_to_one(tmp_path):
    shares = []

    draw(tmp_path / "line.png", view_of((150, 171), 0.5), *model(), shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_in_the_middle_leaves_no_file(tmp_path, error):
    class Failing(Copying):
        calls = 0

        def forward(self, images):
            self.calls += 1
            if self.calls == 3:
                assert list(tmp_path.iterdir()), "it is written as it goes"
                raise error
            return super().forward(images)

    with pytest.raises(error):
        draw(tmp_path / "line.png", view_of((600, 171), 0.5), *model(Failing()))

    assert not list(tmp_path.iterdir())


def test_a_model_of_another_scale_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ModelError, match=r"trained on mirrors at scale 1, but VIEW is prepared at 0\.5"):
        draw(tmp_path / "line.png", view_of((50, 50), 0.5), *model(scale=1))

    assert not list(tmp_path.iterdir())
