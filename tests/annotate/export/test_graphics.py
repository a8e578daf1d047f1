"""SVG and PDF: real lengths, layers, what is shown; the same drawing gives the same bytes."""

import io
import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from pypdf import PdfReader

from annotate.export import write_export
from annotate.export.pdf import A0_MM, bar_length, reduction_of
from annotate.export.sheet import sheet_of
from data.io.files import write_json
from data.storage import open_view
from tests.interaction.log.sessions import Session, stroke

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
    for part in (date, "3 strokes by hand, retrace", "millimetres"):  # one of four was undone
        assert part in description


def test_what_was_undone_is_not_counted(view, tmp_path):
    drawn = Session(view, tmp_path / "C" / "log.sqlite")
    drawn.draw(stroke((50, 60), (60, 150)))
    drawn.undo()
    sheet = sheet_of(view, drawn.current, drawn.log)
    drawn.log.close()
    assert "0 strokes by hand" in sheet.made


def test_line_off_the_object_is_left_out_and_that_is_said(view, session, tmp_path):
    current = session.current.copy()
    assert not view.mask[:8, :10].any()
    before = sheet_of(view, current, session.log)
    current[2:6, 2:10] = 1.0  # 4 x 8 model pixels of 0.05 mm

    sheet = sheet_of(view, current, session.log)

    assert sheet.off_object == pytest.approx(32 * 0.05**2)
    assert "0.08 mm² off the object left out" in sheet.made
    assert len(sheet.art.lines) == len(before.art.lines)
    assert "left out" not in before.made
    for kind in ("svg", "pdf"):
        write_export(kind, view, current, session.log, tmp_path / f"out.{kind}")
    assert "0.08 mm² off the object left out" in (tmp_path / "out.svg").read_text()
    assert "0.08 mm² off the object left out" in PdfReader(tmp_path / "out.pdf").pages[0].extract_text()


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
    ("room", "length", "parts"), [(36, 20, 4), (50, 50, 5), (199, 100, 5), (9, 5, 5), (0.7, 0.5, 5)]
)
def test_the_bar_is_as_long_as_there_is_room(room, length, parts):
    assert bar_length(room) == (pytest.approx(length), parts)
