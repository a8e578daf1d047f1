"""Line sets are shown at one scale, by what is given, drawn or seen; both scales are stored, and it is remembered."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.ingest import prepared_view
from data.preparing.looking import relief_of
from data.preparing.resampling import resampled_mask, shape_at
from data.regions import Region, whole
from data.showing import Showing
from tests.data.conftest import write_png
from tests.data.setup.conftest import names, outcomes, prepared
from user_config import settings

SHAPE = (90, 160)


def lines(width):
    """Return a mask of two straight lines of a width."""
    mask = np.zeros(SHAPE, np.uint8)
    for middle in (25, 65):
        mask[middle - width // 2 : middle - width // 2 + width, 10:150] = 255
    return mask


@pytest.fixture
def root(tmp_path):
    """A line set's root with photographs a and b."""
    add(tmp_path / "set", "a", 10)
    return add(tmp_path / "set", "b", 10)


def add(folder, name, width, *, drawn=True, sign=-1):
    rng = np.random.default_rng(0)
    grey = 120 + sign * 60 * (lines(width) > 0) + rng.normal(0, 5, SHAPE)
    write_png(folder / "images" / f"{name}.png", np.clip(grey, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2))
    if drawn:
        write_png(folder / "masks" / f"{name}.png", lines(width))
    return folder


def one(name, storage, root, channels=("relief",), **options):
    return prepared_view(name, "lines", root, channels, None, settings(), **options)


class TestScale:
    def test_lines_become_as_wide_as_on_mirrors_and_both_scales_are_stored(self, root, setup, storage):
        said = setup("--dataset", "lines", "--root", root).stdout
        line_set = prepared(storage, "lines")
        view = line_set.view("a")
        assert line_set.model_scale == view.scale == pytest.approx(6.195 / 10, rel=0.15)
        assert f"networks see the photographs at {view.scale:g} of their size" in said
        assert view.line_width == pytest.approx(6.195, rel=1e-3)
        assert (view.shape, view.model_shape) == (SHAPE, shape_at(SHAPE, view.scale))
        assert_array_equal(view.scan_truth(), lines(10) > 0)
        assert_array_equal(view.truth, resampled_mask(lines(10) > 0, view.scale))
        part = Region(11, 21, 30, 45)
        assert_array_equal(view.scan_truth(part), (lines(10) > 0)[part.slices])
        seen = view.read(whole(view.shape), ["grey"], 1.0)
        assert seen.shape == (1, *SHAPE)
        assert view.read(whole(view.model_shape), ["grey"], view.scale).shape == (1, *view.model_shape)
        assert line_set.lines.mean == pytest.approx(5, rel=0.15)  # in pixels of the photographs

    def test_thin_lines_are_enlarged(self, tmp_path, setup, storage):
        setup("--dataset", "lines", "--root", add(tmp_path / "thin", "a", 3))
        view = prepared(storage, "lines").view("a")
        assert view.scale == pytest.approx(6.195 / view.showing.line_width, rel=1e-3)
        assert view.scale > 1.4
        assert view.model_shape == shape_at(SHAPE, view.scale)

    def test_the_width_given_decides(self, root, setup, storage):
        setup("--dataset", "lines", "--root", root, "--line_width", 20)
        assert prepared(storage, "lines").model_scale == pytest.approx(0.31, abs=0.01)

    def test_what_another_scale_stored_is_removed(self, root, setup, storage):
        def stored(*options):
            setup("--dataset", "lines", "--root", root, *options)
            return {path.name for path in prepared(storage, "lines").view("a").folder.glob("*.npy")}

        files = {f"{name}_model.npy" for name in ("depth", "relief", "mask", "truth")}
        assert stored("--line_width", 10) > files
        assert stored("--line_width", 6.19) == files

    def test_the_scale_is_part_of_what_a_view_was_made_of(self, root, setup, storage):
        def fingerprint(*options):
            setup("--dataset", "lines", "--root", root, *options)
            return prepared(storage, "lines").view("a").fingerprint(["grey"])

        assert len({fingerprint("--line_width", width) for width in (6.19, 10, 20)}) == 3

    def test_what_no_scale_can_show_is_prepared_nowhere(self, root, setup, storage):
        valid = np.zeros(SHAPE, np.uint8)
        valid[30, 30] = 255  # a 25th of a pixel at the least scale
        write_png(root / "valid" / "a.png", valid)
        said = setup("--dataset", "lines", "--root", root, "--line_width", 40, code=1)
        assert "nothing of the object is left at the size that networks see" in said.stderr
        assert names(storage, "lines") == ["b"]

    def test_mirrors_know_no_line_width(self, mirrors, setup):
        mirrors.add("A_R")
        assert "--line_width: mirrors need none; leave it out" in setup("--line_width", 5, code=1).stderr
        assert "--polarity: mirrors need none; leave it out" in setup("--polarity", "dark", code=1).stderr


class TestRelief:
    @pytest.mark.parametrize("sign", [-1, 1])
    def test_lines_are_dark_in_it_whatever_they_are(self, tmp_path, setup, storage, sign):
        setup("--dataset", "lines", "--root", add(tmp_path / "set", "a", 10, sign=sign))
        view = prepared(storage, "lines").view("a")
        relief = view.read(whole(view.model_shape), ["relief"], view.scale)[0]
        assert relief[~view.truth].mean() - relief[view.truth].mean() > 0.2

    def test_the_polarity_given_turns_it(self, root, setup, storage):
        setup("--dataset", "lines", "--root", root)
        view = prepared(storage, "lines").view("a")
        dark = np.array(view.read(whole(view.shape), ["relief"], 1.0))
        assert outcomes(setup("--dataset", "lines", "--root", root, "--polarity", "bright"))["a"] == "prepared"
        bright = prepared(storage, "lines").view("a").read(whole(view.shape), ["relief"], 1.0)
        assert_allclose(bright, 1 - dark, atol=1e-4)

    def test_it_is_made_of_the_colour_asked_for(self, tmp_path, setup, storage):
        root = add(tmp_path / "set", "a", 10)
        image = cv2.imread(str(root / "images" / "a.png"))
        image[..., 1] = 128  # nothing in green
        write_png(root / "images" / "a.png", image)
        setup("--dataset", "lines", "--root", root, "--channels", "green")
        view = prepared(storage, "lines").view("a")
        assert view.channels == ("green", "grey", "relief")  # grey, so that the page has something to show
        assert (view.read(whole(view.shape), ["relief"], 1.0) == view.read(Region(0, 0, 1, 1), ["relief"], 1.0)).all()
        assert view.showing.channel == "green"

    def test_the_object_alone_counts(self, root, setup, storage):
        valid = np.zeros(SHAPE, np.uint8)
        valid[:, :80] = 255
        write_png(root / "valid" / "a_mask.png", valid)
        setup("--dataset", "lines", "--root", root)
        view = prepared(storage, "lines").view("a")
        assert_array_equal(view.scan_mask(), valid > 0)
        assert not view.scan_truth()[:, 80:].any()
        assert_allclose(view.read(Region(0, 80, 90, 80), ["relief"], 1.0), 0.5, atol=1e-4)

    def test_an_object_mask_of_another_size_is_refused(self, root, setup, storage):
        write_png(root / "valid" / "a.png", np.full((9, 16), 255, np.uint8))
        assert "valid/a.png: 9 x 16 pixels, but its image: 90 x 160" in (
            setup("--dataset", "lines", "--root", root, code=1).stderr
        )
        assert names(storage, "lines") == ["b"]


class TestMemory:
    def test_what_was_given_holds_until_it_is_given_anew(self, root, setup, storage):
        setup(
            "--dataset", "lines", "--root", root, "--line_width", 20, "--polarity", "bright", "--channels", "red,grey"
        )
        assert set(outcomes(setup("--dataset", "lines", "--root", root)).values()) == {"unchanged"}
        showing = prepared(storage, "lines").showing
        assert (showing.line_width, showing.polarity, showing.channel) == (20, -1, "red")
        setup("--dataset", "lines", "--root", root, "--polarity", "auto")
        assert prepared(storage, "lines").showing.polarity == 1

    def test_another_image_does_not_change_how_the_others_are_shown(self, root, setup):
        setup("--dataset", "lines", "--root", root)
        add(root, "c", 11)
        assert outcomes(setup("--dataset", "lines", "--root", root)) == {
            "a": "unchanged",
            "b": "unchanged",
            "c": "prepared",
        }

    @pytest.mark.parametrize(
        ("first", "then"), [(6.19, 12), (6.19, 50), (4.21, 6.19), (1.7123, 12), (13.7, 0.5), (50, 2)]
    )
    def test_a_change_of_scale_is_said_and_how_to_take_it_back(self, root, setup, storage, first, then):
        setup("--dataset", "lines", "--root", root, "--line_width", first)
        before = prepared(storage, "lines").model_scale
        said = setup("--dataset", "lines", "--root", root, "--line_width", then).stdout
        assert f"Until now they were seen at {before:g} of their size" in said
        setup("--dataset", "lines", "--root", root, "--line_width", said.split("; --line_width ")[1].split()[0])
        assert prepared(storage, "lines").model_scale == before


class TestOneView:
    @pytest.mark.usefixtures("storage")
    def test_without_a_set_it_is_shown_as_its_folder_looks_and_later_likewise(self, root, storage):
        first = one("a", storage, root, line_width=20.0, polarity=-1)
        assert (first.showing.line_width, first.showing.polarity) == (20, -1)
        assert one("a", storage, root).showing == first.showing
        said = []
        assert one("b", storage, root, note=said.append).showing.line_width == pytest.approx(10, rel=0.15)
        assert "(measured in 2 drawings)" in said[0]

    def test_what_was_given_for_it_holds_for_the_set_that_is_prepared_later(self, root, setup, storage):
        one("a", storage, root, line_width=20.0)
        setup("--dataset", "lines", "--root", root)
        assert prepared(storage, "lines").showing.line_width == 20

    def test_of_a_set_it_is_shown_as_all_of_it(self, root, setup, storage):
        setup("--dataset", "lines", "--root", root, "--line_width", 20)
        add(root, "c", 3, drawn=False)
        assert one("c", storage, root).showing.line_width == 20
        with pytest.raises(DataError, match="all photographs of a set are shown alike"):
            one("c", storage, root, line_width=5.0)
        with pytest.raises(DataError, match="all photographs of a set are shown alike"):
            one("c", storage, root, polarity=-1)


@pytest.mark.parametrize(
    ("width", "given", "scale"),
    [(6.25, (), 1.0), (6.71, (), 0.9233), (7.04, ("line_width",), 0.8801), (3.1, (), 1.9985), (100.0, (), 0.2)],
)
def test_lines_are_shown_as_wide_as_networks_learned_them(width, given, scale):
    assert Showing(width, given=given).scale == pytest.approx(scale, abs=2e-4)


def test_a_drawing_of_the_size_at_which_networks_see_an_image_is_a_mask_of_it(tmp_path):
    from data.kinds import RawData
    from data.kinds.lines import line_sources

    shown_at = Showing(8.0).scale
    image, line = np.full((80, 120), 200, np.uint8), np.zeros((80, 120), bool)
    line[36:44, 10:110] = True
    image[line] = 50
    write_png(tmp_path / "images" / "a.png", image)
    write_png(tmp_path / "masks" / "a.png", resampled_mask(line, shown_at).astype(np.uint8) * 255)
    (source,) = line_sources(RawData(tmp_path, Path(), Path(), ("grey",)))
    shown = source.as_shown(Showing(8.0))
    found = shown.lines()
    assert found.shape == line.shape
    assert np.count_nonzero(found != line) < 0.3 * np.count_nonzero(line)
    with pytest.raises(DataError, match="export both alike"):
        source.lines()  # nothing says at what size networks see it
    with pytest.raises(DataError, match="export both alike"):
        source.as_shown(Showing(5.0)).lines()


def test_grain_is_taken_off_before_relief_and_lines_stay():
    rng = np.random.default_rng(0)
    drawn = np.zeros((1, 64, 64), np.float32)
    drawn[:, :, 29:35] = 1
    everywhere = np.ones((64, 64), bool)
    noisy = (0.7 - 0.3 * drawn + rng.normal(0, 0.1, drawn.shape)).astype(np.float32)
    relief = relief_of(noisy, everywhere, 6.19, 1).rows(0, 64)[0]
    line, ground = relief[:, 31:33], relief[:, 5:20]
    assert line.mean() < 0.05
    assert ground.std() < 0.2 * (ground.mean() - line.mean())  # half as much as in the photograph
