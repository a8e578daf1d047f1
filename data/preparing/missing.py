"""Which pixels of a map hold no measured value, though the file stores a number there.

A pixel is missing where its value is not finite (a reader gives NaN where a file's own tag says "no value"), where it
is one of the numbers that programs write for "no value" and stands apart from all others, and where robust limits rule
it out. The limits come from quantiles of a sample of the object, which no few wrong pixels can move, and are so wide
that relief stays within them: on a sound map nothing is ruled out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from data.preparing.streaming_statistics import MapRows, Mask, Missing, Planes, strips

FLOAT32_MAX = float(np.finfo(np.float32).max)
GAP_VALUES = (  # written for "no value" by GIS and scanner software
    *(-999.0, -9999.0, -99999.0, -32767.0, -32768.0),
    *(-FLOAT32_MAX, FLOAT32_MAX, -3.4e38, -1e38, 1e38),
)
HUGE = 1e30  # no height in any unit; -3.4e38, 1e38 and the like are beyond it, and float32 cannot hold their sums
APART_SPREADS = 0.5  # a gap value lies so far beyond all others; nearer, it may be their lowest or highest one
RAW_SPREADS = 1e4  # a value so far out is none: beside relief of 1 mm it would stand 10 m away
SPIKE_SPREADS = 10.0  # of the high-passed relief; some 30 deviations of noise, or several times the depth of a line
SPIKE_FOOT_SPREADS = 3.0  # and a spike reaches down to here; relief of made-up mirrors stays within 2.6
LENGTHS = 100.0  # normals are of one length; one that is so many times longer or shorter than most is none
MIN_SAMPLE = 64  # pixels; fewer say nothing of a spread
SAMPLE_PIXELS = 2**18

NOT_FINITE = "without a finite value"

_CENTRAL = (0.05, 0.95)  # quantiles; the spread lies between them, so 5 % of wrong pixels do not move it


def _nowhere(top: int, bottom: int) -> dict[str, Mask]:
    return {}


@dataclass(frozen=True)
class Stored:
    """How values of a map stand in its file, which messages speak of: ``value * factor + offset``.

    Parameters
    ----------
    gaps : the numbers that may stand for "no value" in this file, with what the map's reader makes of them
    factor, offset : see above
    undefined : where rows have no value as the file itself says, (h, W) bool by reason; the map's reader gives NaN
    """

    gaps: Mapping[float, float] = field(default_factory=dict)
    factor: float = 1.0
    offset: float = 0.0
    undefined: Callable[[int, int], Mapping[str, Mask]] = _nowhere

    def __call__(self, value: float) -> float:
        """Return the number that the file holds for a value of the map."""
        return value * self.factor + self.offset


@dataclass(frozen=True)
class Measured:
    """A map of one plane with NaN at each pixel that is missing; itself a ``MapRows``.

    Parameters
    ----------
    values : of the map
    stored : how they stand in the file
    gaps : those of ``stored.gaps`` that mean "no value"
    low, high : values beyond are none
    spikes : (H, W) bool; pixels that stand out of the relief
    """

    values: MapRows
    stored: Stored = field(default_factory=Stored)
    gaps: Mapping[float, float] = field(default_factory=dict)
    low: float = -HUGE
    high: float = HUGE
    spikes: Mask | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """See ``MapRows``."""
        return self.values.shape

    def rows(self, top: int, bottom: int) -> Planes:
        """See ``MapRows``."""
        part = _read(self.values, top, bottom)
        wrong = ~((part >= self.low) & (part <= self.high))  # NaN is not, either
        for value in self.gaps.values():
            if self.low <= value <= self.high:
                wrong |= part == np.float32(value)
        if self.spikes is not None:
            wrong |= self.spikes[top:bottom]
        return np.where(wrong, np.float32(np.nan), part) if wrong.any() else part

    def missing(self, mask: Mask) -> tuple[Missing, ...]:
        """Count what is missing on the object, each pixel for the first reason that holds."""
        return _counted(
            (mask[top:bottom], self._reasons(_read(self.values, top, bottom)[0], top))
            for top, bottom in strips(self.shape[1])
        )

    def _reasons(self, plane: NDArray[np.float32], top: int) -> Iterator[tuple[Mask, str]]:
        yield from _undefined(self.stored, top, len(plane))
        yield ~np.isfinite(plane), NOT_FINITE
        for number, value in self.gaps.items():
            yield plane == np.float32(value), f"of the value {number:.9g}"
        limits = f"[{self.stored(self.low):.4g}, {self.stored(self.high):.4g}]"
        yield (plane < self.low) | (plane > self.high), f"outside {limits}"
        if self.spikes is not None:
            yield self.spikes[top : top + len(plane)], "in spikes out of the relief"


@dataclass(frozen=True)
class MeasuredDirections:
    """Normals, three planes, with NaN where nothing was measured; itself a ``MapRows``.

    Zeros in a file that encodes (n + 1) / 2 are (-1, -1, -1) here, which is no direction that a camera sees.
    """

    values: MapRows
    stored: Stored
    shortest: float
    longest: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """See ``MapRows``."""
        return self.values.shape

    def rows(self, top: int, bottom: int) -> Planes:
        """See ``MapRows``."""
        part = _read(self.values, top, bottom)
        length = _lengths(part)
        wrong = ~((length >= self.shortest) & (length <= self.longest)) | (part == -1).all(axis=0)
        return np.where(wrong, np.float32(np.nan), part) if wrong.any() else part

    def missing(self, mask: Mask) -> tuple[Missing, ...]:
        """See ``Measured``."""
        return _counted(
            (mask[top:bottom], self._reasons(_read(self.values, top, bottom), top))
            for top, bottom in strips(self.shape[1])
        )

    def _reasons(self, part: Planes, top: int) -> Iterator[tuple[Mask, str]]:
        length = _lengths(part)
        yield from _undefined(self.stored, top, len(length))
        yield ~np.isfinite(length), NOT_FINITE
        yield (length < self.shortest) | (part == -1).all(axis=0), "of zeros, so without a direction"
        yield length > self.longest, f"of vectors longer than {self.longest:.4g}"


def measured(values: MapRows, mask: Mask, stored: Stored) -> Measured:
    """Return a map of one plane without the numbers that cannot be measured values.

    Parameters
    ----------
    values : of the map
    mask : (H, W) bool, True on the object
    stored : how the file holds them
    """
    sample = _sampled(values, mask)[0]
    known = sample[(np.abs(sample) < HUGE) & ~np.isin(sample, np.array([*stored.gaps.values()], np.float32))]
    if known.size < MIN_SAMPLE:
        return Measured(values, stored)
    low, high = np.quantile(known, _CENTRAL).tolist()
    spread = high - low
    if not spread:
        return Measured(values, stored)
    low, high = max(-HUGE, low - RAW_SPREADS * spread), min(HUGE, high + RAW_SPREADS * spread)
    usual = known[(known >= low) & (known <= high)]
    least, most = usual.min() - APART_SPREADS * spread, usual.max() + APART_SPREADS * spread
    gaps = {number: value for number, value in stored.gaps.items() if not least <= value <= most}
    return Measured(values, stored, gaps, low, high)


def measured_directions(normals: MapRows, mask: Mask, stored: Stored) -> MeasuredDirections:
    """Return normals, three planes, without those that are none; see ``measured``."""
    sample = _sampled(normals, mask)
    lengths = _lengths(sample)
    known = lengths[(lengths > 0) & (lengths < HUGE) & ~(sample == -1).all(axis=0)]
    usual = float(np.median(known)) if known.size else 1.0
    return MeasuredDirections(normals, stored, usual / LENGTHS, usual * LENGTHS)


def spike_limits(sample: NDArray[np.float32], spreads: float = SPIKE_SPREADS) -> tuple[float, float]:
    """Return the limits of high-passed relief, so many spreads beyond a sample of it, (N,)."""
    if sample.size < MIN_SAMPLE:
        return -np.inf, np.inf
    low, high = np.quantile(sample, _CENTRAL).tolist()
    reach = spreads * (high - low)
    return (low - reach, high + reach) if reach else (-np.inf, np.inf)


def spikes_among(out: Mask, far_out: Mask, largest_px: float) -> Mask:
    """Return which pixels out of the relief are spikes: small patches that go far out. Lines and edges are longer.

    Parameters
    ----------
    out, far_out : (H, W) bool; beyond the limits of a spike's foot, and beyond those of its top
    largest_px : height and width of a patch, at most
    """
    contours, levels = cv2.findContours(out.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    spikes = []
    for contour, (_, _, _, outer) in zip(contours, levels[0] if contours else (), strict=True):
        left, top, width, height = cv2.boundingRect(contour)
        is_small = max(width, height) <= largest_px and outer < 0  # others go around holes
        if is_small and far_out[top : top + height, left : left + width].any():
            spikes.append(contour)
    filled = np.zeros(out.shape, np.uint8)
    cv2.drawContours(filled, spikes, -1, 1, cv2.FILLED)
    return out & filled.view(np.bool_)


def _sampled(values: MapRows, mask: Mask) -> Planes:
    """Return a map's values on a regular grid over the object, (C, N), whatever is missing among them."""
    step = max(1, int(np.sqrt(np.count_nonzero(mask) / SAMPLE_PIXELS)))
    chosen = mask[::step, ::step]
    parts = [
        _read(values, row * step, row * step + 1)[:, 0, ::step][:, on_object]
        for row, on_object in enumerate(chosen)
        if on_object.any()
    ]
    return np.concatenate(parts, axis=1) if parts else np.empty((values.shape[0], 0), np.float32)


def _read(values: MapRows, top: int, bottom: int) -> Planes:
    """Return rows of a map; a number that float32 cannot hold is infinite in it, without a warning."""
    with np.errstate(over="ignore", invalid="ignore"):
        return values.rows(top, bottom)


def _undefined(stored: Stored, top: int, rows: int) -> Iterator[tuple[Mask, str]]:
    for why, where in stored.undefined(top, top + rows).items():
        yield where, why


def _lengths(vectors: Planes) -> NDArray[np.float32]:
    """Return the lengths of (3, ...) vectors."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.einsum("c...,c...->...", vectors, vectors)))


def _counted(parts: Iterable[tuple[Mask, Iterable[tuple[Mask, str]]]]) -> tuple[Missing, ...]:
    """Count pixels of strips for the first reason that holds; each strip is what of it is object, and its reasons."""
    counts: dict[str, int] = {}
    for on_object, reasons in parts:
        left = on_object.copy()
        for found, why in reasons:
            counts[why] = counts.get(why, 0) + int(np.count_nonzero(left & found))
            left &= ~found
    return tuple(Missing(pixels, why) for why, pixels in counts.items() if pixels)
