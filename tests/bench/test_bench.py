"""Benchmarks compare ways of doing the same: both ways give the same result."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from bench import prediction, preparation
from bench.measure import Row, measured, table
from data.regions import whole
from data.storage import open_view
from data.synthetic.files import write_mirrors


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A made-up mirror, prepared in both ways."""
    root = tmp_path_factory.mktemp("bench")
    write_mirrors(root / "mirror", 1, 512, 640, seed=1)
    preparation.ours_way(root / "mirror", root / "ours", ("depth",))
    preparation.plain_way(root / "mirror", root / "plain", ("depth",))
    return root


def test_both_ways_of_preparing_give_the_same_depth_and_masks(folder):
    view = open_view(next((folder / "ours").glob("mirrors/*_R")))
    ours = view.read(whole(view.shape), ["depth"], 1.0)[0]
    plain = np.load(folder / "plain" / "depth.npy")
    inner = cv2.erode(view.scan_mask().astype(np.uint8), np.ones((81, 81))) > 0
    assert np.sqrt(np.square(ours - plain)[inner].mean()) < 0.002
    assert_array_equal(view.scan_mask(), np.load(folder / "plain" / "mask.npy"))


def test_both_ways_of_drawing_give_the_same_lines(folder):
    view = open_view(next((folder / "ours").glob("mirrors/*_R")))
    for way in (prediction.ours_way, prediction.plain_way):
        way(view.folder, "tu-mobilenetv4_conv_small_050")
    ours, plain = (cv2.imread(str(view.folder / f"{name}.png"), cv2.IMREAD_UNCHANGED) for name in ("ours", "plain"))
    assert ours[..., 3].any()
    assert (ours[..., 3] != plain[..., 3]).mean() < 0.001  # windows are blended a little differently


def test_a_large_view_is_a_disc(tmp_path):
    prediction.make_large_view(tmp_path, 600)
    view, _ = prediction.opened(tmp_path, "")
    assert view.model_shape == (300, 300)
    assert view.scan_mask().mean() == pytest.approx(np.pi * 0.45**2, rel=0.01)
    assert_allclose(view.read(whole((300, 300)), ["depth"], 0.5)[:, view.mask].mean(), 0.5, atol=0.01)


def test_a_call_is_measured_in_a_process_of_its_own():
    once = measured(sorted, [3, 1, 2])
    assert once.result == [1, 2, 3]
    assert once.seconds >= 0
    assert 1 < once.peak_mib < 500


def test_what_a_call_raises_is_raised():
    with pytest.raises(ValueError, match="invalid literal"):
        measured(int, "x")


def test_a_table_says_by_how_much_ours_is_better():
    text = table([Row("loading", "crops/s", 300, 100, "200", more_is_better=True), Row("writing", "s", 2.0, 5.0)])
    assert "| loading, crops/s | 300  | 100   | 3 x       | 200    |" in text
    assert "| writing, s       | 2    | 5     | 2.5 x     |        |" in text
