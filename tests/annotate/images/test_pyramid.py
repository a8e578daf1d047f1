"""The pyramid: each level an average of the next, all tiles there or none, whatever happens while they are made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from annotate.errors import AnnotateError
from annotate.images.pyramid import TILE, Pyramid, level_shape, levels
from bench.measure import measured
from data.channels import FULL_SCALE
from data.preparing.channels import halve
from data.storage import open_view
from tests.interaction.log.scans import grain, prepared
from tests.root import ROOT

SHAPE = (700, 1030)  # three levels; odd sizes on the way


def ignore(share):
    """Hear of progress, and do nothing."""


def decoded(content):
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def whole_level(pyramid, layer, level):
    """Put the tiles of a level together."""
    height, width = level_shape(pyramid.view.shape, level, pyramid.levels)
    columns, rows = range(-(-width // TILE)), range(-(-height // TILE))
    return np.vstack([np.hstack([decoded(pyramid.tile(layer, level, x, y)) for x in columns]) for y in rows])


def blobs(shape):
    """Return (1, H, W) uint16 without detail that a JPEG would lose."""
    rough = np.random.default_rng(0).random((5, 7), np.float32)
    smooth = cv2.resize(rough, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return (FULL_SCALE * smooth[None]).astype(np.uint16)


@pytest.fixture
def view(tmp_path):
    return prepared(tmp_path / "A_R", {"depth": blobs(SHAPE), "normals": grain(SHAPE, 2)})


@pytest.fixture
def pyramid(view, tmp_path):
    made = Pyramid(view, tmp_path / "tiles")
    made.make(ignore)
    return made


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


class TestMaking:
    def test_before_there_are_no_tiles(self, view, tmp_path):
        pyramid = Pyramid(view, tmp_path / "tiles")
        assert not pyramid.ready
        with pytest.raises(AnnotateError, match=r"depth\.tiles: the tiles of this scan are not made yet"):
            pyramid.tile("depth", 0, 0, 0)
        assert not (tmp_path / "tiles").exists()

    def test_progress_rises_to_one(self, view, tmp_path):
        shares = []
        Pyramid(view, tmp_path / "tiles").make(shares.append)
        assert shares == sorted(shares)
        assert (shares[0], shares[-1], len(shares)) == (pytest.approx(1 / 6), 1, 7)  # three rows of tiles, two layers

    def test_a_file_a_layer_and_nothing_else(self, pyramid):
        assert pyramid.ready
        assert sorted(path.name for path in pyramid.folder.iterdir()) == ["depth.tiles", "normals.tiles"]

    def test_it_is_made_once(self, pyramid):
        before = [path.stat() for path in sorted(pyramid.folder.iterdir())]
        again = Pyramid(open_view(pyramid.view.folder), pyramid.folder)
        assert again.ready
        assert again.version == pyramid.version
        again.make(ignore)
        assert [path.stat().st_mtime_ns for path in sorted(pyramid.folder.iterdir())] == [s.st_mtime_ns for s in before]

    def test_a_layer_that_joins_later_is_made_alone(self, pyramid):
        planes = {name: np.load(pyramid.view.folder / f"{name}_scan.npy") for name in ("depth", "normals")}
        more = Pyramid(prepared(pyramid.view.folder, {**planes, "albedo": grain(SHAPE)}), pyramid.folder)
        assert not more.ready
        assert more.version != pyramid.version
        kept = (pyramid.folder / "depth.tiles").stat().st_ino
        shares = []
        more.make(shares.append)
        assert more.ready
        assert len(shares) == 4
        assert (pyramid.folder / "depth.tiles").stat().st_ino == kept

    def test_a_new_drawing_leaves_the_tiles(self, pyramid):
        planes = {name: np.load(pyramid.view.folder / f"{name}_scan.npy") for name in ("depth", "normals")}
        drawn = Pyramid(prepared(pyramid.view.folder, planes, truth=np.ones(SHAPE, bool)), pyramid.folder)
        assert drawn.ready
        assert drawn.version == pyramid.version

    def test_another_scan_is_made_anew_and_the_old_one_is_no_longer_shown(self, pyramid):
        pyramid.tile("depth", 0, 0, 0)
        dark = {"depth": np.zeros((1, *SHAPE), np.uint16)}
        changed = Pyramid(prepared(pyramid.view.folder, dark, source="another"), pyramid.folder)
        assert not changed.ready
        assert changed.version != pyramid.version
        with pytest.raises(AnnotateError, match="not made yet"):
            changed.tile("depth", 0, 0, 0)
        changed.make(ignore)
        assert not decoded(changed.tile("depth", 0, 0, 0)).any()
        with pytest.raises(AnnotateError, match="not made yet"):
            pyramid.tile("depth", 0, 0, 0)

    def test_tiles_removed_meanwhile_are_made_again(self, pyramid):
        (pyramid.folder / "depth.tiles").unlink()
        assert not pyramid.ready
        with pytest.raises(AnnotateError, match="not made yet"):
            pyramid.tile("depth", 0, 0, 0)
        pyramid.make(ignore)
        assert pyramid.tile("depth", 0, 0, 0)

    @pytest.mark.parametrize("kept", [0, 10, 5000, -1, -30])
    def test_a_file_cut_short_is_made_again(self, pyramid, kept):
        path = pyramid.folder / "depth.tiles"
        content = path.read_bytes()
        path.write_bytes(content[:kept])
        assert not pyramid.ready
        pyramid.make(ignore)
        assert path.read_bytes() == content

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (rb'"places": \[\[\d', b'"places": [[-'),
            (rb'"places": \[\[\d', b'"places": [[9'),
            (rb'"places": \[\[\d', b'"places": [[x'),
            (rb'("places": \[\[\d+, )\d', rb"\g<1>9"),
            (rb"\]\]}", b"]]]"),
            (b"retrace-tiles", b"another-tiles"),
            (rb'"places"', b'"pieces"'),
            (rb'"format": 1', b'"format": 2'),
        ],
    )
    def test_a_damaged_index_or_another_format_is_made_again(self, pyramid, old, new):
        path = pyramid.folder / "normals.tiles"
        content = path.read_bytes()
        damaged, times = re.subn(old, new, content)
        assert times == 1
        path.write_bytes(damaged)
        assert not Pyramid(pyramid.view, pyramid.folder).ready
        pyramid.make(ignore)
        assert path.read_bytes() == content

    def test_what_stops_it_leaves_nothing_half_made(self, view, tmp_path):
        def stop(share):
            if share > 0.7:
                raise KeyboardInterrupt

        pyramid = Pyramid(view, tmp_path / "tiles")
        with pytest.raises(KeyboardInterrupt):
            pyramid.make(stop)
        assert [path.name for path in pyramid.folder.iterdir()] == ["depth.tiles"]
        assert not pyramid.ready
        assert pyramid.tile("depth", 0, 0, 0)
        pyramid.make(ignore)  # no lock is left, either
        assert pyramid.ready

    def test_threads_may_make_it_at_once(self, view, tmp_path):
        pyramids = [Pyramid(view, tmp_path / "tiles") for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda pyramid: pyramid.make(ignore), pyramids))
        assert all(pyramid.ready for pyramid in pyramids)
        assert len(list((tmp_path / "tiles").iterdir())) == 2

    def test_a_view_without_layers_has_no_tiles(self, tmp_path):
        pyramid = Pyramid(prepared(tmp_path / "A_R", {}), tmp_path / "tiles")
        pyramid.make(ignore)
        with pytest.raises(AnnotateError, match="no layer 'depth'; there are: none"):
            pyramid.tile("depth", 0, 0, 0)


PAUSING = """
import sys
from pathlib import Path
from annotate.images.pyramid import Pyramid
from data.storage import open_view

def pause(share):
    if 0.3 < share < 0.4:
        print("under way", flush=True)
        sys.stdin.readline()

Pyramid(open_view(Path(sys.argv[1])), Path(sys.argv[2])).make(pause)
"""


@pytest.fixture
def another_process(view, tmp_path):
    """A process that has made a third of the tiles, and waits for a line before it goes on."""
    command = [sys.executable, "-c", PAUSING, str(view.folder), str(tmp_path / "tiles")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout.readline() == "under way\n"
    yield process
    process.kill()
    process.communicate()


class TestProcesses:
    def test_killed_halfway_it_is_begun_again_and_nothing_is_left(self, view, tmp_path, another_process):
        another_process.kill()
        another_process.wait()
        pyramid = Pyramid(view, tmp_path / "tiles")
        assert [path.name for path in pyramid.folder.iterdir()] != []
        assert not pyramid.ready
        pyramid.make(ignore)
        assert pyramid.ready
        assert sorted(path.name for path in pyramid.folder.iterdir()) == ["depth.tiles", "normals.tiles"]

    def test_two_at_once_do_no_harm(self, view, tmp_path, another_process):
        pyramid = Pyramid(view, tmp_path / "tiles")
        pyramid.make(ignore)
        tile = pyramid.tile("depth", 3, 4, 2)
        another_process.communicate("go on\n")
        assert another_process.returncode == 0
        assert pyramid.ready
        assert pyramid.tile("depth", 3, 4, 2) == tile
        assert sorted(path.name for path in pyramid.folder.iterdir()) == ["depth.tiles", "normals.tiles"]


def make_tiles(folder, tiles):
    Pyramid(open_view(folder), tiles).make(ignore)


def test_memory_does_not_grow_with_the_scan(tmp_path):
    tall = (2**15, 2048)  # 128 MiB; all zeros, so that it is made and read fast
    view = prepared(tmp_path / "A_R", {"depth": np.zeros((1, 8, 8), np.uint16)})
    np.lib.format.open_memmap(view.folder / "depth_scan.npy", "w+", np.uint16, (1, *tall))
    manifest = (view.folder / "manifest.json").read_text().replace("8,\n  8", f"{tall[0]},\n  {tall[1]}")
    (view.folder / "manifest.json").write_text(manifest)
    assert open_view(view.folder).shape == tall
    few = measured(make_tiles, view.folder, tmp_path / "tiles").peak_mib
    assert few < 120  # of which Python, NumPy and OpenCV are half
