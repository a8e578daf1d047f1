"""What ``python -m data.synthetic`` offers for each kind of data."""

from __future__ import annotations

from collections.abc import Collection

from data.errors import DataError

MIRRORS, LINES = "mirrors", "lines"
STYLES: dict[str, tuple[str, ...]] = {  # of each kind; the first is the default
    MIRRORS: ("engraved", "scribed", "chased"),
    LINES: (
        "mixed",
        "episodes",
        "trees",
        "writing",
        "cracks",
        "drawings",
        "streets",
        "crackle",
        "hatching",
        "contours",
        "dots",
        "dashes",
        "net",
    ),
}
OWN = {
    MIRRORS: ("mirrors", "level", "truth_widths"),
    LINES: ("images", "line_width", "polarity"),
}  # options of one kind


def refuse_others(dataset: str, given: Collection[str]) -> None:
    """Raise DataError if an option is given that is of another kind."""
    for kind, options in OWN.items():
        for name in options:
            if kind != dataset and name in given:
                option = "difficulty" if name == "level" else name
                raise DataError(f"--{option} is for --dataset {kind}; leave it out")


def chosen_style(dataset: str, name: str) -> str:
    """Return a kind's style of that name, its first one if none is named; raise DataError if there is none."""
    if name and name not in STYLES[dataset]:
        raise DataError(f"--style {name}: no style of {dataset}; there are: {', '.join(STYLES[dataset])}")
    return name or STYLES[dataset][0]
