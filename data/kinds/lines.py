"""A photograph with a mask of its lines, and how it becomes a prepared view."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.io.pictures import read_grey, read_line_mask
from data.kinds.scans import listed
from data.kinds.source import Facts, Part, require_shape
from data.preparing.channels import Prepared
from data.preparing.writing import ViewWriter

MODEL_SCALE = 1.0  # networks see photographs as they are
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")


@dataclass(frozen=True)
class LineSource:
    """A photograph and a mask of its lines; the grey image takes the depth's place, at 1:1 pixels."""

    image: Path
    mask: Path | None
    faults: tuple[str, ...] = ()
    scale = MODEL_SCALE
    pixels_per_mm = None
    masked = False

    @property
    def view(self) -> str:
        """The image's name without its suffix."""
        return self.image.stem

    @property
    def object(self) -> str:
        """Each image is an object of its own."""
        return self.view

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        if self.faults:
            raise DataError("; ".join(self.faults))
        image = Part((self.image,))
        parts = {"depth": image, "mask": image}
        return parts | {"truth": Part((self.mask, self.image))} if self.mask else parts

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> LineSource:
        """A photograph has no further channel, and no resolution."""
        return self

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> Facts:
        """See ``Source``."""
        grey = read_grey(self.image)
        everywhere = np.ones(grey.shape, bool)
        facts = Facts((grey.shape[0], grey.shape[1]))
        if "depth" in parts:
            as_it_is = Prepared((1, *facts.shape), lambda top, bottom: grey[None, top:bottom], 0.0)
            facts.statistics["depth"] = writer.planes("depth", as_it_is, everywhere)
            facts.encodings["depth"] = f"grey of {self.image.suffix.removeprefix('.').lower()}"
        if "mask" in parts:
            writer.mask("mask", everywhere)
        if "truth" in parts and self.mask:
            lines = read_line_mask(self.mask)
            require_shape(self.mask, lines.shape, grey.shape, "its image")
            writer.mask("truth", lines)
        return facts


def line_sources(root: Path) -> list[LineSource]:
    """List the photographs in ``root/images`` with their masks, of the same stem, in ``root/masks``.

    Raises
    ------
    DataError
        If there are none.
    """
    images, masks = _pictures_by_name(root / "images"), _pictures_by_name(root / "masks")
    if not images:
        raise DataError(f"{root}: no images/ folder with pictures in it; a line set is images/ and masks/ side by side")
    return [
        LineSource(paths[0], next(iter(masks.get(name, [])), None), (*_alike(paths), *_alike(masks.get(name, []))))
        for name, paths in images.items()
    ]


def _pictures_by_name(folder: Path) -> dict[str, list[Path]]:
    """Return the pictures in a folder by their names without suffix, as which one is expected."""
    found: dict[str, list[Path]] = {}
    for path in sorted(listed(folder, IMAGE_SUFFIXES), key=lambda path: path.stem):
        found.setdefault(path.stem, []).append(path)
    return found


def _alike(paths: Sequence[Path]) -> tuple[str, ...]:
    """Say what is wrong where pictures share a name."""
    if len(paths) < 2:
        return ()
    return (f"{' and '.join(map(str, paths))}: two pictures of one name; rename or remove one of them",)
