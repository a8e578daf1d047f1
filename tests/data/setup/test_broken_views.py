"""A view that cannot be used is skipped and named, with what to do; the others go on."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from data.errors import DataError
from tests.data.conftest import SHAPE, masked, relief, write_png
from tests.data.setup.conftest import names, outcomes, prepared


def cut_short(mirrors):
    path = mirrors.depth_file("B_R")
    path.write_bytes(path.read_bytes()[:100])


def full_of_gaps(mirrors):
    mirrors.add("B_R", depth=np.where(masked((slice(0, 48), slice(0, 32))), np.float32(np.nan), relief()))


def of_another_size(mirrors):
    mirrors.add("B_R", depth=relief()[:40])


def undrawn(mirrors):
    write_png(mirrors.drawing_file("B_R"), np.zeros((*SHAPE, 4), np.uint8))


def unreadable(mirrors):
    mirrors.mask_file("B_R").write_text("not a picture")


def flat(mirrors):
    mirrors.add("B_R", depth=np.full(SHAPE, 0.1, np.float32))


def all_black(mirrors):
    write_png(mirrors.mask_file("B_R"), np.zeros((*SHAPE, 3), np.uint8))


def beside_the_object(mirrors):
    image = np.zeros((*SHAPE, 4), np.uint8)
    image[0, :, 3] = 255
    write_png(mirrors.drawing_file("B_R"), image)


def drawn_in_another_size(mirrors):
    image = np.zeros((SHAPE[0], 60, 4), np.uint8)
    image[20, :, 3] = 255
    write_png(mirrors.drawing_file("B_R"), image)


def drawn_twice(mirrors):
    (mirrors.root / "drawings" / "B_R_drawings (1).png").write_bytes(mirrors.drawing_file("B_R").read_bytes())


def in_two_folders(mirrors):
    other = mirrors.root / "other" / "PS" / "B_R_U.tif"
    other.parent.mkdir(parents=True)
    other.write_bytes(mirrors.depth_file("B_R").read_bytes())


def linked_to_itself(mirrors):
    mirrors.depth_file("B_R").unlink()
    mirrors.depth_file("B_R").symlink_to("B_R_U.tif")


def a_folder(mirrors):
    mirrors.drawing_file("B_R").unlink()
    mirrors.drawing_file("B_R").mkdir()


def empty(mirrors):
    mirrors.depth_file("B_R").write_bytes(b"")


class TestBrokenView:
    @pytest.mark.parametrize(
        ("breaks", "message"),
        [
            (cut_short, "B_R_U.tif: cannot be read as a TIFF"),
            (empty, "B_R_U.tif: empty, 0 bytes"),
            (linked_to_itself, "B_R_U.tif: Too many levels of symbolic links; a link leads back"),
            (full_of_gaps, "B_R_U.tif: 50% of the object has no value"),
            (of_another_size, "B_R_U.tif: 40 x 64 pixels"),
            (flat, "B_R_U.tif: the depth is constant"),
            (in_two_folders, "B_R_U.tif: two scans of one name; rename one"),
            (unreadable, "B_R_mask.png: no picture of a kind that is read"),
            (all_black, "B_R_mask.png: all black"),
            (undrawn, "B_R_drawings.png: no line in it"),
            (beside_the_object, "B_R_drawings.png: no line of it lies on the object"),
            (drawn_in_another_size, "B_R_drawings.png: 48 x 60 pixels"),
            (drawn_twice, "B_R_drawings.png: another drawing beside it, B_R_drawings (1).png"),
            (a_folder, "B_R_drawings.png: Is a directory"),
        ],
    )
    def test_it_is_skipped_and_named_and_the_others_go_on(self, mirrors, setup, storage, breaks, message):
        for view in ("A_R", "B_R", "C_R"):
            mirrors.add(view)
        breaks(mirrors)
        result = setup(code=1)
        assert outcomes(result) == {"A_R": "prepared", "B_R": "SKIPPED", "C_R": "prepared"}
        skipped = result.stderr.splitlines()
        assert skipped[0] == "Skipped:"
        assert len(skipped) == 2  # one message, of one line
        assert message in skipped[1]
        assert names(storage) == ["A_R", "C_R"]

    def test_a_damaged_compressed_map_is_skipped_too(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        path = mirrors.depth_file("B_R")
        tifffile.imwrite(path, relief(), compression="zlib", resolution=(254, 254), resolutionunit="INCH")
        damaged = bytearray(path.read_bytes())
        damaged[-3000:-2000] = bytes(1000)
        path.write_bytes(damaged)
        assert outcomes(setup(code=1)) == {"A_R": "prepared", "B_R": "SKIPPED"}

    def test_an_older_preparation_of_it_is_no_longer_true(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        cut_short(mirrors)
        setup(code=1)
        assert names(storage) == ["A_R"]

    def test_once_mended_it_is_prepared(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        cut_short(mirrors)
        setup(code=1)
        mirrors.add("B_R")
        assert outcomes(setup()) == {"A_R": "unchanged", "B_R": "prepared"}

    def test_a_channel_that_a_view_lacks_is_named(self, mirrors, setup):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        mirrors.add("B_R")
        assert "B_R: no normals map" in setup("--channels", "depth,normals", code=1).stderr

    def test_a_view_with_a_strange_name_is_skipped(self, mirrors, setup):
        mirrors.add("A_R")
        mirrors.add("A_X")
        assert outcomes(setup(code=1)) == {"A_R": "prepared", "A_X": "SKIPPED"}

    def test_nothing_but_broken_views_makes_no_set(self, mirrors, setup, storage):
        mirrors.add("B_R")
        cut_short(mirrors)
        assert "nothing could be prepared" in setup(code=1).stderr
        with pytest.raises(DataError, match="nothing prepared yet"):
            prepared(storage)
