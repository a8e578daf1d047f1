"""What a prepared view says of itself, what is made of its maps, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.ingest import prepared_view
from data.regions import Region
from data.storage import open_view
from tests.data.conftest import OBJECT, SHAPE, masked, relief, write_png


class TestManifest:
    def test_it_says_what_the_view_was_made_from(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        prepare()
        manifest = json.loads((folder / "manifest.json").read_text())
        assert set(manifest["parts"]) == {"depth", "mask", "truth"}
        (depth, mask) = manifest["parts"]["depth"]["files"]
        assert (depth["file"], mask["file"]) == (str(mirrors.depth_file("A_R")), str(mirrors.mask_file("A_R")))
        assert depth["bytes"] == mirrors.depth_file("A_R").stat().st_size
        assert len(depth["sha256"]) == 64
        assert manifest["encodings"] == {"depth": "float32"}

    def test_only_the_channels_asked_for_are_read(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        mirrors.depth_file("A_R").with_name("A_R_N.tif").write_bytes(b"not a TIFF")
        assert prepare("depth") == []

    def test_a_channel_is_prepared_beside_those_there_when_a_view_is_asked_for(self, mirrors, prepare, config):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        prepare()
        assert prepared_view("A_R", "mirrors", None, ["normals"], None, config).channels == ("normals", "depth")

    def test_depth_over_the_whole_image_is_a_channel_of_its_own(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        prepare("depth", "published_depth")
        view = open_view(folder)
        on_object = view.manifest["statistics"]["published_depth"]
        assert on_object["pixels"] == view.mask.sum()
        assert on_object["deviation"] != view.manifest["statistics"]["depth"]["deviation"]


class TestRefused:
    def test_a_drawing_that_lies_wholly_off_the_object(self, mirrors, prepare):
        mirrors.add("A_R")
        mirrors.add("B_R")
        image = np.zeros((*SHAPE, 4), np.uint8)
        image[:3] = 255
        write_png(mirrors.drawing_file("A_R"), image)
        (reason,) = prepare()
        assert "A_R_drawings.png" in reason
        assert "on the object" in reason

    @pytest.mark.parametrize("apart", [64, 4])
    def test_a_mask_without_an_object_to_speak_of(self, mirrors, prepare, apart):
        mirrors.add("A_R")
        mirrors.add("B_R")
        mask = np.zeros(SHAPE, np.uint8)
        mask[3::apart, 3:60:apart] = 255 if apart == 4 else 0  # single pixels, of which halving leaves none
        write_png(mirrors.mask_file("A_R"), mask)
        (reason,) = prepare()
        assert "A_R_mask.png" in reason
        assert "no object" in reason

    def test_a_name_that_cannot_be_parsed_before_anything_is_made(self, mirrors, prepare, config):
        mirrors.add("A_R")
        mirrors.depth_file("A_R").with_name("odd_U.tif").write_bytes(mirrors.depth_file("A_R").read_bytes())
        (reason,) = prepare()
        assert "odd: a view is called" in reason
        assert not (config.storage / "mirrors" / "odd").exists()

    def test_maps_of_different_sizes(self, mirrors, prepare):
        mirrors.add("A_R", cut=False, drawn=False)
        mirrors.add("B_R")
        mirrors.add_normals("A_R")
        mirrors.add("A_R", depth=relief()[:40], cut=False, drawn=False)
        mirrors.add_normals("B_R")
        (reason,) = prepare("depth", "normals")
        assert "A_R_N.tif: 48 x 64 pixels, but the first map: 40 x 64" in reason


@pytest.mark.parametrize(("kind", "unit", "level"), [(np.float64, 1, 1e6), (np.int32, 1e4, 2e9)])
def test_a_relief_far_above_zero_is_prepared_as_one_at_zero(mirrors, prepare, config, kind, unit, level):
    low = np.round(relief() * unit, 4 if unit == 1 else 0)
    mirrors.add("A_R", depth=low.astype(kind))
    mirrors.add("B_R", depth=(low.astype(np.float64) + level).astype(kind))
    prepare()
    at_zero, far_above = (
        open_view(config.storage / "mirrors" / name).read(Region(0, 0, *SHAPE), ["depth"], 1.0)
        for name in ("A_R", "B_R")
    )
    assert_allclose(far_above, at_zero, atol=1e-3)


def test_prepared_masks_are_those_of_the_files(mirrors, prepare, folder):
    mirrors.add("A_R")
    prepare()
    view = open_view(folder)
    assert_array_equal(view.scan_mask(), masked(OBJECT))
    assert_array_equal(view.scan_truth(), masked((slice(20, 24), slice(12, 52))))
