"""The pyramid: each level an average of the next, and tiles that show it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from annotate.errors import AnnotateError
from annotate.images.pyramid import TILE, Pyramid, level_shape, levels
from data.preparing.channels import halve
from tests.annotate.images.tiles import SHAPE, decoded, ignore, whole_level
from tests.interaction.log.scans import grain, prepared


class TestLevels:
    @pytest.mark.parametrize(
        ("shape", "count"), [((1, 1), 1), ((256, 256), 1), ((257, 9), 2), ((9, 513), 3), ((6716, 8964), 7)]
    )
    def test_the_first_level_is_one_tile_and_no_smaller_than_it_must(self, shape, count):
        assert levels(shape) == count
        assert max(level_shape(shape, 0, count)) <= TILE
        assert level_shape(shape, count - 1, count) == shape

    def test_each_level_is_half_of_the_next_rounded_up(self):
        assert [level_shape(SHAPE, level, 4) for level in range(4)] == [(88, 129), (175, 258), (350, 515), (700, 1030)]


class TestTiles:
    def test_the_last_level_is_the_scan(self, pyramid):
        normals = np.load(pyramid.view.folder / "normals_scan.npy")
        last = whole_level(pyramid, "normals", pyramid.levels - 1)
        assert_array_equal(np.moveaxis(last[..., :0:-1], 2, 0), np.rint(normals / 257))

    @pytest.mark.parametrize("shape", [SHAPE, (513, 257), (1025, 2), (512, 768), (256, 256), (1, 1)])
    def test_each_level_averages_the_scan(self, tmp_path, shape):
        normals = grain(shape, 2)
        pyramid = Pyramid(prepared(tmp_path / "A_R", {"normals": normals}), tmp_path / "tiles")
        pyramid.make(ignore)
        expected = normals.astype(np.float32)
        for level in reversed(range(pyramid.levels)):
            found = np.moveaxis(whole_level(pyramid, "normals", level)[..., :0:-1], 2, 0)
            assert_allclose(found, expected / 257, atol=0.51)  # rounded once, from 16 bits
            expected = halve(expected)

    def test_levels_do_not_drift_brighter(self, tmp_path):
        normals = grain((2048, 2048), 2)
        pyramid = Pyramid(prepared(tmp_path / "A_R", {"normals": normals}), tmp_path / "tiles")
        pyramid.make(ignore)
        assert abs(whole_level(pyramid, "normals", 0)[..., 1:].mean() - normals.mean() / 257) < 0.02

    def test_depth_is_that_of_the_scan_within_three_greys(self, pyramid):
        depth = np.load(pyramid.view.folder / "depth_scan.npy")[0]
        assert_allclose(whole_level(pyramid, "depth", 3), depth / 257, atol=3)
        assert_allclose(whole_level(pyramid, "depth", 2), halve(depth.astype(np.float32)) / 257, atol=3)

    def test_tiles_are_full_except_at_the_right_and_lower_edges(self, pyramid):
        shapes = {(x, y): decoded(pyramid.tile("depth", 3, x, y)).shape for x in range(5) for y in range(3)}
        assert shapes[0, 0] == shapes[3, 1] == (256, 256)
        assert (shapes[4, 0], shapes[0, 2], shapes[4, 2]) == ((256, 6), (188, 256), (188, 6))

    @pytest.mark.parametrize(
        ("place", "message"),
        [
            (("depth", 4, 0, 0), "no level 4 of tiles; there are 0 to 3"),
            (("depth", -1, 0, 0), "no level -1"),
            (("depth", 3, 5, 0), "no tile in column 5, row 0; level 3 has 5 columns and 3 rows"),
            (("depth", 3, 0, 3), "no tile in column 0, row 3"),
            (("depth", 3, -1, 0), "no tile in column -1"),
            (("depth", 3, 0, -1), "row -1"),
            (("depth", 10**30, 10**30, 10**30), "no level 1000"),
            (("albedo", 0, 0, 0), "no layer 'albedo'; there are: depth, normals"),
            (("../depth", 0, 0, 0), "no layer '../depth'"),
        ],
    )
    def test_what_is_outside_is_refused(self, pyramid, place, message):
        with pytest.raises(AnnotateError) as refusal:
            pyramid.tile(*place)
        assert f"A_R: {message}" in str(refusal.value) or message in str(refusal.value)

    def test_threads_read_what_one_reads(self, pyramid):
        places = [(layer, 3, x, y) for layer in ("depth", "normals") for x in range(5) for y in range(3)] * 8
        alone = [pyramid.tile(*place) for place in places]
        fresh = Pyramid(pyramid.view, pyramid.folder)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda place: fresh.tile(*place), places)) == alone
