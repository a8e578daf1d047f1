"""Redrawing: what a model that has learned draws anew where nobody has corrected, accepted or approved anything.

A session's initial drawing is what the drawing would be without any correction, and what networks are shown as the
initial one. A redrawing replaces it, and the drawing with it, in pixels that are not protected. So at every moment the
two differ only where a person's prompts have led to that, and what is protected follows from them, the prompts and the
marks; nothing else has to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from data.enlarging import LINE
from data.regions import Region, intersection, whole
from interaction.changes import Probabilities
from interaction.prompts import Prompt
from interaction.prompts.prompt import pinned_maps
from interaction.steps import Entry, Pixels, Redraw, marks_of
from metrics.masks import Mask

DOUBT = 0.2  # what lies within this of a line's threshold is not turned where only what is sure is to change
SLIGHT = 1 / 256  # changes of a probability below this are not taken over: most of a mirror's pixels, and none is seen


def protected_pixels(
    initial: Probabilities, current: Probabilities, prompts: Iterable[Prompt], entries: Iterable[Entry], scale: float
) -> Mask:
    """Return the pixels that no redrawing touches.

    They are those that prompts pin, those that accepted answers changed, and the places that are marked as right.

    Parameters
    ----------
    initial, current : (H, W) float32, the initial drawing, as it was redrawn so far, and the drawing
    prompts : all that hold
    entries : of the history; the marks among them count
    scale : model pixels a scan pixel

    Returns
    -------
    (H, W) bool
    """
    protected = np.asarray(initial.view(np.uint32) != current.view(np.uint32))
    for prompt in prompts:
        bounds = prompt.bounds(scale, protected.shape)
        line, ground = pinned_maps([prompt], bounds, scale)
        protected[bounds.slices] |= line | ground
    for region, mark in marks_of(entries).items():
        if mark.right:
            protected[region.slices] = True
    return protected


def differing(initial: Probabilities, drawing: Probabilities, *, sure: bool = False) -> Mask:
    """Return the pixels, (H, W) bool, that a new drawing changes in an initial one where nothing is protected.

    With ``sure`` it turns no pixel between line and ground of which it is not sure: versions that are about as good
    would turn such pixels to and fro.
    """
    turned = (drawing > LINE) != (initial > LINE)
    changed = (np.abs(drawing - initial) >= SLIGHT) | turned
    if sure:
        changed &= ~(turned & (np.abs(drawing - LINE) < DOUBT))
    return np.asarray(changed)


def redraw_of(
    initial: Probabilities, drawing: Probabilities, protected: Mask, version: str, *, sure: bool = False
) -> Redraw:
    """Return what a new drawing changes in an initial one.

    Parameters
    ----------
    initial, drawing : (H, W) float32 in [0, 1], what there is and what a model draws now
    protected : (H, W) bool, pixels that stay as they are
    version : the SHA-256 of the version that drew it
    sure : see ``differing``

    Raises
    ------
    ValueError
        If the new drawing is of another size, or not of probabilities.
    """
    if drawing.shape != initial.shape:
        raise ValueError(f"a drawing of {drawing.shape} does not fit a session of {initial.shape}")
    if not (drawing.min() >= 0 and drawing.max() <= 1):
        raise ValueError(f"a drawing holds probabilities, not values from {drawing.min()} to {drawing.max()}")
    changed = differing(initial, drawing, sure=sure) & ~protected
    after = np.where(changed, drawing, initial).astype(np.float32, copy=False)
    region = _bounds(changed)
    return Redraw.of(region, version, Pixels.between(initial[region.slices].copy(), after[region.slices].copy()))


def drawing_of(redraw: Redraw, initial: Probabilities) -> Probabilities:
    """Return the drawing that a redrawing makes of an initial one, (H, W), whatever that holds in its pixels.

    Proposed again, it gives the redrawing of a session whose prompts are others by now.
    """
    drawing = initial.copy()
    redraw.pixels.do(drawing[redraw.region.slices])
    return drawing


def line_turned(redraw: Redraw) -> tuple[int, int]:
    """Count the pixels that a redrawing turns from ground to line, and from line to ground."""
    before, after = redraw.pixels.before > LINE, redraw.pixels.after > LINE
    return int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after))


def require_fit(redraw: Redraw, initial: Probabilities, current: Probabilities, protected: Mask) -> None:
    """Raise ValueError unless a redrawing can be made of an initial drawing and a drawing, all (H, W)."""
    region, pixels = redraw.region, redraw.pixels
    inside = intersection(region, whole((initial.shape[0], initial.shape[1]))) == region
    if not inside or not all(pixels.fit(drawing[region.slices]) for drawing in (initial, current)):
        raise ValueError("the drawing has changed since this redrawing was proposed; propose it again")
    if protected[region.slices].ravel().take(pixels.where).any():
        raise ValueError("pixels of this redrawing have been corrected or approved since; propose it again")


def _bounds(changed: Mask) -> Region:
    """Return the region of the pixels that are set; an empty one if there are none."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not rows.size:
        return Region(0, 0, 0, 0)
    top, left = int(rows[0]), int(columns[0])
    return Region(top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left)
