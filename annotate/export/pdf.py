"""A drawing as PDF to be printed: in the object's own size, with a scale bar and a caption."""

from __future__ import annotations

from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from annotate.export.captions import BOLD, REGULAR, draw_text, lacks
from annotate.export.curves import Curve
from annotate.export.sheet import MM, Sheet
from data.io.files import write_whole

POINTS = 72 / 25.4  # of PDF, in a millimetre
A0_MM = (841.0, 1189.0)
WITHOUT_SCALE_MM = 250.0  # the longer side of a drawing whose size is not known
MARGIN_MM, CAPTION_MM = 10.0, 22.0
LEAST_WIDTH_MM = 120.0  # of a page, so that the caption has room
BAR_SHARE, BAR_MM = 0.3, 2.0  # of the page's width that the scale bar may take; its height
UNSHOWN = "[U+...]: a character that the font of this file lacks; copied and searched, the text has it."
PARTS = {1: 5, 2: 4, 5: 5}  # of the bar, by the first digit of its length


def write_pdf(path: Path, sheet: Sheet) -> None:
    """Write a drawing, whole or not at all; the same drawing gives the same bytes.

    It is in its own size (1 : 1) or, where its page would be larger than A0, in the first of 1 : 2, 1 : 3 ... that is
    not; the caption says which.
    """
    from reportlab.pdfgen.canvas import Canvas

    top, left, bottom, right = sheet.box
    reduction = reduction_of(sheet)
    height, width = (bottom - top) * reduction, (right - left) * reduction
    page_width, page_height = max(width + 2 * MARGIN_MM, LEAST_WIDTH_MM), height + 2 * MARGIN_MM + CAPTION_MM

    def write(file: Any) -> None:
        canvas = Canvas(file, (page_width * POINTS, page_height * POINTS), invariant=True, pageCompression=1)
        canvas.setTitle(sheet.title)
        canvas.setSubject(sheet.made)
        canvas.setCreator(sheet.made.rpartition(", ")[2])
        canvas.saveState()
        canvas.translate((page_width - width) / 2 * POINTS, (page_height - MARGIN_MM) * POINTS)
        canvas.scale(reduction * POINTS, -reduction * POINTS)
        canvas.translate(-left, -top)
        _draw(canvas, sheet)
        canvas.restoreState()
        _caption(canvas, sheet, reduction, page_width)
        canvas.showPage()
        canvas.save()

    write_whole(path, write)


def reduction_of(sheet: Sheet) -> float:
    """Return how many millimetres of the page one unit of a drawing takes: 1, 1/2, 1/3 ... where that is known."""
    top, left, bottom, right = sheet.box
    height, width = bottom - top, right - left
    if sheet.unit != MM:
        return WITHOUT_SCALE_MM / max(height, width)
    room = [side - 2 * MARGIN_MM for side in A0_MM]
    upright, across = (
        max(width / (room[0] if tall else room[1]), height / ((room[1] if tall else room[0]) - CAPTION_MM))
        for tall in (True, False)
    )
    return 1 / max(1, ceil(min(upright, across)))


def bar_length(room_mm: float) -> tuple[float, int]:
    """Return the longest of 1, 2, 5, 10 ... (and 0.5, 0.2 ...) that has room, in millimetres; and its parts."""
    power = 10.0 ** floor(log10(room_mm))
    digit = max(digit for digit in PARTS if digit * power <= room_mm)
    return digit * power, PARTS[digit]


def _draw(canvas: Any, sheet: Sheet) -> None:
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for area in sheet.art.areas:
        path = canvas.beginPath()
        for outline in area.outlines:
            _follow(path, outline)
            path.close()
        canvas.drawPath(path, stroke=0, fill=1, fillMode=0)
    for line in sheet.art.lines:
        path = canvas.beginPath()
        _follow(path, line.curve)
        if line.closed:
            path.close()
        canvas.setLineWidth(line.width)
        canvas.drawPath(path, stroke=1, fill=0)
    for dot in sheet.art.dots:
        canvas.circle(dot.centre[1], dot.centre[0], dot.radius, stroke=0, fill=1)


def _follow(path: Any, curve: Curve) -> None:
    path.moveTo(curve[0, 0, 1], curve[0, 0, 0])
    for segment in curve:
        path.curveTo(*segment[1:, ::-1].ravel())


def _caption(canvas: Any, sheet: Sheet, reduction: float, page_width: float) -> None:
    """Write what is shown, how large and by what, and draw a scale bar."""
    known = sheet.unit == MM
    scale = f"1 : {round(1 / reduction)}" if known else "not to scale: the scan's resolution is not known"
    lines = [(5.0, sheet.title, 10.0, BOLD), (1.0, f"{scale}. {sheet.made}", 7.0, REGULAR)]
    if lacks(sheet.title, BOLD):
        lines.append((-2.5, UNSHOWN, 6.0, REGULAR))
    canvas.setFillGray(0)
    for above, text, size, font in lines:
        place = MARGIN_MM * POINTS, (MARGIN_MM + above) * POINTS
        draw_text(canvas, place, text, size, font=font, room=(page_width - 2 * MARGIN_MM) * POINTS)
    if not known:
        return
    length, parts = bar_length(BAR_SHARE * page_width / reduction)
    drawn = length * reduction
    left, bottom = page_width - MARGIN_MM - drawn, MARGIN_MM + 9
    canvas.setLineWidth(0.4)
    for part in range(parts):
        canvas.rect(
            (left + part * drawn / parts) * POINTS,
            bottom * POINTS,
            drawn / parts * POINTS,
            BAR_MM * POINTS,
            stroke=1,
            fill=1 - part % 2,
        )
    label = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
    canvas.setFont(REGULAR, 7)
    canvas.drawString(left * POINTS, (bottom + BAR_MM + 1) * POINTS, "0")
    canvas.drawRightString((left + drawn) * POINTS, (bottom + BAR_MM + 1) * POINTS, label)
