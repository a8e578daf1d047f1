"""``python -m data.setup``: find, check and prepare the views under DIR_ROOT, once, into STORAGE."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from data.errors import DataError
from user_config import Settings, settings

if TYPE_CHECKING:
    from data.sources import Source
    from data.storage import PreparedView

TEST_VIEWS = ("ANSA-VI-1700_R", "ANSA-VI-1701_R", "wels-11944_R")  # kept for testing by the method's authors
FORMAT = 1  # of the prepared files; another one asks for a new preparation
DATASET = click.Choice(["mirrors", "lines"])


@click.command()
@click.option("--dataset", type=DATASET, default="mirrors", show_default=True)
@click.option("--root", type=click.Path(path_type=Path), help="The raw data.  [default: DIR_ROOT]")
@click.option("--channels", default="depth", show_default=True, help="Of mirrors: depth, normals, albedo; with commas.")
@click.option("--test", "test_views", multiple=True, help="A view kept for testing; repeat.  [default: the published]")
@click.option("--test_last", type=click.IntRange(min=1), help="Keep the last N views by name for testing.")
@click.option("--dpi", type=click.FloatRange(min=1), help="Resolution of scans whose files don't say it.")
def main(
    dataset: str,
    root: Path | None,
    channels: str,
    test_views: tuple[str, ...],
    test_last: int | None,
    dpi: float | None,
) -> None:
    """Prepare mirrors, or a folder of images/ and masks/ (--dataset lines), for training, evaluation and prediction."""
    config = settings()
    folder = config.storage / dataset
    root = (root or config.root).resolve()
    try:
        sources = find_sources(dataset, root, channels.replace(" ", "").split(","), dpi, config)
        test = choose_test([source.view for source in sources], test_views, test_last)
        refuse_another_root(folder, root)
        skipped = prepare_all(sources, folder)
        if len(skipped) == len(sources):
            raise DataError("nothing could be prepared:\n  " + "\n  ".join(skipped))
        drop_others(folder, [source.view for source in sources])
        write_set(folder, dataset, root, test)
    except (DataError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if skipped:
        click.echo("Skipped:\n  " + "\n  ".join(skipped), err=True)
        sys.exit(1)


def find_sources(
    dataset: str, root: Path, channels: Sequence[str], dpi: float | None, config: Settings
) -> Sequence[Source]:
    """List the raw views of a kind below a root; raises DataError if there are none."""
    from data.sources import line_sources, mirror_sources

    if dataset == "lines":
        return line_sources(root)
    return mirror_sources(root, root / config.gt_rel, root / config.masks_rel, channels, dpi)


def prepared_view(
    name: str, dataset: str, root: Path | None, channels: Sequence[str], dpi: float | None, config: Settings
) -> PreparedView:
    """Return one view, prepared now if it was not, or if its files have changed since.

    Raises
    ------
    DataError
        If there is no such view below the root, or it cannot be used.
    """
    from data.storage import VIEW_MANIFEST, open_view

    folder = config.storage / dataset
    root = (root or config.root).resolve()
    refuse_another_root(folder, root)
    if (folder / name / VIEW_MANIFEST).exists():  # looking at a view takes no channel away from training
        before = open_view(folder / name).manifest["parameters"]
        channels = list(dict.fromkeys([*before.get("channels", ()), *channels]))
        dpi = dpi or before.get("dpi")
    sources = {source.view: source for source in find_sources(dataset, root, channels, dpi, config)}
    if name not in sources:
        raise DataError(f"{root}: no view {name!r}; there are: {', '.join(list(sources)[:8])}")
    prepare_view(sources[name], folder / name)
    return open_view(folder / name)


def choose_test(views: Sequence[str], named: Sequence[str], last: int | None) -> tuple[str, ...]:
    """Return the views to keep for testing: the named ones, the last N, or those published that are there.

    Raises
    ------
    DataError
        If a named view does not exist, or no view would be left to train on.
    """
    missing = [name for name in named if name not in views]
    if missing:
        raise DataError(f"no view {missing[0]!r} to keep for testing; there are: {', '.join(views[:8])}")
    test = list(named) or (sorted(views)[-last:] if last else [name for name in TEST_VIEWS if name in views])
    if last and last >= len(views):
        raise DataError(f"--test_last {last} of {len(views)} views leaves none to train on")
    return tuple(test)


def refuse_another_root(folder: Path, root: Path) -> None:
    """Raise DataError if the folder holds views of another root: two sets must not mix."""
    from data.storage import SET_MANIFEST, PreparedSet

    if (folder / SET_MANIFEST).exists():
        source = PreparedSet.open(folder.parent, folder.name).source
        if source != str(root):
            raise DataError(f"{folder} holds what was prepared from {source}; set RETRACE_STORAGE to another folder")


def prepare_all(sources: Sequence[Source], folder: Path) -> list[str]:
    """Prepare each source below a folder, printing a line each; return what had to be skipped, with its reason."""
    skipped = []
    for number, source in enumerate(sources, 1):
        started = perf_counter()
        try:
            outcome = "prepared" if prepare_view(source, folder / source.view) else "unchanged"
        except DataError as error:
            skipped.append(str(error))
            outcome = "SKIPPED"
        click.echo(f"[{number}/{len(sources)}] {source.view}: {outcome} ({perf_counter() - started:.1f} s)")
    return skipped


def drop_others(folder: Path, names: Sequence[str]) -> None:
    """Take views out of the set whose files are not below its root, or no longer; their arrays stay on disk."""
    from data.storage import VIEW_MANIFEST

    for path in sorted(folder.glob(f"*/{VIEW_MANIFEST}")):
        if path.parent.name not in names:
            path.unlink()
            click.echo(f"{path.parent}: not among the raw data, so no longer part of the set")


def prepare_view(source: Source, folder: Path) -> bool:
    """Prepare one view unless its files and parameters are those of the last time; return whether it was needed.

    The manifest goes first and comes last, so that arrays without one are never taken for whole.
    """
    import json

    from data.storage import VIEW_MANIFEST, write_array, write_json

    key: dict[str, Any] = {
        "format": FORMAT,
        "view": source.view,
        "parameters": source.parameters,
        "sources": [_fingerprint(path) for path in source.files],
    }
    path = folder / VIEW_MANIFEST
    if path.exists():
        manifest = json.loads(path.read_text())
        if {name: manifest.get(name) for name in key} == key:
            return False
        path.unlink()
    facts = source.prepare(lambda name, array: write_array(folder / f"{name}.npy", array))
    write_json(path, key | facts)
    return True


def write_set(folder: Path, kind: str, root: Path, test: tuple[str, ...]) -> None:
    """Write the set's manifest; the line widths of a line set are measured on what is not kept for testing."""
    from data.storage import PreparedSet
    from simulation.line_statistics import MIRROR_LINES, fit_radii, line_radii

    prepared = PreparedSet(folder, kind, str(root), 1.0, test, MIRROR_LINES.as_dict())
    views = prepared.views()
    lines = MIRROR_LINES
    if kind == "lines":
        radii = [line_radii(view.truth) for view in views if view.has_truth and view.name not in test]
        if any(part.size for part in radii):
            lines = fit_radii(radii)
    PreparedSet(folder, kind, str(root), views[0].scale, test, lines.as_dict()).save()
    without = [view.name for view in views if not view.has_truth]
    click.echo(f"{folder}: {len(views)} views, {len(test)} kept for testing, line radius {lines}")
    if without:
        click.echo(f"Without a drawing, so for predict only: {', '.join(without)}")
    unmasked = [view.name for view in views if kind == "mirrors" and not view.manifest["mask"]]
    if unmasked:
        click.echo(f"Without a mask, so the whole image counts as object: {', '.join(unmasked)}")


def _fingerprint(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {"file": str(path), "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}


if __name__ == "__main__":
    main()
