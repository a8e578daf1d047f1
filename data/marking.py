"""One rule for all masks: which pixels of a picture are marked as line, or as object.

In this order:

1. *Opacity.* If an alpha channel has transparent and opaque pixels, the opaque ones are marked: drawings of this
   program (black, the line in the alpha channel) and cut-outs. Opaque black beside one other value is ground in an
   object's mask. Lines must be the smaller part; otherwise the colours of the opaque part decide. An alpha channel
   that is opaque throughout says nothing. A drawing that is transparent throughout is empty.
2. *Lines* are what differs from the ground. The ground is the greater part of the picture, so that lines may be bright
   on dark, dark on bright, or in any colour. Soft edges are marked from half of the full scale on (> 127 of 255), or,
   where the picture does not reach into the lowest and the highest three eighths of the scale, of its own range.
   A range of less than an eighth of the scale is noise.
3. *Labels* are pictures of few colours, or of few values that do not reach so far: whatever is not the ground is
   marked, so 1 beside 0, 2 beside 1, and all colours of a palette that are no pale shades of another. 255 beside labels
   below 32 is the border without a label that Pascal VOC draws around objects, and not marked.
4. *Objects* are bright: above 0 in any colour where there is 0 (above half of the scale where compression leaves
   noise); otherwise above half of the scale, or of the picture's own range. Where all is bright, what differs from the
   one colour of the border is object. An object may be the greater part of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from data.preparing.streaming_statistics import strips

Of = Literal["lines", "object"]
Mask = NDArray[np.bool_]

MAX_LINE_SHARE = 0.5  # of a picture: above, ground and line have been mistaken for each other
FEW_VALUES = 8  # at most, of grey labels; a soft edge has more
FEW_COLOURS = 32  # likewise in colour: Pascal VOC has 21 and one for the border
SMALL_LABEL = 31  # labels up to here are told from grey levels however many they are
WIDE = 5 / 8  # of the scale: a picture that reaches beyond it, and below the rest of it, has its edges at half of it
NOISE = 1 / 8  # of the scale: what differs by less, in more than a few values, is noise
VOID_SHARE = 10  # labels beside 255 are labels if they are a tenth as many at least, and noise otherwise
VOC_VOID = (224, 224, 192)  # the border's colour in Pascal VOC's palette
ENOUGH = 2**18  # pixels, to find the ground by
SHADE_TOLERANCE = 2  # by which a shade's values may be rounded

_DARK = "the lines are darker than their ground"
_VOID = "values below 32 are taken for labels, and 255 for the border around them, which is not marked"


@dataclass(frozen=True)
class Marks:
    """The marked pixels of a picture.

    Parameters
    ----------
    mask : (H, W) bool
    by : what decided: ``opacity``, ``brightness``, ``colour`` or ``labels``
    notes : what a user should know of the decision
    throughout : the one value, in words, if the picture has no other
    """

    mask: Mask
    by: str
    notes: tuple[str, ...] = ()
    throughout: str = ""


def marks(values: NDArray[Any], full: float, of: Of, *, lossy: bool = False) -> Marks:
    """Return the marked pixels of a picture.

    Parameters
    ----------
    values : (H, W) grey, or (H, W, C) with C of 2 (grey, alpha), 3 (RGB) or 4 (RGBA); finite
    full : the value of white
    of : whether lines or an object are marked
    lossy : whether compression left noise around edges
    """
    colours, alpha = _split(values)
    visible = None if alpha is None else _opaque(alpha, full)
    if of == "object":
        brightness = colours if colours.ndim == 2 else np.maximum.reduce([colours[..., plane] for plane in range(3)])
        if visible is None or not visible.any():
            apart = None if lossy else _on_one_colour(colours, brightness, full)
            return apart or _bright_object(brightness, full, lossy)
        painted = visible & (brightness > 0)
        is_two_valued = painted.any() and (painted != visible).any() and not _varies(brightness[painted])
        return Marks(painted if is_two_valued else visible, "opacity")
    if visible is not None:
        if _share(visible) <= MAX_LINE_SHARE:
            return Marks(visible, "opacity", throughout="" if visible.any() else "transparent")
        if not _varies(colours[visible]):
            return Marks(visible, "opacity")
        colours = np.where(visible if colours.ndim == 2 else visible[..., None], colours, _middle(colours[visible]))
    if colours.ndim == 2 or _is_grey(colours):
        return _grey_lines(colours if colours.ndim == 2 else colours[..., 0], full, lossy)
    return _coloured_lines(_eight_bits(colours, full), lossy)


def _split(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return colours, (H, W) or (H, W, 3), and alpha."""
    if values.ndim == 2 or values.shape[2] == 3:
        return values, None
    return (values[..., 0] if values.shape[2] == 2 else values[..., :3]), np.ascontiguousarray(values[..., -1])


def _half(full: float) -> float:
    """Return the largest value below half of the scale; of 16 bits it is that of their upper 8."""
    return {255: 127, 65535: 127 * 257 + 256}.get(int(full), full / 2)


def _opaque(alpha: NDArray[Any], full: float) -> Mask | None:
    """Return the opaque pixels, none where all is transparent; None if all is opaque, which says nothing."""
    low, high, half = alpha.min(), alpha.max(), _half(full)
    if high == 0:
        return np.zeros(alpha.shape, bool)
    if low == high or low > half:
        return None
    return np.asarray(alpha > (half if high > half else (float(low) + float(high)) / 2))


def _grey_lines(grey: NDArray[Any], full: float, lossy: bool) -> Marks:
    levels, counts = _histogram(grey)
    low, high = float(levels[0]), float(levels[-1])
    if low == high:
        return Marks(np.asarray(grey > _half(full)), "brightness", throughout=f"of value {levels[0]:g}")
    is_wide = low < full * (1 - WIDE) and high > full * WIDE
    if not is_wide and not lossy and (len(levels) <= FEW_VALUES or high <= SMALL_LABEL):
        ground = levels[counts.argmax()]
        if ground == levels[-1]:
            return Marks(np.asarray(grey < ground), "labels", (_DARK,))
        return Marks(np.asarray(grey > ground), "labels")
    if high - low < full * NOISE:
        return Marks(np.asarray(grey > _half(full)), "brightness", throughout=f"between {low:g} and {high:g}")
    if not lossy and _has_void(levels, counts):
        return Marks(np.asarray((grey > 0) & (grey < full)), "labels", (_VOID,))
    bright = np.asarray(grey > (_half(full) if is_wide else (low + high) / 2))
    if _share(bright) > MAX_LINE_SHARE:
        return Marks(~bright, "brightness", (_DARK,))
    return Marks(bright, "brightness")


def _has_void(levels: NDArray[Any], counts: NDArray[np.int64]) -> bool:
    """Return whether small labels stand beside 0 and 255, and are too many to be noise."""
    labels = (levels > 0) & (levels <= SMALL_LABEL)
    others = set(levels[~labels].tolist())
    return others == {0, 255} and bool(labels.any()) and bool(VOID_SHARE * counts[labels].sum() >= counts[-1])


def _coloured_lines(colours: NDArray[np.uint8], lossy: bool) -> Marks:
    """Mark what differs from the ground in any of red, green and blue."""
    there, which = (None, None) if lossy else _palette(colours)
    if there is not None and which is not None:
        levels, counts = _histogram(which)
        ground = there[levels[counts.argmax()]]
        marked, by = np.asarray(_differing(there, ground)[which]), "labels"
        throughout = "of one colour" if len(there) == 1 else ""
    else:
        ground, strength = _middle(colours.reshape(-1, 3)), np.empty(colours.shape[:2], np.uint8)
        for start, end in strips(len(colours)):
            strength[start:end] = np.abs(colours[start:end].astype(np.int16) - ground).max(axis=2)
        top = int(strength.max())
        marked, by = np.asarray(strength > max(_edge(top), 255 * NOISE)), "colour"
        throughout = "of nearly one colour" if top < 255 * NOISE else ""
    return Marks(marked, by, (_DARK,) if ground.min() > 127 and marked.any() else (), throughout)


def _edge(top: int) -> float:
    """Return the difference from the ground, of 255, from which a soft edge to a difference of ``top`` is line."""
    return 127 if top > 255 * WIDE else top / 2


def _palette(colours: NDArray[np.uint8]) -> tuple[NDArray[np.int64] | None, NDArray[np.uint8] | None]:
    """Return the colours of a picture, (N, 3), and which of them each pixel has, (H, W); None if they are many."""
    seen = np.zeros(2**24, bool)
    for top, bottom in strips(len(colours)):
        seen[_packed(colours[top:bottom])] = True
        if np.count_nonzero(seen) > FEW_COLOURS:
            return None, None
    there, number = np.flatnonzero(seen), np.zeros(2**24, np.uint8)
    number[there] = np.arange(len(there))
    which = np.concatenate([number[_packed(colours[top:bottom])] for top, bottom in strips(len(colours))])
    return np.stack([there >> 16, there >> 8 & 255, there & 255], axis=1), which


def _packed(colours: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the colours of (h, W, 3) as one number each."""
    red, green, blue = (colours[..., plane].astype(np.uint32) for plane in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def _differing(there: NDArray[np.int64], ground: NDArray[np.int64]) -> Mask:
    """Return which colours, (N, 3), are marked: not the ground, nor a pale shade of another colour on it."""
    ways = there - ground
    strength = np.abs(ways).max(axis=1)
    marked = strength > 0
    for number, way in enumerate(ways):
        shares = strength[number] / np.maximum(strength, 1)  # of the way to each other colour
        shade = np.abs(ways * shares[:, None] - way).max(axis=1) <= SHADE_TOLERANCE
        top = int(strength[shade & (strength >= strength[number])].max(initial=0))
        marked[number] &= bool(strength[number] > _edge(top))
    void = (there == VOC_VOID).all(axis=1)
    return np.asarray(marked & ~void if (marked & ~void).any() else marked)


def _on_one_colour(colours: NDArray[Any], brightness: NDArray[Any], full: float) -> Marks | None:
    """Return what differs from the one colour of the border of a bright picture; None if that says nothing."""
    edges = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    if brightness.min() <= _half(full) or _varies(edges):
        return None
    differs = colours != edges[0]
    mask = np.asarray(differs if differs.ndim == 2 else differs.any(axis=2))
    return Marks(mask, "colour") if mask.any() else None


def _bright_object(brightness: NDArray[Any], full: float, lossy: bool) -> Marks:
    low, high, half = float(brightness.min()), float(brightness.max()), _half(full)
    if low == high:
        return Marks(np.asarray(brightness > 0), "brightness", throughout=f"of value {low:g}")
    if low == 0 and not lossy:
        return Marks(np.asarray(brightness > 0), "brightness")
    if low <= half < high:
        return Marks(np.asarray(brightness > half), "brightness")
    if low > half:
        return Marks(np.ones(brightness.shape, bool), "brightness")
    levels, _ = _histogram(brightness)
    few = len(levels) <= FEW_VALUES and not lossy
    if high - low < full * NOISE and not few:
        return Marks(np.zeros(brightness.shape, bool), "brightness", throughout=f"between {low:g} and {high:g}")
    return Marks(np.asarray(brightness > (low if few else (low + high) / 2)), "labels" if few else "brightness")


def _histogram(grey: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values that there are, from the lowest, and how often."""
    if grey.dtype not in (np.uint8, np.uint16):
        return np.unique(grey, return_counts=True)
    size = np.iinfo(grey.dtype.str).max + 1
    counts = sum(np.bincount(grey[top:bottom].ravel(), minlength=size) for top, bottom in strips(len(grey)))
    levels = np.flatnonzero(counts)
    return levels, np.asarray(counts)[levels]


def is_around_a_hole(mask: Mask) -> bool:
    """Return whether a mask marks all of the picture's border, but not all of the picture."""
    return bool(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).all() and not mask.all())


def _share(mask: Mask) -> float:
    return float(np.count_nonzero(mask) / mask.size)


def _is_grey(colours: NDArray[Any]) -> bool:
    parts = (colours[top:bottom] for top, bottom in strips(len(colours)))
    return all((part[..., 0] == part[..., plane]).all() for part in parts for plane in (1, 2))


def _varies(colours: NDArray[Any]) -> bool:
    return bool((colours != colours[:1]).any())


def _middle(colours: NDArray[Any]) -> NDArray[Any]:
    """Return the median of (N,) or (N, 3) values, for each colour by itself, of as many as are enough."""
    some = colours[:: max(1, len(colours) // ENOUGH)]
    return np.asarray(np.percentile(some, 50, axis=0, method="lower"), colours.dtype)


def _eight_bits(colours: NDArray[Any], full: float) -> NDArray[np.uint8]:
    """Return colours in 8 bits; values that need no more are left as they are, however they are stored."""
    if colours.dtype == np.uint8 or (full > 255 and colours.max() <= 255):
        return colours.astype(np.uint8)
    return np.asarray(np.clip(colours * (255 / full), 0, 255), np.uint8)
