"""SVG and PDF: real lengths, layers, what is shown; the same drawing gives the same bytes."""

import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from pypdf import PdfReader

from annotate.export import file_name, write_all, write_export
from annotate.export.captions import BOLD, shown_text
from annotate.export.pdf import A0_MM, UNSHOWN, bar_length, reduction_of
from annotate.export.sheet import sheet_of
from data.io.files import write_json
from data.storage import open_view

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"


def export(kind, view, session, tmp_path, name="out"):
    path = tmp_path / f"{name}.{kind}"
    write_export(kind, view, session.current, session.log, path)
    return path


def changed(view, /, **fields):
    """Return the view with other fields in its manifest."""
    write_json(view.folder / "manifest.json", json.loads((view.folder / "manifest.json").read_text()) | fields)
    return open_view(view.folder)


def layers(path):
    root = ElementTree.parse(path).getroot()
    return root, {group.get(LABEL): group for group in root.findall(f"{SVG}g")}


def test_an_svg_has_the_size_of_the_scan_in_millimetres(view, session, tmp_path):
    root, _ = layers(export("svg", view, session, tmp_path))
    assert (root.get("width"), root.get("height")) == ("8.000mm", "6.000mm")
    assert root.get("viewBox") == "0 0 8.000 6.000"


def test_its_lines_are_strokes_with_widths_and_its_dots_circles(view, session, tmp_path):
    _, groups = layers(export("svg", view, session, tmp_path))
    assert set(groups) == {"lines", "dots"}
    assert groups["lines"].get("stroke-linecap") == "round"
    paths = groups["lines"].findall(f"{SVG}path")
    widths = [float(path.get("stroke-width")) for path in paths]
    assert max(widths) == pytest.approx(12 / 40, rel=0.15)  # radius 6 px, 40 px a millimetre
    numbers = np.array(re.findall(r"-?[\d.]+", " ".join(path.get("d") for path in paths)), float).reshape(-1, 2)
    assert (numbers > 0).all()
    assert (numbers < (8, 6)).all()
    (dot,) = groups["dots"].findall(f"{SVG}circle")
    assert (float(dot.get("cx")), float(dot.get("cy"))) == pytest.approx((180.5 / 40, 180.5 / 40), abs=0.02)


def test_what_the_svg_shows_lies_where_it_was_drawn(view, session, tmp_path):
    art = sheet_of(view, session.current, session.log).art
    longest = max(art.lines, key=lambda line: np.ptp(line.curve[..., 1]) + np.ptp(line.curve[..., 0]))
    ends = sorted([longest.curve[0, 0].tolist(), longest.curve[-1, 3].tolist()], key=lambda place: place[1])
    drawn = (np.array([[50, 60], [90, 260]]) + 0.5) / 40
    assert np.abs(np.array(ends) - drawn).max() < 0.06  # about a pixel of the model


def test_it_says_what_it_shows(view, session, tmp_path):
    root, _ = layers(export("svg", view, session, tmp_path))
    assert root.findtext(f"{SVG}title") == "A_R, drawing"
    description = root.findtext(f"{SVG}desc")
    date = list(session.log.events())[-1].time[:10]
    for part in (date, "3 strokes", "retrace", "millimetres"):
        assert part in description


def test_strokes_that_were_undone_are_not_counted(view, session, tmp_path):
    before = export("svg", view, session, tmp_path).read_text()
    session.undo()
    after = export("svg", view, session, tmp_path).read_text()
    assert "3 strokes by hand" in before  # four were drawn, one of them undone
    assert "2 strokes by hand" in after


def test_line_off_the_object_is_left_out_and_that_is_said_or_shown_if_asked(view, session, tmp_path):
    current = session.current.copy()
    current[2:5, 20:60] = 1  # model pixels; the object begins at 10, 15
    said, ends = [], []
    for off_object in (False, True):
        path = tmp_path / f"{off_object}.svg"
        write_export("svg", view, current, session.log, path, off_object=off_object)
        root, groups = layers(path)
        said.append(root.findtext(f"{SVG}desc"))
        drawn = " ".join(one.get("d") for one in groups["lines"].findall(f"{SVG}path"))
        ends.append(np.array(re.findall(r"-?[\d.]+", drawn), float).reshape(-1, 2)[:, 1].min())
    assert "by hand, 0.3 mm² off the object left out, retrace" in said[0]  # 120 model pixels of 0.05 mm
    assert "by hand, 0.3 mm² off the object shown, retrace" in said[1]
    assert ends[0] > 20 / 40 > ends[1]  # millimetres from above
    assert "off the object" not in layers(export("svg", view, session, tmp_path))[0].findtext(f"{SVG}desc")


def test_a_pdf_reaches_as_far_as_the_line_that_it_shows(view, session, tmp_path):
    big, current = changed(view, pixels_per_mm=1.0), session.current.copy()
    current[2:5, 20:60] = 1
    heights = []
    for off_object in (False, True):
        path = tmp_path / f"{off_object}.pdf"
        write_export("pdf", big, current, session.log, path, off_object=off_object)
        page = PdfReader(io.BytesIO(path.read_bytes())).pages[0]
        heights.append(float(page.mediabox.height) * 25.4 / 72)
        assert f"off the object {'shown' if off_object else 'left out'}" in page.extract_text()
    assert heights[1] - heights[0] == pytest.approx(20 - 4, abs=0.1)  # the object begins at row 20, the line at row 4


def test_a_name_with_marks_is_written_as_it_is(view, session, tmp_path):
    odd = changed(view, **{"view": "<A & B>_R"})
    root, _ = layers(export("svg", odd, session, tmp_path))
    assert root.findtext(f"{SVG}title") == "<A & B>_R, drawing"


def test_without_a_resolution_lengths_are_pixels_and_that_is_reported(view, session, tmp_path):
    photograph = changed(view, pixels_per_mm=None)
    root, groups = layers(export("svg", photograph, session, tmp_path))
    assert (root.get("width"), root.get("height")) == ("320.00px", "240.00px")
    assert "pixels" in root.findtext(f"{SVG}desc")
    assert max(float(path.get("stroke-width")) for path in groups["lines"]) == pytest.approx(12, rel=0.15)


@pytest.mark.parametrize("kind", ["svg", "pdf", "csv", "json", "png"])
def test_the_same_drawing_gives_the_same_bytes(view, session, tmp_path, kind):
    one, other = (export(kind, view, session, tmp_path, name).read_bytes() for name in ("one", "other"))
    assert one == other


def test_all_exports_fit_into_one_file_that_is_the_same_each_time(view, session, tmp_path):
    paths = [tmp_path / "one.zip", tmp_path / "other.zip"]
    for path in paths:
        write_all(view, session.current, session.log, path)
    with ZipFile(paths[0]) as together:
        held = {name: together.read(name) for name in together.namelist()}
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert list(held) == ["A_R_drawings.png", "A_R.svg", "A_R.pdf", "A_R_strokes.csv", "A_R_log.json"]
    for kind in ("png", "svg", "pdf", "csv", "json"):
        assert held[file_name(view, kind)] == export(kind, view, session, tmp_path).read_bytes()


def pdf(view, session, tmp_path):
    return PdfReader(io.BytesIO(export("pdf", view, session, tmp_path).read_bytes())).pages[0]


def test_a_pdf_is_in_the_objects_own_size(view, session, tmp_path):
    big = changed(view, pixels_per_mm=1.0)  # 270 x 200 mm
    page = pdf(big, session, tmp_path)
    assert float(page.mediabox.width) == pytest.approx((270 + 20) * 72 / 25.4, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx((200 + 20 + 22) * 72 / 25.4, abs=0.1)
    text = page.extract_text()
    for part in ("A_R, drawing", "1 : 1.", "3 strokes", "5 cm"):
        assert part in text


def test_a_line_of_a_pdf_has_its_length_and_width(view, session, tmp_path):
    content = pdf(view, session, tmp_path).get_contents().get_data().decode()
    scale = 72 / 25.4
    assert f"{scale:.6f}"[:6] in content
    assert "1 J" in content
    widths = [float(width) for width in re.findall(r"([\d.]+) w\b", content)]
    assert max(width for width in widths if width < 0.39) == pytest.approx(12 / 40, rel=0.15)


def placed(page):
    """Points (x, y) in millimetres, from the page's lower left corner, at which a page's paths begin."""
    matrix, kept, points = np.eye(3), [], []
    for operands, operator in page.get_contents().operations:
        numbers = [float(value) for value in operands] if operator in (b"cm", b"m") else []
        if operator == b"q":
            kept.append(matrix)
        elif operator == b"Q":
            matrix = kept.pop()
        elif operator == b"cm":
            matrix = np.array([[*numbers[:2], 0], [*numbers[2:4], 0], [*numbers[4:], 1]]) @ matrix
        elif operator == b"m":
            points.append((np.array([*numbers, 1]) @ matrix)[:2] * 25.4 / 72)
    return np.array(points)


def test_what_a_pdf_shows_lies_where_it_was_drawn(view, session, tmp_path):
    big = changed(view, pixels_per_mm=1.0)  # the object begins 30 mm from the left, 20 mm from above
    ends = [(10 + 60.5 - 30, 10 + 22 + 220 - 50.5), (10 + 260.5 - 30, 10 + 22 + 220 - 90.5)]
    away = np.linalg.norm(placed(pdf(big, session, tmp_path))[:, None] - ends, axis=2)
    assert away.min() < 3  # a pixel of the model is 2 mm


def test_a_pdf_larger_than_a0_is_reduced_and_says_so(view, session, tmp_path):
    huge = changed(view, pixels_per_mm=0.1)  # 2.7 x 2 m
    page = pdf(huge, session, tmp_path)
    assert sorted([float(page.mediabox.width), float(page.mediabox.height)])[0] <= A0_MM[0] * 72 / 25.4
    assert sorted([float(page.mediabox.width), float(page.mediabox.height)])[1] <= A0_MM[1] * 72 / 25.4
    assert reduction_of(sheet_of(huge, session.current, session.log)) == 1 / 3
    assert "1 : 3." in page.extract_text()


def test_a_pdf_without_resolution_has_no_bar(view, session, tmp_path):
    text = pdf(changed(view, pixels_per_mm=None), session, tmp_path).extract_text()
    assert "not to scale" in text
    assert " cm" not in text
    assert " mm" not in text


@pytest.mark.parametrize(
    "name",
    ["Спб-7_R", "Αθηνά-12_R", "Třebíč-3_R", "Őrség ß-1_V", "ﬁgure_R", "𐌀𐌁𐌂-5_R", "Հայ-1_R", "ქართ-2_R", "½ № €_R"],
)
def test_a_name_of_any_alphabet_is_in_the_caption_of_a_pdf_and_its_letters_are_embedded(name, view, session, tmp_path):
    page = pdf(changed(view, view=name), session, tmp_path)
    assert f"{name}, drawing" in page.extract_text()
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    used = [font for font in fonts if "DejaVu" in font["/BaseFont"]]
    assert len(used) >= 2  # of the name and of what is below it
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)
    assert "[U+" not in page.extract_text()


def actual_texts(page):
    """What a reader copies in place of what is shown."""
    found = re.findall(r"/ActualText <([0-9A-F]+)>", page.get_contents().get_data().decode("latin-1"))
    return [bytes.fromhex(text).decode("utf-16") for text in found]


@pytest.mark.parametrize(
    ("name", "shown"), [("漢鏡-1_R", "[U+6F22][U+93E1]-1_R"), ("🪞_R", "[U+1FA9E]_R"), ("鏡𐌀_R", "[U+93E1]𐌀_R")]
)
def test_what_the_font_lacks_is_written_as_its_code_and_copied_as_it_is(name, shown, view, session, tmp_path):
    page = pdf(changed(view, view=name), session, tmp_path)
    assert f"{shown}, drawing" in page.extract_text()
    assert UNSHOWN in page.extract_text()
    assert actual_texts(page) == [f"{name}, drawing"]


def test_a_decomposed_name_is_shown_and_copied_composed(view, session, tmp_path):
    page = pdf(changed(view, view=unicodedata.normalize("NFD", "Třebíč_R")), session, tmp_path)
    assert "Třebíč_R, drawing" in page.extract_text()
    assert actual_texts(page) == []  # what is shown is what is copied


def test_letters_that_run_from_right_to_left_do_so(view, session, tmp_path):
    assert shown_text("מראה-3_R", BOLD) == "הארמ-3_R"
    page = pdf(changed(view, view="מראה-3_R"), session, tmp_path)
    assert actual_texts(page) == []  # readers turn them round themselves
    assert set("מראה") <= set(page.extract_text())


def test_a_long_name_is_written_smaller_and_stays_on_the_page(view, session, tmp_path):
    page = pdf(changed(view, view="Музей-" * 25), session, tmp_path)
    sizes = [float(size) for size in re.findall(r"/F\S+ ([\d.]+) Tf", page.get_contents().get_data().decode("latin-1"))]
    assert "Музей-" * 25 in page.extract_text()
    assert min(sizes) < 5  # 150 letters on 100 mm


@pytest.mark.parametrize(
    ("room", "length", "parts"), [(36, 20, 4), (50, 50, 5), (199, 100, 5), (9, 5, 5), (0.7, 0.5, 5)]
)
def test_the_bar_is_as_long_as_there_is_room(room, length, parts):
    assert bar_length(room) == (pytest.approx(length), parts)
