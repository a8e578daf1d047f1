"""What options ask of raw data, and how the views of a set are shown to networks where that is no constant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.channels import DEPTH
from data.errors import DataError, some
from data.kinds import Kind, RawData
from data.paths import entry, named
from data.preparing.manifest import read_manifest
from data.preparing.source import Shown, Source
from data.showing import MODEL_LINE_WIDTH, RELIEF_OF, Showing
from data.storage import SET_MANIFEST, VIEW_MANIFEST
from user_config import Settings


def raw_data(
    kind: Kind,
    root: Path,
    channels: Sequence[str],
    dpi: float | None,
    config: Settings,
    depth_sign: int | None = None,
    *,
    line_width: float | None = None,
    polarity: int | None = None,
    asked: Sequence[str] = (),
) -> RawData:
    """Return the raw data below a root; without channels, with the kind's own.

    Parameters
    ----------
    kind, root, channels, dpi, config, depth_sign, line_width, polarity : see ``prepare_set``
    asked : those of the channels that a user named

    Raises
    ------
    DataError
        If the kind lacks one of the channels, or what an option is for.
    """
    known = kind.known_channels(channels or kind.default_channels)
    if depth_sign and DEPTH not in kind.channels:
        raise DataError(f"--depth_sign: {kind.called} have no depth map; leave it out")
    if (line_width or polarity) and not kind.showing:
        raise DataError(f"{'--line_width' if line_width else '--polarity'}: {kind.called} need none; leave it out")
    places = root / config.gt_rel, root / config.masks_rel
    relief_of = next((name for name in asked if name in RELIEF_OF), None)
    return RawData(root, *places, known, dpi, depth_sign, line_width, polarity, relief_of if kind.showing else None)


def shown_before(folder: Path) -> Showing | None:
    """Return how the views of a set were shown when it was prepared; None if it was not, or by an earlier version."""
    try:
        return Showing.of_json(json.loads((folder / SET_MANIFEST).read_text())["showing"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def choose_test(
    views: Sequence[str], wanted: Sequence[str], last: int | None, published: Sequence[str]
) -> tuple[str, ...]:
    """Return the views to keep for testing: the named and the last N, or else those published that are there.

    Raises
    ------
    DataError
        If a named view does not exist, or no view would be left to train on.
    """
    missing = [name for name in wanted if named(views, name) is None]
    if missing:
        raise DataError(f"no view {missing[0]!r} to keep for testing; there are: {some(views)}")
    typed = [found for name in wanted if (found := named(views, name)) is not None]
    chosen = [*typed, *(sorted(views)[-last:] if last else [])] or [name for name in published if name in views]
    if (typed or last) and len(set(chosen)) >= len(views):
        raise DataError(f"keeping {len(set(chosen))} of {len(views)} views for testing leaves none to train on")
    return tuple(dict.fromkeys(chosen))


def showing_of_set(
    kind: Kind,
    raw: RawData,
    sources: Sequence[Source],
    test: Sequence[str],
    folder: Path,
    note: Callable[[str], object],
) -> Showing | None:
    """Decide how the views of a set are shown, and say it; None for a kind whose scale is a constant.

    Parameters
    ----------
    kind, raw, sources : of the set
    test : names of those kept for testing
    folder : where the set was or will be prepared
    note : told how it was decided
    """
    if kind.showing is None:
        return None
    before = shown_before(folder) or next(
        (found for one in sources if (found := _showing_of_view(folder, one.view)) and found.given), None
    )
    showing = kind.showing(raw, sources, test, before)
    for text in (*showing.notes, *_earlier_scale(folder, showing)):
        note(text)
    return showing


def as_shown(source: Source, showing: Showing | None) -> Source:
    """Return a source shown as all of its set; one of a kind that knows no other scale as it is."""
    return source.as_shown(showing) if isinstance(source, Shown) else source


def showing_of_one(
    kind: Kind,
    raw: RawData,
    sources: Mapping[str, Source],
    folder: Path,
    name: str,
    note: Callable[[str], object],
) -> Showing | None:
    """Return how a view is shown: as the set that it is of; if there is none, as it was before, or as it looks.

    Raises
    ------
    DataError
        If options say another thing than what holds for all of the set.
    """
    if kind.showing is None:
        return None
    if not (folder / SET_MANIFEST).exists():
        own = kind.showing(raw, [*sources.values()], (), _showing_of_view(folder, name))
        for text in own.notes:
            note(text)
        return own
    showing = shown_before(folder)
    held = (showing.line_width, showing.polarity) if showing else (None, None)
    if any(option and option != value for option, value in zip((raw.line_width, raw.polarity), held, strict=True)):
        raise DataError(
            f"{folder}: all photographs of a set are shown alike, and this one was prepared otherwise; give the option "
            f"to `python -m data.setup --dataset {kind.name}`"
        )
    return showing


def described_showing(source: Source) -> dict[str, Any]:
    """Return what a manifest says of how a photograph is shown to networks."""
    return {"showing": source.showing.as_json()} if isinstance(source, Shown) and source.showing else {}


def refuse_another_root(folder: Path, root: Path) -> None:
    """Raise DataError if the folder holds views of another root: two sets must not mix."""
    try:
        source = json.loads((folder / SET_MANIFEST).read_text())["source"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return  # nothing there, or nothing that can be used: it is made anew
    if source != str(root):
        raise DataError(f"{folder} holds what was prepared from {source}; set RETRACE_STORAGE to another folder")


def _earlier_scale(folder: Path, showing: Showing) -> list[str]:
    """Return what is to be said if a set is shown at another scale than when it was prepared before."""
    try:
        before = float(json.loads((folder / SET_MANIFEST).read_text())["model_scale"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []
    if before == showing.scale:
        return []
    width = MODEL_LINE_WIDTH / before
    return [
        f"Until now they were seen at {before:g} of their size: models that learned from them so, and drawings begun "
        f"on them, ask for it; --line_width {width:.6g} brings it back."
    ]


def _showing_of_view(folder: Path, name: str) -> Showing | None:
    """Return how a view was shown when it was prepared; None if it was not."""
    known = read_manifest(entry(folder, name) / VIEW_MANIFEST)["showing"]
    return Showing.of_json(known) if known else None
