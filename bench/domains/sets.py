"""The domains: folders of images with masks, and made-up mirrors; each is prepared as a set of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data.images import read_marks, read_photograph
from data.ingest import prepare_set
from data.io.png import write_png
from data.photographs import Photograph, list_photographs
from data.storage import SET_MANIFEST, PreparedSet
from data.synthetic.files import view_files, write_mirrors
from runs.errors import RunError
from user_config import Settings

Report = Callable[[str], None]

POOL = 40  # images that ``finetuned`` learns from, at most
MIRRORS_BESIDE = 5  # made up for that
STYLE_SEED = 1515  # no training takes this seed
REAL = {  # domains of a folder of real images: the images, and others of the kind
    "documents": ("lines/documents", None),
    "cracks-deepcrack": ("lines/cracks-deepcrack/test", "lines/cracks-deepcrack/train"),
    "vessels-chase": ("lines/vessels-chase", None),
    "roads": ("lines/roads", None),
    "cracks": ("cracks", None),
}
ETRUSCAN, ENLARGED = "etruscan", 2.68  # patches at 1 / 2.68 of a scan's pixels


@dataclass(frozen=True)
class Domain:
    """A prepared domain.

    Parameters
    ----------
    name : of the domain
    kind : of its data
    storage : where it is prepared
    views : the images of the benchmark, in their order
    pool : other images of the kind
    """

    name: str
    kind: str
    storage: Path
    views: tuple[str, ...]
    pool: tuple[str, ...]

    def config(self, config: Settings) -> Settings:
        """Return where things lie, with this domain's prepared set."""
        return replace(config, storage=self.storage)


@dataclass(frozen=True)
class Limits:
    """How much of a domain is used.

    Parameters
    ----------
    images : of each domain, at most
    side : of a crop, in pixels of the image; larger images are cropped to where most line is. Mirrors are made twice as
        large, as networks see them at half size
    beside : mirrors that are made for trainings alone
    """

    images: int
    side: int
    beside: int = 0


def of_folder(name: str, root: Path, others: Path | None, place: Path, limits: Limits, config: Settings) -> Domain:
    """Prepare a folder of images/ and masks/ as a domain, unless it is there.

    Parameters
    ----------
    name : of the domain
    root : the folder
    others : another one of the same kind, for ``finetuned``
    place : gets what is made
    limits : how much of it is used
    config : where other things lie

    Raises
    ------
    DataError, RunError
        If there are no drawn images, or an image cannot be read.
    """
    drawn = _drawn(root)
    if not drawn:
        raise RunError(f"{root}: no image with a mask; it takes images/<VIEW>.jpg and masks/<VIEW>.png")
    chosen = [drawn[index] for index in spread(len(drawn), limits.images)]
    rest = [one for one in drawn if one not in chosen]
    pool = [(f"other-{one.view}", one) for one in [*rest, *(_drawn(others) if others else [])][:POOL]]
    images = [(f"{number:03d}-{one.view}", one) for number, one in enumerate(chosen, 1)]
    views, raw = tuple(view for view, _ in images), place / "raw"
    if not (place / "storage" / "lines" / SET_MANIFEST).exists():
        for view, one in [*images, *pool]:
            _write_crop(raw, view, one, limits.side)
        # The width of lines is measured in images that are not kept for testing: the pool, or the first image, which a
        # person has drawn before any of what is learned of it is used.
        tested = views if pool else views[1:]
        _prepare(config, "lines", raw, place / "storage", channels=("grey",), test=tested)
    return Domain(name, "lines", place / "storage", views, tuple(view for view, _ in pool))


def of_style(style: str, place: Path, limits: Limits, config: Settings, report: Report) -> Domain:
    """Make mirrors in a style that no training saw, and prepare them, unless they are there."""
    count, raw, side = limits.images + limits.beside, place / "raw", 2 * limits.side
    done = (place / "storage" / "mirrors" / SET_MANIFEST).exists()
    if not done or len(PreparedSet.open(place / "storage", "mirrors").members) < count:
        write_mirrors(raw, count, side, side, STYLE_SEED, overwrite=True, report=report, style=style)
        _prepare(config, "mirrors", raw, place / "storage", channels=("depth",), test=())
    names = sorted(PreparedSet.open(place / "storage", "mirrors").members)
    return Domain(style, "mirrors", place / "storage", tuple(names[: limits.images]), tuple(names[limits.images :]))


def of_patches(folder: Path, place: Path, limits: Limits, config: Settings) -> Domain:
    """Prepare patches of real mirrors, ``patchN.png`` and ``maskN.png``, as photographs."""
    from bench.patches import read_patches

    raw = place / "patches"
    for name, (depth, drawing) in read_patches(folder, ENLARGED).items():
        for part, picture in (("images", (255 * depth.clip(0, 1)).round()), ("masks", 255 * drawing)):
            (raw / part).mkdir(parents=True, exist_ok=True)
            write_png(raw / part / f"{name}.png", picture.astype(np.uint8))
    return of_folder(ETRUSCAN, raw, None, place, limits, config)


def of_real(folder: Path, home: Path, limits: Limits, config: Settings) -> list[Domain]:
    """Prepare what a folder of real images holds; see ``REAL``. Raises RunError if it holds nothing of it."""
    found = []
    for name, (images, others) in REAL.items():
        if (folder / images / "images").is_dir():
            beside = folder / others if others else None
            found.append(of_folder(name, folder / images, beside, home / name, limits, config))
    if (folder / ETRUSCAN).is_dir():
        found.append(of_patches(folder / ETRUSCAN, home / ETRUSCAN, limits, config))
    if not found:
        raise RunError(f"{folder}: holds none of {', '.join(REAL)}, {ETRUSCAN}")
    return found


def subset(domain: Domain, views: Sequence[str], place: Path, config: Settings) -> tuple[Path, str]:
    """Prepare a set of some of a domain's images alone, to train on.

    Returns
    -------
    Its storage, and the view to validate on, which says nothing of how good the models are: half of the first
    photograph once more, or a mirror of the pool.
    """
    storage, raw, target = place / "storage", domain.storage.parent / "raw", place / "raw"
    prepared = PreparedSet.open(domain.storage, domain.kind)
    if domain.kind == "lines":
        showing = prepared.view(views[0]).showing
        assert showing is not None
        _write_half(raw, target, views[0])
        shown = {"line_width": showing.line_width, "polarity": showing.polarity}
        validation, channels = HALF, (showing.channel,)
    else:
        shown, channels = {}, ("depth",)
        validation = domain.pool[-1]
        views = [*(view for view in views if view != validation), validation]
    for view in views:
        _link(raw, target, domain.kind, view)
    _prepare(config, domain.kind, target, storage, channels=channels, test=(), **shown)
    return storage, validation


def spread(number: int, most: int) -> list[int]:
    """Return at most so many indices of a number of things, evenly spread, in their order."""
    return sorted({round(index) for index in np.linspace(0, number - 1, min(number, most))})


def _drawn(root: Path) -> list[Photograph]:
    return [one for one in list_photographs(root).photographs if one.mask is not None and not one.faults]


def _prepare(
    config: Settings,
    kind: str,
    raw: Path,
    storage: Path,
    *,
    channels: Sequence[str],
    test: Sequence[str],
    **shown: Any,
) -> None:
    where = replace(config, root=raw, storage=storage)
    how: dict[str, Any] = {"channels": channels, "test": test, "test_last": None, "dpi": None, **shown}
    skipped = prepare_set(where, kind, raw.resolve(), **how)
    if skipped:
        raise RunError("\n".join(skipped))


def _write_crop(raw: Path, view: str, photograph: Photograph, side: int) -> None:
    assert photograph.mask is not None
    colours = read_photograph(photograph.image, 3).planes
    truth = read_marks(photograph.mask, "lines").mask
    parts: dict[str, NDArray[np.uint8]] = {
        "images": np.moveaxis((255 * colours).round().astype(np.uint8), 0, -1),
        "masks": np.where(truth, np.uint8(255), np.uint8(0)),
    }
    if photograph.valid:
        valid = read_marks(photograph.valid, "object").mask
        parts["valid"] = np.where(valid, np.uint8(255), np.uint8(0))
    at = densest(truth, side)
    for part, picture in parts.items():
        (raw / part).mkdir(parents=True, exist_ok=True)
        write_png(raw / part / f"{view}.png", np.ascontiguousarray(picture[at]))


def densest(truth: NDArray[np.bool_], side: int) -> tuple[slice, slice]:
    """Return where a mask, (H, W), has most line in a window of a side; all of a side that is no longer than that."""
    height, width = (min(side, length) for length in truth.shape)
    total = cv2.integral(truth.astype(np.uint8))
    inside = total[height:, width:] - total[:-height, width:] - total[height:, :-width] + total[:-height, :-width]
    top, left = np.unravel_index(int(inside.argmax()), inside.shape)
    return slice(int(top), int(top) + height), slice(int(left), int(left) + width)


def _link(raw: Path, target: Path, kind: str, view: str) -> None:
    """Put a view's raw files into another folder, as links."""
    if kind == "lines":
        files = [path for part in ("images", "masks", "valid") for path in (raw / part).glob(f"{view}.png")]
    else:
        files = [path for path in view_files(raw, view.rpartition("_")[0]).values() if path.exists()]
    for path in files:
        link = target / path.relative_to(raw)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())


HALF = "zz-half"  # a view of a subset, to validate on


def _write_half(raw: Path, target: Path, view: str) -> None:
    for part in ("images", "masks", "valid"):
        path = raw / part / f"{view}.png"
        if path.exists():
            picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            assert picture is not None
            half = np.ascontiguousarray(picture[:, picture.shape[1] // 2 :])
            half = cv2.cvtColor(half, cv2.COLOR_BGR2RGB) if half.ndim == 3 else half
            write_png(target / part / f"{HALF}.png", np.asarray(half, np.uint8))
