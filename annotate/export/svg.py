"""A drawing as SVG, to be edited: lines are strokes with widths, in layers; lengths are millimetres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from annotate.export.curves import Curve
from annotate.export.lines import Area, Dot, Line
from annotate.export.sheet import PX, Sheet
from data.io.files import write_text

DECIMALS = {"mm": 3, "px": 2}  # a micrometre; a hundredth of a pixel
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"  # says that a group is a layer


def write_svg(path: Path, sheet: Sheet) -> None:
    """Write a drawing, whole or not at all."""
    write_text(path, "\n".join(_lines(sheet)) + "\n")


def _lines(sheet: Sheet) -> Iterator[str]:
    art, decimals = sheet.art, DECIMALS[sheet.unit]
    size = f"{art.width:.{decimals}f}", f"{art.height:.{decimals}f}"
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="{INKSCAPE}" version="1.1" '
        f'width="{size[0]}{sheet.unit}" height="{size[1]}{sheet.unit}" viewBox="0 0 {size[0]} {size[1]}">'
    )
    yield f"<title>{escape(sheet.title)}</title>"
    yield f"<desc>{escape(f'{sheet.made}. {_measures(sheet)}')}</desc>"
    if art.areas:
        yield from _layer("areas", 'fill="#000" fill-rule="evenodd"', (_area(area, decimals) for area in art.areas))
    pen = 'fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round"'
    yield from _layer("lines", pen, (_line(line, decimals) for line in art.lines))
    if art.dots:
        yield from _layer("dots", 'fill="#000"', (_dot(dot, decimals) for dot in art.dots))
    yield "</svg>"


def _measures(sheet: Sheet) -> str:
    if sheet.unit == PX:
        return "Lengths are pixels of the scan, whose resolution is not known"
    return "Lengths are millimetres; the page is the whole scan"


def _layer(name: str, style: str, shapes: Iterator[str]) -> Iterator[str]:
    yield f'<g id={quoteattr(name)} inkscape:groupmode="layer" inkscape:label={quoteattr(name)} {style}>'
    yield from shapes
    yield "</g>"


def _line(line: Line, decimals: int) -> str:
    end = " Z" if line.closed else ""
    return f'<path stroke-width="{line.width:.{decimals}f}" d="{_path(line.curve, decimals)}{end}"/>'


def _area(area: Area, decimals: int) -> str:
    return f'<path d="{" ".join(_path(outline, decimals) + " Z" for outline in area.outlines)}"/>'


def _dot(dot: Dot, decimals: int) -> str:
    row, column = dot.centre
    return f'<circle cx="{column:.{decimals}f}" cy="{row:.{decimals}f}" r="{dot.radius:.{decimals}f}"/>'


def _path(curve: Curve, decimals: int) -> str:
    """Write a curve as SVG's path data: x before y."""

    def point(place: Curve) -> str:
        return f"{place[1]:.{decimals}f},{place[0]:.{decimals}f}"

    segments = (" ".join(point(place) for place in segment[1:]) for segment in curve)
    return f"M{point(curve[0, 0])} C" + " ".join(segments)
