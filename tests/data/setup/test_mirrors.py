"""Mirrors: what a prepared one holds, and what a second run does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.channels import FULL_SCALE
from data.images import read_marks
from data.line_statistics import MIRROR_LINES
from data.module import input_statistics
from data.preparing.channels import halve_mask
from data.regions import whole
from tests.data.conftest import GROOVE, OBJECT, SHAPE, RawMirrors, masked, relief, write_png
from tests.data.setup.conftest import names, outcomes, prepared

HALF = (SHAPE[0] // 2, SHAPE[1] // 2)


class TestPreparedMirror:
    def test_arrays_lie_at_scan_and_at_model_scale(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        assert (view.shape, view.model_shape, view.scale) == (SHAPE, HALF, 0.5)
        for scale, shape in ((1.0, SHAPE), (0.5, HALF)):
            assert view.read(whole(shape), ["depth"], scale).shape == (1, *shape)

    def test_the_groove_is_dark_at_model_scale_where_the_drawing_is(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        depth = view.read(whole(HALF), ["depth"], 0.5)[0]
        assert_array_equal(view.truth, halve_mask(masked(GROOVE)))
        assert depth[view.truth].max() < depth[view.mask & ~view.truth].min()

    def test_the_model_scale_is_the_mean_of_four_scan_pixels(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        fine = view.read(whole(SHAPE), ["depth"], 1.0)[0]
        coarse = view.read(whole(HALF), ["depth"], 0.5)[0]
        assert_allclose(coarse, fine.reshape(24, 2, 32, 2).mean((1, 3)), atol=1 / FULL_SCALE)

    def test_odd_sizes_are_rounded_up(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=relief()[:47, :61], drawn=False, cut=False)
        setup()
        view = prepared(storage).view("A_R")
        assert (view.shape, view.model_shape) == ((47, 61), (24, 31))

    def test_the_manifest_holds_resolution_and_the_objects_statistics(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        on_object = view.read(whole(HALF), ["depth"], 0.5)[:, view.mask]
        assert view.pixels_per_mm == pytest.approx(10)
        mean, deviation = input_statistics([view], ["depth"])
        assert mean == pytest.approx([on_object.mean()], abs=1e-4)
        assert deviation == pytest.approx([on_object.std()], abs=1e-4)
        assert view.manifest["statistics"]["depth"]["pixels"] == view.mask.sum()

    def test_lines_off_the_object_are_no_truth(self, mirrors, setup, storage):
        mirrors.add("A_R")
        drawing = np.zeros((*SHAPE, 4), np.uint8)
        drawing[:, 20:24] = 255  # from edge to edge
        write_png(mirrors.drawing_file("A_R"), drawing)
        setup()
        view = prepared(storage).view("A_R")
        assert_array_equal(view.truth, halve_mask(masked(OBJECT) & (drawing[..., 3] > 0)))

    def test_without_a_mask_the_whole_image_is_object_and_that_is_reported(self, mirrors, setup, storage):
        mirrors.add("A_R", cut=False)
        result = setup()
        assert prepared(storage).view("A_R").mask.all()
        assert "Without a mask" in result.stdout
        assert "A_R" in result.stdout.splitlines()[-1]

    def test_without_a_drawing_a_view_is_for_predict_only_and_that_is_reported(self, mirrors, setup, storage):
        mirrors.add("A_R", drawn=False)
        result = setup()
        assert not prepared(storage).view("A_R").has_truth
        assert "Without a drawing, so for predict only: A_R" in result.stdout

    def test_channels_asked_for_are_prepared_beside_the_depth(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        setup("--channels", "depth,normals")
        image = prepared(storage).view("A_R").read(whole(HALF), ["depth", "normals"], 0.5)
        assert_allclose(image[1:, 10, 10], [0.5, 0.5, 1], atol=1 / FULL_SCALE)

    def test_a_mirrors_lines_have_the_published_widths(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        assert prepared(storage).lines == MIRROR_LINES


class TestResolution:
    def test_a_scan_that_does_not_say_its_resolution_is_refused_with_the_option_to_give(self, mirrors, setup):
        mirrors.add("A_R", dpi=None)
        assert "--dpi" in setup(code=1).stderr

    def test_the_option_gives_it(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=None)
        setup("--dpi", 254)
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(10)

    def test_what_is_given_goes_before_the_file_and_the_difference_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=72)
        assert "A_R_U.tif says 72 dots an inch; --dpi 1016 is used instead" in setup("--dpi", 1016).stdout
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(40)

    def test_what_was_given_holds_for_the_next_run_and_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=72)
        setup("--dpi", 1016)
        again = setup()
        assert outcomes(again) == {"A_R": "unchanged"}
        assert "as given before: --dpi 1016" in again.stdout
        mirrors.add("A_R", dpi=72, depth=relief() * 2)
        setup()
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(40)

    def test_what_a_file_said_is_no_option_and_gives_way_to_what_it_says_now(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=254)
        setup()
        mirrors.add("A_R", dpi=508)
        setup()
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(20)

    def test_what_an_editor_wrote_is_questioned(self, mirrors, setup):
        mirrors.add("A_R", dpi=72)
        assert "which image editors write by default" in setup().stdout


class TestReader:
    def test_what_an_older_reader_made_is_made_anew_once_and_has_the_same_fingerprint(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        path = storage / "mirrors" / "A_R" / "manifest.json"
        manifest = json.loads(path.read_text())
        for part in manifest["parts"].values():
            del part["reader"]  # as every manifest before READER was
        del manifest["given"], manifest["notes"]
        path.write_text(json.dumps(manifest))
        before = prepared(storage).view("A_R").fingerprint(["depth"])
        arrays = {path: path.read_bytes() for path in path.parent.glob("*.npy")}
        assert outcomes(setup()) == {"A_R": "prepared"}
        assert outcomes(setup()) == {"A_R": "unchanged"}
        assert prepared(storage).view("A_R").fingerprint(["depth"]) == before
        assert {path: path.read_bytes() for path in path.parent.glob("*.npy")} == arrays


class TestSecondRun:
    def test_nothing_is_prepared_again(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        assert outcomes(setup()) == {"A_R": "prepared", "B_R": "prepared"}
        written = {path: path.stat().st_mtime_ns for path in storage.glob("mirrors/*/*.npy")}
        assert outcomes(setup()) == {"A_R": "unchanged", "B_R": "unchanged"}
        assert {path: path.stat().st_mtime_ns for path in storage.glob("mirrors/*/*.npy")} == written

    @pytest.mark.parametrize("file", [RawMirrors.depth_file, RawMirrors.drawing_file, RawMirrors.mask_file])
    def test_a_source_that_has_changed_is_prepared_again_and_no_other(self, mirrors, setup, file):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        with file(mirrors, "A_R").open("ab") as more:
            more.write(b"\0")  # what follows a picture's end is no part of it
        assert outcomes(setup()) == {"A_R": "prepared", "B_R": "unchanged"}

    def test_a_drawing_that_was_added_is_taken_over(self, mirrors, setup, storage):
        mirrors.add("A_R", drawn=False)
        setup()
        mirrors.add("A_R")
        setup()
        assert prepared(storage).view("A_R").truth.any()

    def test_a_drawing_that_was_taken_away_is_gone(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        mirrors.drawing_file("A_R").unlink()
        setup()
        assert not prepared(storage).view("A_R").has_truth

    @pytest.mark.parametrize("options", [("--channels", "depth,normals"), ("--dpi", "300")])
    def test_other_options_prepare_again(self, mirrors, setup, options):
        mirrors.add("A_R", dpi=None)
        mirrors.add_normals("A_R")
        setup("--dpi", 254)
        assert outcomes(setup("--dpi", 254)) == {"A_R": "unchanged"}
        assert outcomes(setup(*options)) == {"A_R": "prepared"}

    def test_a_preparation_that_was_broken_off_is_made_again(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        (storage / "mirrors" / "A_R" / "manifest.json").unlink()
        assert outcomes(setup()) == {"A_R": "prepared"}

    def test_a_view_whose_files_are_gone_is_no_longer_part_of_the_set(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        mirrors.depth_file("B_R").unlink()
        assert "no depth map in it" in setup(code=1).stderr
        assert names(storage) == ["A_R"]
        mirrors.depth_file("B_R").parent.rmdir()
        setup()
        assert names(storage) == ["A_R"]


class TestHowMasksWereRead:
    """Both commands say what is to be known of how a drawing and a mask were read, and nothing of usual ones."""

    def test_of_usual_ones_nothing_is_said(self, mirrors, setup):
        mirrors.add("A_R")
        assert "A_R_drawings.png:" not in setup().stdout

    def test_dark_lines_are_read_and_said(self, mirrors, setup, storage):
        mirrors.add("A_R")
        write_png(mirrors.drawing_file("A_R"), np.where(masked(GROOVE), 0, 255).astype(np.uint8))
        assert f"{mirrors.drawing_file('A_R')}: the lines are darker than their ground" in setup().stdout
        assert_array_equal(prepared(storage).view("A_R").scan_truth(), masked(GROOVE))

    def test_red_lines_on_paper_are_read(self, mirrors, setup, storage):
        mirrors.add("A_R")
        image = np.full((*SHAPE, 3), 255, np.uint8)
        image[GROOVE] = (0, 0, 255)
        write_png(mirrors.drawing_file("A_R"), image)
        setup()
        assert_array_equal(prepared(storage).view("A_R").scan_truth(), masked(GROOVE))

    def test_an_object_around_a_hole_is_said(self, mirrors, setup):
        mirrors.add("A_R", drawn=False)
        write_png(mirrors.mask_file("A_R"), np.where(masked(OBJECT), 0, 255).astype(np.uint8))
        assert "all of the border; if the object is black, invert it" in setup().stdout


def test_drawing_and_mask_are_decoded_once(mirrors, setup, monkeypatch):
    mirrors.add("A_R")
    read = []
    monkeypatch.setattr("data.kinds.mirrors.read_marks", lambda path, of: read.append(of) or read_marks(path, of))
    setup()
    assert sorted(read) == ["lines", "object"]
