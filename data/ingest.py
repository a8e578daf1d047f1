"""Ingest: list raw views, prepare those that are new or changed (files or options), and record them as a set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from time import perf_counter

import click

from data.asking import (
    as_shown,
    choose_test,
    described_showing,
    raw_data,
    refuse_another_root,
    showing_of_one,
    showing_of_set,
)
from data.channels import recorded_name
from data.errors import DataError, explain, some
from data.io.files import sweep, write_json
from data.kinds import Kind, kind_named
from data.line_statistics import MIRROR_LINES, LineStatistics, fit_radii, line_radii
from data.paths import composed, entry, named
from data.preparing.manifest import (
    READER,
    described,
    given_for,
    is_recorded,
    read_manifest,
    stale_parts,
    with_memory,
)
from data.preparing.source import PreparationReport, Recalling, Source
from data.preparing.writing import ViewWriter
from data.progress import ProgressBar
from data.showing import Showing
from data.storage import FORMAT, VIEW_MANIFEST, PreparedSet, PreparedView, open_view
from user_config import Settings


def prepare_set(
    config: Settings,
    dataset: str,
    root: Path,
    *,
    channels: Sequence[str],
    test: Sequence[str],
    test_last: int | None,
    dpi: float | None,
    depth_sign: int | None = None,
    line_width: float | None = None,
    polarity: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> list[str]:
    """Prepare all views below a root into STORAGE and write the manifest of the set; prints a line for each view.

    Parameters
    ----------
    config : where things lie
    dataset : name of their kind
    root : absolute path of the raw data
    channels : to prepare of each view; none: the kind's own
    test, test_last : see ``data.asking.choose_test``
    dpi, depth_sign, line_width, polarity : see ``RawData``
    progress : called with the share of the views that is done, in [0, 1]

    Returns
    -------
    list of str
        Why views were skipped; the others are prepared all the same.

    Raises
    ------
    DataError
        If nothing is found or nothing can be prepared, or the storage holds another root's views.
    """
    folder = config.storage / dataset
    kind = kind_named(dataset)
    raw = raw_data(
        kind, root, channels, dpi, config, depth_sign, line_width=line_width, polarity=polarity, asked=channels
    )
    sources = kind.sources(raw)
    refuse_another_root(folder, root)
    views = [source.view for source in sources]
    chosen = choose_test(views, test, test_last, kind.test_views)
    showing = showing_of_set(kind, raw, sources, chosen, folder, click.echo)
    sources = [as_shown(source, showing) for source in sources]
    skipped = prepare_all(sources, folder, showing.scale if showing else kind.model_scale, progress)
    members = [name for name in views if name not in skipped]
    if not members:
        raise DataError("nothing could be prepared:\n  " + "\n  ".join(skipped.values()))
    try:
        write_set(folder, kind, root, members, chosen, showing)
    except OSError as error:
        raise DataError("\n  ".join([explain(error), *skipped.values()])) from error
    return list(skipped.values())


def prepared_view(
    name: str,
    dataset: str,
    root: Path | None,
    channels: Sequence[str],
    dpi: float | None,
    config: Settings,
    depth_sign: int | None = None,
    *,
    line_width: float | None = None,
    polarity: int | None = None,
    note: Callable[[str], object] = lambda text: None,
) -> PreparedView:
    """Return one prepared view; prepare it first if that was not done, or if its files have changed since.

    ``note`` is told how a photograph of no prepared set is shown to networks.

    Raises
    ------
    DataError
        If there is no such view below the root, or it cannot be used.
    """
    folder = config.storage / dataset
    root = (root or config.root).resolve()
    kind = kind_named(dataset)
    raw = raw_data(kind, root, channels, dpi, config, depth_sign, line_width=line_width, polarity=polarity)
    sources = {source.view: source for source in kind.sources(raw)}
    refuse_another_root(folder, root)
    wanted = named(sources, name)
    if wanted is None:
        raise DataError(f"{root}: no view {name!r}; there are: {some(sources)}")
    showing = showing_of_one(kind, raw, sources, folder, wanted, note)
    scale = showing.scale if showing else kind.model_scale
    prepare_view(as_shown(sources[wanted], showing), entry(folder, name), scale)
    return open_view(entry(folder, name))


def prepare_all(
    sources: Sequence[Source], folder: Path, scale: float, progress: Callable[[float], None] = lambda share: None
) -> dict[str, str]:
    """Prepare each source below a folder, printing a line each; return why views had to be skipped, by name."""
    skipped = {}
    with ProgressBar([source.view for source in sources], click.echo, unit="views") as bar:
        for number, source in enumerate(sources, 1):
            started = perf_counter()
            try:
                place = entry(folder, source.view)
                anew = prepare_view(source, place, scale)
                view = open_view(place)
                outcome = f"prepared from {_contents(view)}" if anew else "unchanged"
                notes = _notes(view, anew)
            except (DataError, OSError) as error:
                skipped[source.view] = explain(error)
                outcome, notes = "SKIPPED", []
            bar.echo(f"[{number}/{len(sources)}] {source.view}: {outcome} ({perf_counter() - started:.1f} s)")
            for note in notes:
                bar.echo(f"  - {note}")
            bar.end(source.view)
            progress(number / len(sources))
    return skipped


def prepare_view(source: Source, folder: Path, scale: float) -> bool:
    """Prepare what of one view is not yet prepared from its files as they are now; return whether anything was.

    The manifest goes first and comes last, so that arrays without one are never taken for whole. A channel that was
    prepared before is kept up to date even if it is not asked for now.
    """
    path = folder / VIEW_MANIFEST
    shown = source.object  # first, so that a wrong name is reported before a missing file
    before = read_manifest(path)
    source = with_memory(source, before)
    parts = described(source.parts, before["parts"])
    stored_as = {name: recorded for name in parts if (recorded := recorded_name(name, folder.parent.name)) != name}
    writer = ViewWriter(folder, scale, stored_as)
    stale = stale_parts(parts, before["parts"], writer)
    if not stale and is_recorded(source, parts, before):
        return False
    report = PreparationReport(before["shape"])
    try:
        gone = before["parts"].keys() - parts.keys()
        if isinstance(source, Recalling) and (stale or gone or source.given != before["given"]):
            source = source.decided()
            parts = described(source.parts, parts)
            stale = stale_parts(parts, before["parts"], writer)
        if stale:
            path.unlink(missing_ok=True)
            sweep(folder)
            report = source.prepare(stale, writer)
    except DataError:
        path.unlink(missing_ok=True)
        _remove_arrays_but(folder, ())
        raise
    channels = [name for name in parts if name in report.statistics or name in before["statistics"]]
    manifest = {
        "format": FORMAT,
        "view": composed(source.view),
        "object": composed(shown),
        "shape": list(report.shape),
        "pixels_per_mm": source.pixels_per_mm,
        "model_scale": scale,
        "mask": source.masked,
        "drawing": "truth" in parts,
        "encodings": {name: (before["encodings"] | report.encodings)[name] for name in channels},
        "statistics": {name: (before["statistics"] | report.statistics)[name] for name in channels},
        "parts": {name: part | {"arrays": writer.sizes(name), "reader": READER} for name, part in parts.items()},
        "given": given_for(source),
        "stored_as": stored_as,
        **described_showing(source),
        "notes": {name: notes for name, notes in (before["notes"] | report.notes).items() if name in parts and notes},
    }
    if (named_before := before.get("view_before", before.get("view"))) not in (None, manifest["view"]):
        manifest["view_before"] = named_before
    write_json(path, manifest)
    _remove_arrays_but(folder, [path for name in parts for path in writer.paths(name)])
    return bool(stale)


def _remove_arrays_but(folder: Path, stored: Collection[Path]) -> None:
    for path in folder.glob("*.npy"):
        if path not in stored:
            path.unlink()


def write_set(
    folder: Path,
    kind: Kind,
    root: Path,
    members: Sequence[str],
    test: tuple[str, ...],
    showing: Showing | None = None,
) -> None:
    """Write the manifest of the set that some views form, and print a summary of it."""
    views = [open_view(entry(folder, name)) for name in members]
    lines = kind.published_lines or measured_lines(views, test, showing)
    scale = showing.scale if showing else kind.model_scale
    PreparedSet(folder, kind.name, str(root), scale, tuple(members), test, lines, showing).save()
    kept = [name for name in test if name in members]
    click.echo(f"{folder}: {len(views)} views, {len(kept)} kept for testing, line radius {lines}")
    turned = [view.name for view in views if _is_turned(view)]
    mixed = len(turned) < len(views)
    remarks = {
        "Kept for testing, but not prepared": [name for name in test if name not in members],
        "Without a drawing, so for predict only": [view.name for view in views if not view.has_truth],
        "Without a mask, so the whole image counts as object": [
            view.name for view in views if kind.has_object_masks and not view.manifest["mask"]
        ],
        "Turned, unlike the rest of the set; if all its maps grow inwards, give --depth_sign depth": turned * mixed,
        "With a remark on the drawing or the line mask, given when it was prepared": [
            view.name for view in views if view.manifest.get("notes", {}).get("truth")
        ],
        "Without a line in the mask": [view.name for view in views if view.has_truth and not view.truth.any()],
    }
    for remark, names in remarks.items():
        if names:
            click.echo(f"{remark}: {some(names)} ({len(names)} of {len(views)})")
    drawn = [view for view in views if view.has_truth]
    if drawn and not any(view.truth.any() for view in drawn):
        click.echo(
            f"No line in any of {len(drawn)} drawings or masks: nothing to train on or to score; check the files"
        )


def _is_turned(view: PreparedView) -> bool:
    """Whether a view's depth map was taken to grow inwards."""
    return any(part["parameters"].get("depth_sign") == -1 for part in view.manifest["parts"].values())


def measured_lines(views: Sequence[PreparedView], test: Sequence[str], showing: Showing | None) -> LineStatistics:
    """Measure line widths on views that are not kept for testing; where no line is drawn, return those of mirrors.

    Those are made as wide as the lines of photographs are taken to be.
    """
    radii = [line_radii(view.scan_truth()) for view in views if view.has_truth and view.name not in test]
    if any(part.size for part in radii):
        return fit_radii(radii)
    return MIRROR_LINES.scaled(showing.line_width / (2 * MIRROR_LINES.mean)) if showing else MIRROR_LINES


def _notes(view: PreparedView, anew: bool) -> list[str]:
    """Return what is to be said of a view that has just been prepared, or whose preparation still holds."""
    if anew:
        return [note for notes in view.manifest.get("notes", {}).values() for note in notes]
    given = " ".join(f"--{name} {value}" for name, value in view.manifest.get("given", {}).items())
    return [f"as given before: {given}"] if given else []


def _contents(view: PreparedView) -> str:
    """Describe what a view's files hold."""
    maps = [f"{channel} {encoding}" for channel, encoding in view.manifest["encodings"].items()]
    resolution = [] if view.pixels_per_mm is None else [f"{view.pixels_per_mm:.1f} pixels a millimetre"]
    return ", ".join([*maps, f"{view.shape[0]} x {view.shape[1]}", *resolution])
