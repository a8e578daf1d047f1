"""What full-size scans cost: each measurement does its work, and the table says what came out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose

from bench import prediction, preparation
from bench.data import thinning_seconds
from bench.measure import Row, measured, table
from data.regions import whole
from data.synthetic.files import write_mirrors
from metrics.thinning import thin


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A made-up mirror, prepared."""
    root = tmp_path_factory.mktemp("bench")
    write_mirrors(root / "mirror", 1, 512, 640, seed=1)
    preparation.prepare(root / "mirror", root / "depth", ("depth",))
    return root


def test_preparing_is_measured_and_its_files_are_there(folder, tmp_path):
    rows = preparation.rows(folder / "mirror", tmp_path)
    assert [row.what.startswith("preparing") for row in rows] == [True, False, False] * 2 + [True]
    assert all(row.value > 0 for row in rows)
    assert rows[-1].better_by == rows[0].value / rows[-1].value
    assert {path.parent.parent.name for path in tmp_path.glob("*/mirrors/set.json")} == {"depth", "all_channels"}


@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_a_view_is_drawn_as_predict_does(folder, backend):
    view = next((folder / "depth").glob("mirrors/*_R"))
    prediction.draw_view(view, "tu-mobilenetv4_conv_small_050", backend)
    drawing = cv2.imread(str(view / f"{backend}.png"), cv2.IMREAD_UNCHANGED)
    assert drawing.shape == (512, 640, 4)
    assert drawing[..., 3].any()


def test_thinning_is_timed(folder):
    assert thinning_seconds(thin, folder / "depth") > 0


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


def test_a_table_says_how_many_times_better_a_value_is_than_another_way():
    text = table(
        [
            Row("loading", "crops/s", 300, "200", "the disk", 100, more_is_better=True),
            Row("writing", "s", 2.0, "", "PyTorch", 5.0),
            Row("memory", "MiB", 512, "1024"),
        ]
    )
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    assert cells == [
        ["loading, crops/s", "300", "200", "3 x the disk (100)"],
        ["writing, s", "2", "", "2.5 x PyTorch (5)"],
        ["memory, MiB", "512", "1024", ""],
    ]
