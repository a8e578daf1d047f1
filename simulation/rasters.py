"""Strokes that real people drew and that are kept as pictures: read, and made strokes again.

A folder holds ``masks/NAME.png``, the truths, and ``strokes/NAME-PERSON-add.png`` and ``-erase.png``, what each person
drew on the image of that name. Pictures have no order and no time; where strokes cross they are one piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from skimage.morphology import skeletonize

from data.errors import DataError
from data.images import read_drawing
from data.regions import shape_of, whole
from interaction.prompts.strokes import ADD, ERASE, Stroke, draw
from lines.graph import Chain, SkeletonGraph
from metrics.masks import Mask

STEPS = 1.5  # pixels over which a skeleton's steps are smoothed
ENLARGE = 3  # so the middle of a stroke of even width is met within a sixth of a pixel
NAMES = re.compile(r"(?P<name>.+)-(?P<person>[^-]+)-(?P<kind>add|erase)")
LEAST_NEW = 1 / 3  # share of its pixels that no longer stroke has drawn
LEAST_PIXELS = 4  # a tip of a ragged skeleton draws fewer
SIGNS = {"add": ADD, "erase": ERASE}


@dataclass(frozen=True, eq=False)
class StrokeSet:
    """What one person drew on one image.

    Parameters
    ----------
    name, person : of the image, and of the person
    truth : (H, W) bool, the image's lines
    added, erased : (H, W) bool, the pixels of the person's strokes
    """

    name: str
    person: str
    truth: Mask
    added: Mask
    erased: Mask

    @property
    def strokes(self) -> list[Stroke]:
        """All strokes, in scan pixels; the longest first, since their order is not known."""
        drawn = [*strokes_of(self.added, ADD), *strokes_of(self.erased, ERASE)]
        return sorted(drawn, key=length_of, reverse=True)


def read_stroke_sets(folder: Path) -> list[StrokeSet]:
    """Read all stroke sets of a folder, by image and person.

    Raises
    ------
    DataError
        If there is none, an image has no mask, or sizes differ.
    """
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for path in sorted((folder / "strokes").glob("*.png")):
        if match := NAMES.fullmatch(path.stem):
            found.setdefault((match["name"], match["person"]), {})[match["kind"]] = path
    if not found:
        raise DataError(f"{folder}: no strokes/NAME-PERSON-add.png or -erase.png in it")
    return [_read(folder, name, person, files) for (name, person), files in sorted(found.items())]


def _read(folder: Path, name: str, person: str, files: dict[str, Path]) -> StrokeSet:
    mask = folder / "masks" / f"{name}.png"
    if not mask.is_file():
        raise DataError(f"{mask} is missing; each stroke set needs its image's truth")
    truth = read_drawing(mask)
    drawn = {}
    for kind in SIGNS:
        drawn[kind] = read_drawing(files[kind]) if kind in files else np.zeros_like(truth)
        if drawn[kind].shape != truth.shape:
            sizes = " and ".join(f"{width} x {height}" for height, width in (drawn[kind].shape, truth.shape))
            raise DataError(f"{files[kind]}: it and {mask} are of {sizes} pixels; they must be of one size")
    return StrokeSet(name, person, truth, drawn["add"], drawn["erase"])


def strokes_of(raster: Mask, sign: int) -> list[Stroke]:
    """Make strokes of the pixels that they left: paths along their middles, with the width found there.

    A stroke goes straight on through a junction, so two that cross are two again. What lies within longer strokes is
    left out: such pieces come of the ragged skeletons of crossings. Drawn anew the strokes cover nearly the same
    pixels.

    Parameters
    ----------
    raster : (H, W) bool
    sign : ``ADD`` or ``ERASE``

    Returns
    -------
    list of Stroke
        In the raster's pixels, the longest first.
    """
    if not raster.any():
        return []
    large = np.pad(np.kron(raster, np.ones((ENLARGE, ENLARGE), bool)), 1)
    ink = large.astype(np.uint8)
    distance = np.asarray(cv2.distanceTransform(ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
    found = [_stroke(chain, distance, sign) for chain in SkeletonGraph(skeletonize(large), distance).chains()]
    strokes, covered = [], np.zeros_like(raster)
    for stroke in sorted(found, key=length_of, reverse=True):
        drawn = draw(stroke, whole(shape_of(raster)), 1.0)
        new = np.count_nonzero(drawn & ~covered)
        if new >= LEAST_PIXELS and new > LEAST_NEW * np.count_nonzero(drawn):
            strokes.append(stroke)
            covered |= drawn
    return strokes


def _stroke(chain: Chain, distance: NDArray[np.float32], sign: int) -> Stroke:
    """Make a stroke of a chain of the enlarged skeleton, which runs in steps where the pen went smoothly."""
    radii = distance[tuple(chain.points.round().astype(int).T)]
    mode = "wrap" if chain.closed else "nearest"
    points = gaussian_filter1d(chain.points, STEPS * ENLARGE, axis=0, mode=mode)
    return Stroke((points - 1 - (ENLARGE - 1) / 2) / ENLARGE, radii / ENLARGE, sign)


def length_of(stroke: Stroke) -> float:
    """Return the length of the pen's way, in scan pixels."""
    return float(np.linalg.norm(np.diff(stroke.path_px, axis=0), axis=1).sum())
