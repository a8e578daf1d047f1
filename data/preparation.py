"""From raw maps to what networks see: high-passed depth in [0, 1], at scan scale and at the model's.

Arrays in, arrays out; files are the business of ``data.scans`` and ``data.storage``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

HIGHPASS_MM = 1.0  # sigma of the blur that is taken off the depth ("Drawing the Line", ICDAR 2024)
CLIP_DEVIATIONS = 3.0  # likewise
MAX_FILLED_SHARE = 0.05  # of the object: more missing pixels than this and a map is refused
MIN_BLUR_WEIGHT = 1e-3  # a blurred mask below this says nothing of the object


class MapError(ValueError):
    """A map whose values cannot be used; says what was found, the caller adds where."""


@dataclass(frozen=True)
class Prepared:
    """One map ready for networks: ``values`` (C, H, W) float32 in [0, 1] and the share of the object filled in."""

    values: NDArray[np.float32]
    filled_share: float


def prepare_depth(depth: NDArray[np.float32], mask: NDArray[np.bool_], pixels_per_mm: float) -> Prepared:
    """Take the relief's slow part off, so that engraved lines read dark on an even ground.

    Depth minus its Gaussian blur (sigma 1 mm), centred and scaled by its deviation, clipped at three of them and
    mapped to [0, 1]. Blur and statistics see the object only, so neither the table nor its edge leaks in.

    Parameters
    ----------
    depth : (1, H, W) float32, any unit; NaN where nothing was measured
    mask : (H, W) bool, True on the object
    pixels_per_mm : resolution of the arrays

    Raises
    ------
    MapError
        If too much of the object has no value, or all of it has the same.
    """
    filled, share = fill_missing(depth, mask)
    known = filled[0][mask]
    sigma = HIGHPASS_MM * pixels_per_mm
    relief = filled[0] - np.float32(known.mean())  # near zero, so float32 keeps the grooves
    relief[~mask] = 0
    blurred = cv2.GaussianBlur(relief, (0, 0), sigma)
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
    relief -= blurred / np.maximum(weight, MIN_BLUR_WEIGHT)
    on_object = relief[mask]
    mean, deviation = float(on_object.mean()), float(on_object.std())
    if known.min() == known.max() or not deviation > 0:  # rounding in the blur can leave a flat object some deviation
        raise MapError("the depth is constant on the object, so there is no line to see")
    values = np.clip((relief - mean) / (2 * CLIP_DEVIATIONS * deviation) + 0.5, 0, 1)
    values[~mask] = 0.5
    return Prepared(values[None].astype(np.float32), share)


def prepare_normals(normals: NDArray[np.float32], mask: NDArray[np.bool_]) -> Prepared:
    """Map signed components (3, H, W) to [0, 1]; off the object they face the camera."""
    filled, share = fill_missing(normals, mask)
    values = np.clip((filled + 1) / 2, 0, 1).astype(np.float32)
    values[:, ~mask] = np.array([[0.5], [0.5], [1.0]], np.float32)
    return Prepared(values, share)


def prepare_albedo(albedo: NDArray[np.float32], mask: NDArray[np.bool_]) -> Prepared:
    """Scale albedo (1, H, W) so that its mean on the object is a half; clipped to [0, 1], 0.5 off the object."""
    filled, share = fill_missing(albedo, mask)
    mean = float(filled[0][mask].mean())
    if not mean > 0:
        raise MapError("the albedo is nowhere above zero on the object")
    values = np.clip(filled / (2 * mean), 0, 1)
    values[:, ~mask] = 0.5
    return Prepared(values, share)


def fill_missing(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    """Replace what is not finite: by the nearest known value on the object, by zero elsewhere.

    Returns
    -------
    filled : (C, H, W) float32
    share : float
        Of the object's pixels, how many were filled.

    Raises
    ------
    MapError
        If the object is empty, or the share is above ``MAX_FILLED_SHARE``.
    """
    if not mask.any():
        raise MapError("the mask holds no object")
    missing = ~np.isfinite(values).all(axis=0)
    on_object = missing & mask
    share = float(np.count_nonzero(on_object) / np.count_nonzero(mask))
    if share > MAX_FILLED_SHARE:
        raise MapError(f"{share:.0%} of the object has no value; up to {MAX_FILLED_SHARE:.0%} can be filled")
    filled = np.where(missing, np.float32(0), values)
    if share:
        known = mask & ~missing
        _, nearest = cv2.distanceTransformWithLabels(
            (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        by_label = np.zeros(int(nearest.max()) + 1, np.float32)
        for plane in filled:
            by_label[nearest[known]] = plane[known]
            plane[on_object] = by_label[nearest[on_object]]
    return filled, share


def halve(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average 2 x 2 pixels of (..., H, W); of an odd size the last row or column stands twice."""
    height, width = values.shape[-2:]
    even = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(0, height % 2), (0, width % 2)], mode="edge")
    total = even[..., ::2, ::2] + even[..., 1::2, ::2] + even[..., ::2, 1::2] + even[..., 1::2, 1::2]
    return np.asarray(total / 4, np.float32)


def halve_mask(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Halve a mask: a pixel is set where at least half of its four are."""
    return np.asarray(halve(mask.astype(np.float32)) >= 0.5)
