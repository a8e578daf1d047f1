"""The mirrors of the benchmark: a small made-up set of its own, or what another prepared set holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from data.ingest import prepare_set
from data.storage import SET_MANIFEST, PreparedSet
from data.synthetic.files import write_mirrors
from runs.errors import RunError
from user_config import Settings

KIND = "mirrors"
SEED, HEIGHT, WIDTH = 404, 2400, 1800  # scan pixels; no training takes this seed
FIRST = 901  # nor mirrors of these numbers


def own_set(folder: Path, mirrors: int, config: Settings, report: Callable[[str], None]) -> Path:
    """Make and prepare mirrors of mixed difficulty below a folder, unless they are there; return their storage.

    Parameters
    ----------
    folder : gets ``mirrors/`` and ``storage/``
    mirrors : how many
    config : names of files
    report : called with a line for each mirror that is made

    Raises
    ------
    DataError, RunError
        If an earlier start was cut short, or the folder holds another number of mirrors.
    """
    root, storage = folder / "mirrors", folder / "storage"
    if not (storage / KIND / SET_MANIFEST).exists():
        write_mirrors(root, mirrors, HEIGHT, WIDTH, SEED, overwrite=True, report=report, first=FIRST)
        prepare_set(
            replace(config, root=root, storage=storage),
            KIND,
            root.resolve(),
            channels=("depth",),
            test=(),
            test_last=None,
            dpi=None,
        )
    there = len(PreparedSet.open(storage, KIND).members)
    if there != mirrors:
        raise RunError(f"{folder}: holds {there} mirrors, {mirrors} asked for; name another folder")
    return storage


def drawn_views(storage: Path, dataset: str) -> list[str]:
    """Return a prepared set's drawn views, by name: those kept for testing, or all where none is kept.

    Raises
    ------
    DataError, RunError
        If nothing is prepared there, or no view is drawn.
    """
    prepared = PreparedSet.open(storage, dataset)
    chosen = [name for name in prepared.test if name in prepared.members] or prepared.members
    drawn = [name for name in chosen if prepared.view(name).has_truth]
    if not drawn:
        raise RunError(f"{storage}: no drawn view among {', '.join(chosen)}")
    return drawn
