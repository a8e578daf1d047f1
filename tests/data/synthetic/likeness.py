"""How like real patches the made-up ones are, in numbers.

A patch is what the network sees: high-passed depth ``(H, W)`` in [0, 1] at model scale (20 pixels a millimetre), with
its drawing ``(H, W)`` bool. Real patches that were cut from a printed figure have 8 bits and perhaps a stretched
contrast, and their drawings lie a pixel or two off, so absolute levels are not compared: only ratios are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from data.synthetic.mirror import Mirror
from data.synthetic.parts import SIDE_PX, as_seen

Patch = NDArray[np.float32]
Mask = NDArray[np.bool_]

BESIDE_PX = 3  # what lies closer to a line than that is neither line nor ground
OCTAVES_PX = (4, 8, 16, 32, 64)  # wavelengths; the enlarged real patches hold nothing shorter
LEAST_LINE_SHARE = 0.04  # a patch with less says little about lines
LEAST_OBJECT_SHARE = 0.7
RANGE = (0.1, 0.9)  # quantiles over made-up patches between which a real one counts as met


@dataclass(frozen=True)
class Traits:
    """What is compared of a patch.

    Attributes
    ----------
    line_share : drawn pixels over all
    line_width : median full width of the drawn lines, in model pixels
    contrast : mean of the ground less mean of the lines, over the deviation of the ground
    darkness : chance that a random line pixel is darker than a random pixel of the ground (area under the ROC curve)
    ground_4, ground_8, ground_16, ground_32 : shares of the ground's variance at wavelengths from that many model
        pixels to twice as many; they add to one
    slope : of the ground's power per unit of frequency against frequency, both logarithmic
    pfm : published pFM of `adaptive_mean`, a method that has learned nothing
    """

    line_share: float
    line_width: float
    contrast: float
    darkness: float
    ground_4: float
    ground_8: float
    ground_16: float
    ground_32: float
    slope: float
    pfm: float


def traits(depth: Patch, drawing: Mask) -> Traits:
    """Measure a patch: high-passed depth in [0, 1] and its drawing, of one shape, neither all line nor all ground.

    Raises
    ------
    ValueError
        If the shapes differ, or lines or ground are missing.
    """
    from metrics import pfm

    if depth.shape != drawing.shape:
        raise ValueError(f"the depth is {depth.shape}, its drawing {drawing.shape}")
    ground = ground_of(drawing)
    if not drawing.any() or not ground.any():
        raise ValueError("a patch needs lines and ground to be measured")
    bands = ground_spectrum(depth, ground)
    gap = float(depth[ground].mean() - depth[drawing].mean())
    return Traits(
        line_share=float(drawing.mean()),
        line_width=line_width(drawing),
        contrast=gap / max(float(depth[ground].std()), 1e-6),
        darkness=darkness(depth[drawing], depth[ground]),
        ground_4=float(bands[0]),
        ground_8=float(bands[1]),
        ground_16=float(bands[2]),
        ground_32=float(bands[3]),
        slope=slope(bands),
        pfm=pfm(adaptive_mean(depth), drawing),
    )


def ground_of(drawing: Mask) -> Mask:
    """What is clearly no line: `BESIDE_PX` and more away from the drawing."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BESIDE_PX + 1, 2 * BESIDE_PX + 1))
    return np.asarray(cv2.dilate(drawing.astype(np.uint8), disc) == 0)


def line_width(drawing: Mask) -> float:
    """Median full width of drawn lines, in pixels: twice the distance from the skeleton to the edge."""
    from data.line_statistics import line_radii

    return float(2 * np.median(line_radii(drawing)))


def darkness(lines: Patch, ground: Patch) -> float:
    """Chance that one of ``lines`` (N,) is less than one of ``ground`` (M,), ties counted half."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([ground, lines]))[: len(ground)]
    return float((ranks.mean() - (len(ground) + 1) / 2) / len(lines))


def ground_spectrum(depth: Patch, ground: Mask) -> NDArray[np.float64]:
    """Shares of the ground's variance in the octaves that begin at `OCTAVES_PX`, shortest first; they add to one.

    Lines are replaced by the ground's mean around them, and a Hann window keeps the patch's edges out.
    """
    weight = ground.astype(np.float32)
    near = np.asarray(cv2.GaussianBlur(weight, (0, 0), BESIDE_PX))
    around = np.asarray(cv2.GaussianBlur(depth * weight, (0, 0), BESIDE_PX)) / np.maximum(near, 1e-6)
    field = np.where(ground, depth, np.where(near > 1e-6, around, depth[ground].mean())).astype(np.float64)
    window = np.hanning(field.shape[0] + 2)[1:-1, None] * np.hanning(field.shape[1] + 2)[1:-1]
    field = (field - (field * window).sum() / window.sum()) * window
    power = np.abs(np.fft.rfft2(field)) ** 2
    power[:, 1 : (field.shape[1] + 1) // 2] *= 2  # the half that a real transform leaves out
    frequency = np.hypot(np.fft.fftfreq(field.shape[0])[:, None], np.fft.rfftfreq(field.shape[1]))
    edges = 1.0 / np.array(OCTAVES_PX)
    bands = [power[(frequency <= high) & (frequency > low)].sum() for high, low in pairwise(edges)]
    return np.asarray(bands) / max(sum(bands), 1e-12)


def slope(shares: NDArray[np.float64]) -> float:
    """Exponent of the power's density over frequency, fitted to shares of octaves, shortest wavelength first.

    An octave holds four times the area, in the plane of frequencies, of the next lower one: white noise has slope 0.
    """
    octave = -np.arange(len(shares))
    density = np.log2(np.maximum(shares, 1e-9)) - 2 * octave
    return float(np.polyfit(octave, density, 1)[0])


def adaptive_mean(depth: Patch, blur_px: float = 1.5, around_px: float = 12.0, offset: float = 0.08) -> Mask:
    """Lines as what is darker than its surroundings: blurred depth below its local mean by ``offset``."""
    smooth = cv2.GaussianBlur(depth, (0, 0), blur_px)
    return np.asarray(smooth < cv2.GaussianBlur(depth, (0, 0), around_px) - offset)


def made_up_patches(mirror: Mirror, patch_px: int = SIDE_PX) -> Iterator[tuple[Patch, Mask]]:
    """Yield the patches of a mirror, overlapping by half, that lie on the object and show some lines."""
    depth, drawing, mask = as_seen(mirror)
    for top in range(0, depth.shape[0] - patch_px + 1, patch_px // 2):
        for left in range(0, depth.shape[1] - patch_px + 1, patch_px // 2):
            at = slice(top, top + patch_px), slice(left, left + patch_px)
            if mask[at].mean() >= LEAST_OBJECT_SHARE and drawing[at].mean() >= LEAST_LINE_SHARE:
                yield depth[at], drawing[at]


def outside(real: Traits, made_up: Sequence[Traits]) -> list[str]:
    """Names of the traits in which a real patch lies outside the `RANGE` of made-up ones."""
    low, high = np.quantile([astuple(each) for each in made_up], RANGE, axis=0)
    values = astuple(real)
    return [field.name for field, a, v, b in zip(fields(Traits), low, values, high, strict=True) if not a <= v <= b]
