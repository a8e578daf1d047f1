"""A pyramid is made once, all of it or none, whatever happens meanwhile, and in bounded memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from annotate.errors import AnnotateError
from annotate.images.pyramid import Pyramid
from bench.measure import measured
from data.storage import open_view
from tests.annotate.images.tiles import SHAPE, decoded, ignore
from tests.interaction.log.scans import grain, prepared
from tests.root import ROOT

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
