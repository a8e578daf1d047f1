"""Text in a PDF, in any script: the font is embedded, and what it lacks is written as its code point.

Whatever is shown, the text that a reader searches and copies is the text itself. Arabic letters are not joined, since
nothing here shapes them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"  # matplotlib's own copies; free to embed
RIGHT_TO_LEFT = ("R", "AL", "NSM")  # Unicode's classes of letters, and of the marks on them


def draw_text(canvas: Any, place: tuple[float, float], text: str, size: float, *, font: str, room: float) -> str:
    """Write a line of text, smaller where it would be longer than there is room; return what is shown of it.

    Parameters
    ----------
    canvas : reportlab's, of a PDF
    place : x and y of the line's left end, in points
    text : any Unicode; control characters become spaces
    size : of the font, in points
    font : ``REGULAR`` or ``BOLD``
    room : width, in points
    """
    shown = shown_text(text, font)
    width = stringWidth(shown, font, size)
    canvas.setFont(font, size * min(1.0, room / width) if width else size)
    replaced = shown != text and shown != _visual(text)  # of the other direction: readers turn it round themselves
    if replaced:
        canvas.addLiteral(f"/Span << /ActualText <FEFF{_utf16(text)}> >> BDC")
    canvas.drawString(*place, shown)
    if replaced:
        canvas.addLiteral("EMC")
    return shown


def shown_text(text: str, font: str) -> str:
    """Return how a text is shown: composed, from left to right, with ``[U+6F22]`` for a character without a glyph."""
    known = _glyphs(font)
    plain = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    composed = _visual(unicodedata.normalize("NFC", plain))
    return "".join(character if ord(character) in known else f"[U+{ord(character):04X}]" for character in composed)


def lacks(text: str, font: str) -> bool:
    """Whether a font lacks a character of a text."""
    return not {ord(character) for character in unicodedata.normalize("NFC", text)} <= _glyphs(font)


def _visual(text: str) -> str:
    """Turn the letters of scripts that run from right to left round, as PDF has no direction of its own."""
    runs = groupby(text, key=lambda character: unicodedata.bidirectional(character) in RIGHT_TO_LEFT)
    return "".join("".join(reversed(list(run))) if turned else "".join(run) for turned, run in runs)


class _Font(TTFont):
    """A font that says of all of its characters which they are: reportlab writes those beyond U+FFFF wrongly."""

    def addObjects(self, doc: Any) -> None:
        """Embed what a document uses."""
        super().addObjects(doc)
        for name, part in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                part.content = re.sub("<([0-9A-F]{5,6})>$", _in_utf16, part.content, flags=re.MULTILINE)


def _in_utf16(found: re.Match[str]) -> str:
    return f"<{_utf16(chr(int(found[1], 16)))}>"


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


@cache
def _glyphs(font: str) -> frozenset[int]:
    """Make a font known to reportlab, which embeds what a document uses; return the code points that it can show."""
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"
    made = _Font(font, str(path), asciiReadable=0)
    registerFont(made)
    return frozenset(made.face.charToGlyph)
