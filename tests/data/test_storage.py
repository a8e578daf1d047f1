"""Prepared views on disk: regions read without the rest, files written whole, and plain words for what is missing."""

from __future__ import annotations

import pickle
import resource
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.channels import FULL_SCALE, NORMALS
from data.errors import DataError
from data.io.files import write_array, write_json
from data.io.mapped import MAX_MAPS
from data.line_statistics import MIRROR_LINES, LineStatistics
from data.regions import Region, whole
from data.storage import FORMAT, PreparedSet, open_view

TRUTH = np.zeros((30, 40), bool)
TRUTH[10:14, 5:35] = True
DEPTH = np.random.default_rng(0).random((30, 40), dtype=np.float32)


@pytest.fixture
def view(make_view):
    return make_view("A_R", TRUTH, DEPTH)


def prepared_set(folder, **fields):
    usual = {"kind": "mirrors", "source": "/x", "model_scale": 0.5, "members": ("A_R",), "test": ("A_R",)}
    return PreparedSet(folder, **{**usual, "lines": MIRROR_LINES, **fields})


class TestView:
    def test_a_region_is_read_as_shares_of_full_scale(self, view):
        region = Region(3, 7, 12, 20)
        image = view.read(region, ["depth"], 0.5)
        assert (image.dtype, image.shape) == (np.float32, (1, 12, 20))
        assert_allclose(image[0], DEPTH[region.slices], atol=1 / FULL_SCALE)

    def test_channels_come_in_the_order_asked(self, view):
        write_array(view.folder / "albedo_model.npy", np.full((1, 30, 40), FULL_SCALE, np.uint16))
        image = view.read(whole((30, 40)), ["albedo", "depth"], 0.5)
        assert image.shape == (2, 30, 40)
        assert_array_equal(image[0], 1)
        assert_allclose(image[1], DEPTH, atol=1 / FULL_SCALE)

    def test_the_scan_itself_is_read_at_scale_one(self, view):
        write_array(view.folder / "depth_scan.npy", np.full((1, 60, 80), FULL_SCALE, np.uint16))
        assert_array_equal(view.read(Region(50, 70, 10, 10), ["depth"], 1.0), 1)

    def test_another_scale_is_refused(self, view):
        with pytest.raises(ValueError, match=r"scales 1 and 0\.5, not 0\.25"):
            view.read(Region(0, 0, 5, 5), ["depth"], 0.25)

    def test_a_channel_that_was_not_prepared_is_named(self, view):
        with pytest.raises(DataError, match="channel albedo"):
            view.read(Region(0, 0, 5, 5), ["albedo"], 0.5)

    def test_masks_and_truths_stay_on_disk(self, view):
        assert isinstance(view.truth, np.memmap)
        assert isinstance(view.mask, np.memmap)
        assert_array_equal(view.truth, TRUTH)

    def test_reading_a_region_touches_no_more_than_that(self, view):
        np.lib.format.open_memmap(view.folder / "depth_scan.npy", "w+", np.uint16, (1, 8192, 4096))  # 64 MiB, sparse
        tracemalloc.start()
        view.read(Region(4000, 2000, 64, 64), ["depth"], 1.0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2**20

    def test_what_is_mapped_anew_is_as_it_is_stored_and_kept_by_nobody(self, view):
        stored = view.mapped("depth", 0.5)
        assert_array_equal(stored, np.load(view.folder / "depth_model.npy"))
        gone = weakref.ref(stored)
        del stored
        assert gone() is None

    def test_a_channel_that_cannot_be_mapped_is_named(self, view):
        with pytest.raises(DataError, match="channel albedo"):
            view.mapped("albedo", 1)

    def test_a_view_goes_to_another_process_without_its_maps(self, view):
        view.read(Region(0, 0, 4, 4), ["depth"], 0.5)
        assert view.truth.any()
        pickled = pickle.dumps(view)
        assert len(pickled) < 1000
        assert_array_equal(pickle.loads(pickled).truth, TRUTH)

    def test_nobody_can_write_into_what_is_prepared(self, view):
        with pytest.raises(ValueError, match="read-only"):
            view.truth[0, 0] = True

    def test_the_manifest_gives_sizes_in_scan_and_in_model_pixels(self, view):
        assert (view.shape, view.model_shape, view.scale, view.pixels_per_mm) == ((60, 80), (30, 40), 0.5, 40.0)
        assert (view.name, view.object) == ("A_R", "A")

    def test_the_truth_of_an_undrawn_view_is_refused_by_name(self, make_view):
        view = make_view("B_R", None)
        assert not view.has_truth
        with pytest.raises(DataError, match="B_R: no drawing"):
            _ = view.truth

    def test_a_mirrors_mask_is_there_at_scan_scale(self, view):
        mask = np.random.default_rng(0).random((60, 80)) < 0.5
        write_array(view.folder / "mask_scan.npy", np.packbits(mask, axis=1))
        assert_array_equal(view.scan_mask(), mask)
        for region in (Region(3, 5, 20, 30), Region(0, 8, 60, 8), Region(59, 79, 1, 1), Region(10, 0, 5, 7)):
            assert_array_equal(view.scan_mask(region), mask[region.slices])

    def test_a_truth_is_there_at_scan_scale_and_of_an_undrawn_view_it_is_refused(self, view, make_view):
        truth = np.random.default_rng(0).random((60, 80)) < 0.5
        write_array(view.folder / "truth_scan.npy", np.packbits(truth, axis=1))
        assert_array_equal(view.scan_truth(Region(7, 9, 11, 13)), truth[7:18, 9:22])
        with pytest.raises(DataError, match="no drawing"):
            make_view("B_R", None).scan_truth()

    def test_of_normals_two_components_are_stored_and_the_third_follows(self, view):
        signed = np.random.default_rng(0).normal(size=(3, 30, 40)).astype(np.float32)
        signed[2] = np.abs(signed[2])
        unit = signed / np.linalg.norm(signed, axis=0)
        write_array(view.folder / "normals_model.npy", NORMALS.encoded((unit + 1) / 2))
        assert np.load(view.folder / "normals_model.npy").shape == (2, 30, 40)
        assert_allclose(view.read(whole((30, 40)), ["normals"], 0.5), (unit + 1) / 2, atol=0.005)  # where z is small
        level = unit[2] > 0.5
        assert_allclose(view.read(whole((30, 40)), ["normals"], 0.5)[:, level], ((unit + 1) / 2)[:, level], atol=1e-4)

    def test_a_photographs_scan_is_what_the_model_sees(self, view):
        photograph = open_view(view.folder)
        photograph.manifest["model_scale"] = 1.0
        assert photograph.scan_mask().shape == photograph.model_shape
        assert_allclose(photograph.read(whole((30, 40)), ["depth"], 1.0)[0], DEPTH, atol=1 / FULL_SCALE)


class TestSet:
    def test_a_set_is_opened_as_it_was_saved(self, tmp_path):
        saved = prepared_set(tmp_path / "mirrors", lines=LineStatistics(2.0, 3.0, 4.0))
        saved.save()
        assert PreparedSet.open(tmp_path, "mirrors") == saved

    def test_a_set_that_is_not_there_is_refused_with_the_command_to_run(self, tmp_path):
        with pytest.raises(DataError, match=r"data\.setup --dataset lines"):
            PreparedSet.open(tmp_path, "lines")

    def test_members_are_its_views_whatever_else_lies_there(self, make_view):
        folder = make_view("B_R", TRUTH).folder.parent
        make_view("A_V", TRUTH)
        make_view("C_R", TRUTH)
        assert [view.name for view in prepared_set(folder, members=("A_V", "B_R")).views()] == ["A_V", "B_R"]

    def test_arrays_without_a_manifest_are_no_view(self, view):
        write_array(view.folder.parent / "half_done" / "depth_model.npy", np.zeros((1, 4, 4), np.uint16))
        with pytest.raises(DataError, match="not to the end"):
            prepared_set(view.folder.parent, members=("half_done",)).views()

    def test_a_view_of_another_version_is_one_message(self, view):
        write_json(view.folder / "manifest.json", view.manifest | {"format": FORMAT - 1})
        with pytest.raises(DataError, match=r"another version, or damaged; run `python -m data\.setup`"):
            prepared_set(view.folder.parent).view("A_R")

    @pytest.mark.slow
    def test_more_views_are_read_than_files_can_be_open(self, make_view):
        views = [make_view(f"V{number}_R", TRUTH) for number in range(70)]  # 140 arrays
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/dev/fd").iterdir())) + MAX_MAPS + 2, limits[1]))
        try:
            for view in views:
                view.read(Region(0, 0, 4, 4), ["depth"], 0.5)
                assert_array_equal(view.truth, TRUTH)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', '{"format": 3'])
    def test_a_manifest_that_cannot_be_used_is_one_message(self, view, content):
        (view.folder / "manifest.json").write_text(content)
        with pytest.raises(DataError, match=r"another version, or damaged; run `python -m data.setup` again"):
            open_view(view.folder)

    def test_an_unknown_view_is_refused_with_the_known_ones(self, view):
        with pytest.raises(DataError, match=r"no prepared view 'Z_R'.*A_R"):
            prepared_set(view.folder.parent).view("Z_R")

    def test_a_view_is_found_by_its_name(self, view):
        assert prepared_set(view.folder.parent).view("A_R") == view


@pytest.mark.parametrize("content", ["{}", "[]", "half a fi", '{"kind": "mirrors"}'])
def test_a_set_of_another_version_is_one_message(tmp_path, content):
    (tmp_path / "mirrors").mkdir()
    (tmp_path / "mirrors" / "set.json").write_text(content)

    with pytest.raises(DataError, match=r"data\.setup --dataset mirrors"):
        PreparedSet.open(tmp_path, "mirrors")
