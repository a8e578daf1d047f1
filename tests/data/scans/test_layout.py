"""Raw files on disk: which views there are, what lies beside them, and what belongs to none."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from data.errors import DataError
from data.scans.layout import find_scans, list_folder, object_of


class TestNames:
    @pytest.mark.parametrize(
        ("view", "name"),
        [("ANSA-VI-1700_R", "ANSA-VI-1700"), ("wels-11944_V", "wels-11944"), ("Inv-xx_R_R", "Inv-xx_R")],
    )
    def test_a_view_is_an_object_and_a_side(self, view, name):
        assert object_of(view) == name

    @pytest.mark.parametrize("view", ["wels-11944", "wels-11944_r", "_R", "wels_X"])
    def test_another_name_is_refused(self, view):
        with pytest.raises(DataError, match="<OBJ>_R"):
            object_of(view)


@pytest.fixture
def found(mirrors):
    """What is listed of the root."""
    return lambda: list_folder(mirrors.root, mirrors.root / "drawings", mirrors.root / "masks")


class TestFinding:
    def test_views_are_listed_by_name_with_what_lies_beside_them(self, mirrors):
        mirrors.add("wels-11944_R", drawn=False)
        mirrors.add("ANSA-VI-1700_R", cut=False)
        mirrors.add_normals("ANSA-VI-1700_R")
        first, second = find_scans(mirrors.root, mirrors.root / "drawings", mirrors.root / "masks")
        assert (first.view, second.view) == ("ANSA-VI-1700_R", "wels-11944_R")
        assert (set(first.maps), first.mask) == ({"depth", "published_depth", "normals"}, None)
        assert first.drawing == mirrors.drawing_file("ANSA-VI-1700_R")
        assert (set(second.maps), second.drawing) == ({"depth", "published_depth"}, None)
        assert second.mask == mirrors.mask_file("wels-11944_R")

    def test_a_root_that_is_not_there_is_refused_with_the_setting_to_change(self, tmp_path):
        with pytest.raises(DataError, match="RETRACE_DIR_ROOT"):
            find_scans(tmp_path / "nowhere", tmp_path, tmp_path)

    def test_a_root_without_a_scan_is_refused_with_the_layout(self, tmp_path):
        with pytest.raises(DataError, match=r"<VIEW>_U\.tif"):
            find_scans(tmp_path, tmp_path, tmp_path)

    def test_sound_views_have_no_faults_and_leave_no_strays(self, mirrors, found):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        mirrors.add("B_V")
        assert [scan.faults for scan in found().scans] == [(), ()]
        assert found().strays == []

    def test_hidden_files_are_no_scans(self, mirrors, found):
        mirrors.add("A_R")
        for path in (mirrors.depth_file("A_R"), mirrors.drawing_file("A_R")):  # as macOS leaves them on foreign disks
            path.with_name(f"._{path.name}").write_bytes(b"")
        assert ([scan.view for scan in found().scans], found().strays) == (["A_R"], [])
        assert found().scans[0].faults == ()

    def test_a_broken_link_counts_as_a_file_that_is_there(self, mirrors, found):
        mirrors.add("A_R", drawn=False)
        mirrors.drawing_file("A_R").parent.mkdir()
        mirrors.drawing_file("A_R").symlink_to("nowhere.png")
        assert found().scans[0].drawing == mirrors.drawing_file("A_R")

    def test_a_folder_of_drawings_that_is_a_file_is_refused(self, mirrors, found):
        mirrors.add("A_R", drawn=False)
        (mirrors.root / "drawings").write_text("")
        with pytest.raises(DataError, match="drawings: Not a directory; a file lies where a folder is expected"):
            found()

    def test_a_folder_that_cannot_be_listed_is_one_view_at_fault(self, mirrors, found):
        mirrors.add("A_R")
        (mirrors.root / "B").mkdir()
        (mirrors.root / "B" / "PS").write_text("a file")
        sound, broken = found().scans
        assert (sound.view, sound.faults) == ("A_R", ())
        assert broken.view == "B"
        assert "B/PS: Not a directory" in broken.faults[0]


class TestTwoOfAKind:
    @pytest.mark.parametrize(
        "name",
        [
            "A_R_drawings.PNG",
            "A_R_drawing.png",
            "A_R_drawings (1).png",
            "A_R_drawings_old.png",
            "A_R_drawings.tif",
            "a_r_Drawings.jpg",
        ],
    )
    def test_two_drawings_of_one_view_are_a_fault_that_names_both(self, mirrors, found, name):
        mirrors.add("A_R")
        (mirrors.root / "drawings" / name).write_bytes(b"")
        (fault,) = found().scans[0].faults
        assert "A_R_drawings.png: another drawing beside it" in fault
        assert name in fault

    def test_two_masks_of_one_view_are_a_fault(self, mirrors, found):
        mirrors.add("A_R")
        (mirrors.root / "masks" / "A_R_mask2.png").write_bytes(b"")
        assert "another mask beside it, A_R_mask2.png" in found().scans[0].faults[0]

    def test_a_drawing_under_another_name_alone_is_not_passed_over(self, mirrors, found):
        mirrors.add("A_R", drawn=False)
        (mirrors.root / "drawings").mkdir()
        (mirrors.root / "drawings" / "A_R_drawing.png").write_bytes(b"")
        assert "A_R_drawing.png: the drawing has to be called A_R_drawings.png" in found().scans[0].faults[0]

    def test_the_drawing_of_a_view_whose_name_begins_alike_is_no_second_one(self, mirrors, found):
        mirrors.add("A_R")
        mirrors.add("A_R_drawings_R")
        assert [scan.faults for scan in found().scans] == [(), ()]

    def test_one_view_in_two_folders_is_a_fault_of_both(self, mirrors, found):
        mirrors.add("A_R")
        path = mirrors.root / "B" / "PS" / "A_R_U.tif"
        path.parent.mkdir(parents=True)
        path.write_bytes(mirrors.depth_file("A_R").read_bytes())
        for scan in found().scans:
            assert f"{mirrors.depth_file('A_R')} and {path}: two scans of one name" in scan.faults[0]


class TestOtherNames:
    @pytest.mark.parametrize("name", ["B_R_U.TIF", "B_R_u.tif", "B_R_U.tiff", "B_R_u.TIFF"])
    def test_a_map_in_other_case_or_with_the_longer_ending_is_taken_and_said(self, mirrors, found, name):
        mirrors.add("B_R")
        path = mirrors.depth_file("B_R").rename(mirrors.depth_file("B_R").with_name(name))
        (scan,) = found().scans
        assert (scan.view, scan.maps["depth"], scan.faults) == ("B_R", path, ())
        assert scan.remarks == (f"U map: {path}",)
        assert found().strays == []

    def test_two_of_which_neither_is_called_as_it_should_be_are_a_fault_that_names_both(self, mirrors, found):
        mirrors.add("B_R")
        first = mirrors.depth_file("B_R").rename(mirrors.depth_file("B_R").with_name("B_R_U.TIF"))
        second = first.with_name("B_R_u.tif")
        second.write_bytes(b"")
        (fault,) = found().scans[0].faults
        assert fault == f"{first} and {second}: two maps of one name; rename or remove one of them"

    @pytest.mark.parametrize("name", ["a_r_Drawings.PNG", "A_R_drawings.tif", "A_R_DRAWINGS.webp"])
    def test_a_drawing_in_other_case_or_of_another_ending_is_taken_and_said(self, mirrors, found, name):
        mirrors.add("A_R", drawn=False)
        path = mirrors.root / "drawings" / name
        path.parent.mkdir()
        path.write_bytes(b"")
        (scan,) = found().scans
        assert (scan.drawing, scan.faults, scan.remarks) == (path, (), (f"drawing: {path}",))

    def test_a_mask_in_other_case_is_taken_and_said(self, mirrors, found):
        mirrors.add("A_R")
        path = mirrors.mask_file("A_R").rename(mirrors.mask_file("A_R").with_name("A_R_MASK.Png"))
        (scan,) = found().scans
        assert (scan.mask, scan.faults, scan.remarks) == (path, (), (f"mask: {path}",))


class TestUnicode:
    """A disk may hold a name in another form than that in which it is typed: ``ö`` as one character or as two."""

    @pytest.mark.parametrize(("of_map", "of_picture"), [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
    def test_files_of_one_name_belong_together_and_the_view_has_the_composed_one(
        self, mirrors, found, of_map, of_picture
    ):
        mirrors.add(normalize(of_map, "Köln_R"), drawn=False, cut=False)
        mirrors.add(normalize(of_picture, "Köln_R"))
        mirrors.depth_file(normalize(of_picture, "Köln_R")).unlink()
        mirrors.add(normalize(of_map, "Köln_R"), drawn=False, cut=False)
        (scan,) = [scan for scan in found().scans if scan.maps]
        assert scan.view == normalize("NFC", "Köln_R")
        assert scan.drawing == mirrors.drawing_file(normalize(of_picture, "Köln_R"))
        assert scan.mask == mirrors.mask_file(normalize(of_picture, "Köln_R"))
        assert found().strays == []

    def test_one_name_in_both_forms_is_a_fault(self, mirrors, found):
        for form in ("NFC", "NFD"):
            mirrors.add(normalize(form, "Köln_R"))
        for scan in found().scans:
            assert "two scans of one name in two forms of Unicode" in scan.faults[0]


class TestStrays:
    @pytest.mark.parametrize(
        "name",
        ["A/PS/A_R_U (1).tif", "A/PS/A_R_U.TIF", "drawings/Z_R_drawings.png", "masks/Z_R_mask.png",
         "drawings/A_R.png"],
    )  # fmt: skip
    def test_a_file_that_belongs_to_no_view_is_named(self, mirrors, found, name):
        mirrors.add("A_R")
        (mirrors.root / name).write_bytes(b"")
        assert found().strays == [mirrors.root / name]
        assert found().scans[0].faults == ()

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("A/PS/Z_R_N.tif", "no depth map Z_R_U.tif, though other maps"),
            ("B/PS/B_R_n.TIFF", "no depth map B_R_U.tif, though other maps"),
            ("B/PS/notes.txt", "no depth map in it"),
        ],
    )
    def test_a_view_without_a_depth_map_is_a_fault_and_not_passed_over(self, mirrors, found, name, message):
        mirrors.add("A_R")
        (mirrors.root / name).parent.mkdir(parents=True, exist_ok=True)
        (mirrors.root / name).write_bytes(b"")
        (one, other) = found().scans
        assert one.faults == ()
        assert message in other.faults[0]

    def test_a_name_that_is_not_utf_8_is_a_fault_that_can_be_printed(self, mirrors, found):
        mirrors.add("A_R")
        path = mirrors.root / "B" / "PS" / b"f\xfcr_R_U.tif".decode(errors="surrogateescape")
        path.parent.mkdir(parents=True)
        path.write_bytes(mirrors.depth_file("A_R").read_bytes())
        (other,) = (scan for scan in found().scans if scan.faults)
        assert "no name in UTF-8; rename" in other.faults[0].encode().decode()
        assert other.view == "f?r_R"

    def test_other_kinds_of_file_are_nobodys_business(self, mirrors, found):
        mirrors.add("A_R")
        for name in ("A/PS/notes.txt", "drawings/Thumbs.db", "A/photo.tif", "readme.md"):
            (mirrors.root / name).write_bytes(b"")
        assert found().strays == []

    def test_drawings_and_masks_may_share_a_folder(self, mirrors):
        mirrors.add("A_R", cut=False)
        both = mirrors.root / "drawings"
        (both / "A_R_mask.png").write_bytes(b"")
        folder = list_folder(mirrors.root, both, both)
        assert (folder.scans[0].mask, folder.strays, folder.scans[0].faults) == (both / "A_R_mask.png", [], ())
