"""Photographs of lines on disk: which mask belongs to which image, and which files belong to none.

The layout is ``images/<VIEW>.jpg``, ``masks/<VIEW>.png`` for lines, and, where not all of an image counts,
``valid/<VIEW>.png`` for the object. A mask may also be called like its image in other case, or with one of the usual
words behind the name: ``<VIEW>_mask.png``. Formats are told by their endings, in any case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.images import SUFFIXES
from data.io.files import listed
from data.paths import composed, told_apart

USUAL_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")

_WORDS = re.compile(r"(?P<view>.+)[ _.-](masks?|gt|labels?|seg|segmentation|annotations?|truth)", re.IGNORECASE)
_NOBODYS = ("thumbs.db", "desktop.ini")  # which Windows leaves in folders


@dataclass(frozen=True)
class Photograph:
    """An image, and the masks of its lines and of the object (``valid``) if there are any.

    ``faults`` states what has to be corrected in names before it can be used.
    """

    view: str
    image: Path
    mask: Path | None
    faults: tuple[str, ...] = ()
    valid: Path | None = None


@dataclass(frozen=True)
class PhotographFolder:
    """The content of a root: the photographs by name, and the files and folders that belong to none of them."""

    photographs: list[Photograph]
    strays: list[Path]

    @property
    def unusual(self) -> dict[str, list[Path]]:
        """The files that are taken though they are not called as the layout says, by what they are."""
        found: defaultdict[str, list[Path]] = defaultdict(list)
        for one in self.photographs:
            for what, path in (("images", one.image), ("masks", one.mask), ("object masks", one.valid)):
                if path and (ending := path.suffix.lower()) not in USUAL_SUFFIXES:
                    found[f"{what} that end in {ending}"].append(path)
                if path and composed(path.stem) != one.view:
                    found[f"{what} that are not called like their images"].append(path)
        return dict(found)


@dataclass(frozen=True)
class _Near:
    """A mask that is not called like an image, but nearly, and the images that it could be of."""

    mask: Path
    images: tuple[str, ...]


@dataclass(frozen=True)
class _Masks:
    """The masks of a folder: by image those of its own name and those of nearly its name; and those of no image."""

    exact: dict[str, list[Path]]
    near: defaultdict[str, list[_Near]]
    unmatched: list[Path]

    @classmethod
    def below(cls, folder: Path, images: Collection[str]) -> _Masks:
        masks = _by_name(listed(folder, SUFFIXES))
        return cls(masks, *_nearly_named(images, masks))

    def of(self, name: str, what: str) -> tuple[Path | None, list[str]]:
        """Return the mask of an image, if there is one, and what is wrong with the names of its masks."""
        near = self.near[name]
        masks = [*self.exact.get(name, []), *(one.mask for one in near)]
        faults = _one_of(masks, f"{what} of one image" if near else "pictures of one name")
        faults += [
            f"{one.mask}: could be of {' or '.join(one.images)}; rename it like its image"
            for one in near
            if len(one.images) > 1
        ]
        return next(iter(masks), None), faults


def list_photographs(root: Path) -> PhotographFolder:
    """List the photographs below a root.

    Raises
    ------
    DataError
        If there are none, or a folder cannot be listed.
    """
    images_folder, masks_folder, valid_folder = (_folder(root, name) for name in ("images", "masks", "valid"))
    images = _by_name(listed(images_folder, SUFFIXES))
    if not images:
        raise DataError(f"{root}: no images/ folder with pictures in it; a line set is images/ and masks/ side by side")
    masks, valid = _Masks.below(masks_folder, images), _Masks.below(valid_folder, images)
    photographs = [_photograph(name, paths, masks, valid) for name, paths in images.items()]
    folders = images_folder, masks_folder, valid_folder
    unused = [path for folder in folders for path in _unused(folder)]
    return PhotographFolder(photographs, [*masks.unmatched, *valid.unmatched, *unused, *_aside(root, folders)])


def _photograph(name: str, images: Sequence[Path], masks: _Masks, valid: _Masks) -> Photograph:
    (mask, of_mask), (inside, of_inside) = masks.of(name, "masks"), valid.of(name, "object masks")
    faults = (*_one_of(images, "pictures of one name"), *of_mask, *of_inside)
    return Photograph(name, images[0], mask, faults, inside)


def _one_of(paths: Sequence[Path], what: str) -> list[str]:
    """Return the fault of files of which there may be one, if there are several."""
    if len(paths) < 2:
        return []
    return [f"{' and '.join(map(str, paths))}: two {what}{told_apart(paths)}; rename or remove one of them"]


def _by_name(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return pictures by their names without ending; there should be one of each name."""
    found: dict[str, list[Path]] = {}
    for path in sorted(paths, key=lambda path: path.stem):
        found.setdefault(composed(path.stem), []).append(path)
    return found


def _nearly_named(
    images: Collection[str], masks: dict[str, list[Path]]
) -> tuple[defaultdict[str, list[_Near]], list[Path]]:
    """Return by image the masks whose names are not the image's, but nearly; and the masks of no image."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name in images:
        names[name.casefold()].append(name)
    near: defaultdict[str, list[_Near]] = defaultdict(list)
    unmatched = []
    for mask in sorted(masks.keys() - set(images)):
        without_word = _WORDS.fullmatch(mask)
        its = names.get(mask.casefold()) or (names.get(without_word["view"].casefold()) if without_word else None)
        for name in its or ():
            near[name] += [_Near(path, tuple(its or ())) for path in masks[mask]]
        unmatched += [] if its else masks[mask]
    return near, sorted(unmatched)


def _folder(root: Path, name: str) -> Path:
    """Return a folder of a root, in other case if it is only there so."""
    if (root / name).exists() or not root.is_dir():
        return root / name
    return next((path for path in listed(root) if path.name.casefold() == name and path.is_dir()), root / name)


def _unused(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder of pictures and is none."""
    for path in listed(folder):
        is_picture = path.suffix.lower() in SUFFIXES and not path.is_dir()
        if not is_picture and path.name.lower() not in _NOBODYS:
            yield path


def _aside(root: Path, used: Sequence[Path]) -> Iterator[Path]:
    """Yield pictures, and folders of pictures, that lie beside the two folders."""
    for path in listed(root):
        pictures = listed(path, SUFFIXES) if path.is_dir() else path.suffix.lower() in SUFFIXES
        if pictures and path not in used:
            yield path
