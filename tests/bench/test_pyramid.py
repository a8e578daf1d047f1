"""Both ways of making tiles give the same pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose

from annotate.images.pyramid import TILE, Pyramid, levels
from bench import pyramid
from tests.interaction.log.scans import grain, prepared

SHAPE = (512, 1024)  # halves are whole down to the first level


@pytest.mark.parametrize(("layer", "planes", "tolerance"), [("normals", 2, 1), ("depth", 1, 12)])
def test_both_ways_give_the_same_tiles(tmp_path, layer, planes, tolerance):
    view = prepared(tmp_path / "A_R", {layer: grain(SHAPE, planes)})
    written = [way(view.folder, tmp_path / way.__name__, layer) for way in (pyramid.ours_way, pyramid.plain_way)]
    assert min(written) > 0.1
    ours = Pyramid(view, tmp_path / "ours_way")
    places = sorted((tmp_path / "plain_way").rglob("*.*g"))
    assert len(places) == 8 + 2 + 1
    for path in places:
        column, row = (int(number) for number in path.stem.split("_"))
        tile = ours.tile(layer, int(path.parent.name), column, row)
        found = cv2.imdecode(np.frombuffer(tile, np.uint8), cv2.IMREAD_UNCHANGED).astype(int)
        assert max(found.shape[:2]) <= TILE
        assert_allclose(found, cv2.imread(str(path), cv2.IMREAD_UNCHANGED), atol=tolerance)
    assert levels(SHAPE) == 3


def test_the_table_has_each_layer_that_there_is(tmp_path):
    view = prepared(tmp_path / "A_R", {"depth": grain((300, 300))})
    rows = pyramid.rows(view.folder, tmp_path)
    assert [(row.what, row.unit, row.target) for row in rows] == [
        ("tiles of depth", "s", "3"),
        ("its memory", "MiB", "300"),
        ("its files", "MB", ""),
    ]
    assert all(row.ours > 0 and row.plain > 0 for row in rows)
