"""Photographs on disk: the mask of each, whatever it is called, and what belongs to none."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from data.errors import DataError
from data.photographs import list_photographs


@pytest.fixture
def root(tmp_path):
    """A line set's root, and a way to put empty files there: ``root("images/a.jpg", "masks/a.png")``."""

    def put(*names: str) -> Path:
        for name in names:
            path = tmp_path / "cracks" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        return tmp_path / "cracks"

    return put


def only(folder: Path):
    (photograph,) = list_photographs(folder).photographs
    return photograph


class TestPlain:
    def test_a_mask_has_the_name_of_its_image(self, root):
        folder = root("images/b.jpg", "images/a.tif", "masks/a.png", "masks/b.png")
        first, second = list_photographs(folder).photographs
        assert (first.view, first.image, first.mask) == ("a", folder / "images/a.tif", folder / "masks/a.png")
        assert (second.view, second.mask) == ("b", folder / "masks/b.png")
        assert (first.faults, second.faults) == ((), ())
        assert (list_photographs(folder).strays, list_photographs(folder).unusual) == ([], {})

    def test_an_image_without_a_mask_has_none(self, root):
        assert only(root("images/a.jpg")).mask is None

    def test_without_an_image_there_is_no_set(self, root):
        with pytest.raises(DataError, match="no images/ folder with pictures in it"):
            list_photographs(root("masks/a.png"))


class TestOtherNames:
    @pytest.mark.parametrize(
        "mask", ["a_mask.png", "a-mask.png", "a_MASKS.png", "a_gt.bmp", "a_label.png", "A.png", "A_mask.GIF"]
    )
    def test_a_mask_in_other_case_or_with_a_usual_word_is_taken_and_said(self, root, mask):
        folder = root("images/a.jpg", f"masks/{mask}")
        assert only(folder).mask == folder / "masks" / mask
        assert (
            folder / "masks" / mask in list_photographs(folder).unusual["masks that are not called like their images"]
        )
        assert (only(folder).faults, list_photographs(folder).strays) == ((), [])

    def test_an_ending_in_capitals_is_nothing_unusual(self, root):
        assert list_photographs(root("images/a.JPG", "masks/a.PNG")).unusual == {}

    @pytest.mark.parametrize("name", ["a.bmp", "a.webp", "a.gif", "a.BMP"])
    def test_images_of_every_format_are_taken_and_the_unusual_said(self, root, name):
        folder = root(f"images/{name}", "masks/a.png")
        assert (only(folder).view, only(folder).image) == ("a", folder / "images" / name)
        ending = Path(name).suffix.lower()
        assert list_photographs(folder).unusual == {f"images that end in {ending}": [folder / "images" / name]}

    def test_folders_may_be_in_other_case(self, root):
        folder = root("Images/a.jpg", "MASKS/a.png")
        assert only(folder).mask == folder / "MASKS/a.png"

    @pytest.mark.parametrize(("of_image", "of_mask"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
    def test_names_match_in_either_form_of_unicode(self, root, of_image, of_mask):
        folder = root(f"images/{normalize(of_image, 'Köln')}.jpg", f"masks/{normalize(of_mask, 'Köln')}.png")
        assert only(folder).view == normalize("NFC", "Köln")
        assert only(folder).mask is not None
        assert list_photographs(folder).unusual == {}

    def test_an_image_whose_own_name_ends_so_has_its_own_mask(self, root):
        folder = root("images/a.jpg", "images/a_mask.jpg", "masks/a.png", "masks/a_mask.png")
        first, second = list_photographs(folder).photographs
        assert (first.mask, second.mask) == (folder / "masks/a.png", folder / "masks/a_mask.png")
        assert (first.faults, second.faults) == ((), ())


class TestAmbiguous:
    @pytest.mark.parametrize("other", ["a_mask.png", "A.png", "a_gt.png"])
    def test_two_masks_that_could_be_meant_are_a_fault_that_names_both(self, root, other):
        folder = root("images/a.jpg", "masks/a.png", f"masks/{other}")
        (fault,) = only(folder).faults
        assert (
            fault
            == f"{folder}/masks/a.png and {folder}/masks/{other}: two masks of one image; rename or remove one of them"
        )

    @pytest.mark.parametrize("files", [("images/a.png", "masks/a.png"), ("images/a.jpg", "masks/a.png", "masks/a.tif")])
    def test_two_of_one_name_are_a_fault(self, root, files):
        (fault,) = only(root("images/a.jpg", *files)).faults
        assert "two pictures of one name;" in fault

    def test_two_of_one_name_that_look_alike_are_told_apart_in_words(self, root):
        names = [f"images/{normalize(form, 'Köln')}.png" for form in ("NFC", "NFD")]
        (fault,) = only(root(*names)).faults
        assert "two pictures of one name in two forms of Unicode; rename" in fault

    def test_a_mask_that_two_images_could_mean_is_a_fault_of_both(self, root):
        folder = root("images/a.jpg", "images/A.jpg", "masks/a_mask.png")
        for photograph in list_photographs(folder).photographs:
            assert photograph.faults == (f"{folder}/masks/a_mask.png: could be of A or a; rename it like its image",)


class TestStrays:
    @pytest.mark.parametrize(
        "stray",
        [
            "images/b.psd",
            "images/b.heic",
            "images/more/b.jpg",
            "masks/b.png",
            "masks/b_mask.png",
            "masks/a.mat",
            "masks/more/a.png",
            "b.jpg",
            "labels/a.png",
        ],
    )
    def test_what_belongs_to_no_image_is_named(self, root, stray):
        folder = root("images/a.jpg", "masks/a.png", stray)
        (named,) = list_photographs(folder).strays
        assert (folder / stray).is_relative_to(named)
        assert named not in (folder, folder / "images", folder / "masks")
        assert only(folder).faults == ()

    def test_what_systems_leave_behind_is_not(self, root):
        folder = root("images/a.jpg", "images/Thumbs.db", "masks/.DS_Store", "masks/desktop.ini", "readme.md")
        assert list_photographs(folder).strays == []
