"""Classical binarizations, which the base model has to beat: thresholds over the whole object and around each pixel.

All take an image (H, W), float32 in [0, 1], in which lines are dark, and the object, (H, W) bool; they return the
drawing, (H, W) bool, True on lines, within the object. They use the object's pixels only: the table or noise around it
changes nothing. On an empty or a constant object they draw nothing. They raise TypeError if the object is no mask, and
ValueError if image and object differ in shape or a pixel of the object is not finite.

Sizes are in model pixels, 20 a millimetre, of which a line is about 6 wide. They follow from that width or are
published values; none was tuned on a drawing.

References
----------
- N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on Systems, Man, and Cybernetics
  9(1), 1979, pages 62-66.
- J. Sauvola, M. Pietikäinen, "Adaptive document image binarization", Pattern Recognition 33(2), 2000, pages 225-236.
- D. Bradley, G. Roth, "Adaptive thresholding using the integral image", Journal of Graphics Tools 12(2), 2007, pages
  13-21.
- Y. Sato et al., "Three-dimensional multi-scale line filter for segmentation and visualization of curvilinear
  structures in medical images", Medical Image Analysis 2(2), 1998, pages 143-168.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

Image = NDArray[np.float32]
Binarization = Callable[[Image, Mask], Mask]

WINDOW = 31
"""Side of the square around a pixel: five lines wide, so that it holds ground wherever the pixel lies; odd."""

SAUVOLA_K = 0.2
"""How much an even window lowers the threshold: scikit-image's default."""

SAUVOLA_RANGE = 0.5
"""Largest deviation that values in [0, 1] can have: 128 of 255 in the paper."""

DARKER = 0.15
"""By which share a line is darker than the mean around it: Bradley's and Roth's."""

SIGMAS = (2.0, 3.0, 4.0)
"""Scales of the ridge filter. A line responds most at half its width: 3 for lines 6 wide; and one less and one more."""


def _on_object(draw: Binarization) -> Binarization:
    """Let a binarization see objects with some contrast only, and draw on them only."""

    @wraps(draw)
    def drawn(image: Image, valid_mask: Mask) -> Mask:
        if valid_mask.dtype != np.bool_:
            raise TypeError(f"the object is a mask of {valid_mask.dtype}; give bool")
        if image.ndim != 2 or image.shape != valid_mask.shape:
            raise ValueError(
                f"an image of shape {image.shape}, an object of shape {valid_mask.shape}; give (H, W) for both"
            )
        values = image[valid_mask]
        if not np.isfinite(values).all():
            raise ValueError("some of the object's pixels are not finite; fill them with the ground's level")
        if not values.size or values.min() == values.max():
            return np.zeros(valid_mask.shape, bool)
        return valid_mask & draw(image, valid_mask)

    return drawn


@_on_object
def otsu(image: Image, valid_mask: Mask) -> Mask:
    """Draw what is not above the threshold that best parts the object's values into two classes."""
    return image <= _otsu_threshold(image[valid_mask])


@_on_object
def sauvola(image: Image, valid_mask: Mask) -> Mask:
    """Draw what is darker than the mean around it, by a share that is the greater the more even the surroundings are.

    The threshold, mean * (1 + k * (deviation / range - 1)), is that of scikit-image, which takes no mask.
    """
    mean = _local_mean(image, valid_mask)
    threshold = _local_mean(image * image, valid_mask)
    threshold -= mean * mean
    np.sqrt(np.maximum(threshold, 0, out=threshold), out=threshold)  # the deviation
    threshold *= SAUVOLA_K / SAUVOLA_RANGE
    threshold += 1 - SAUVOLA_K
    threshold *= mean
    return image < threshold


@_on_object
def adaptive(image: Image, valid_mask: Mask) -> Mask:
    """Draw what is darker than the mean around it by a fixed share."""
    return image < (1 - DARKER) * _local_mean(image, valid_mask)


@_on_object
def sato(image: Image, valid_mask: Mask) -> Mask:
    """Draw where the response of Sato's filter for dark ridges is above Otsu's threshold of the object's responses."""
    from skimage import filters  # slow to import, for commands that only name a binarization

    # Pixels off the object get the mean of the object's pixels near them, so that the border is no ridge.
    filled = np.where(valid_mask, image, _local_mean(image, valid_mask))
    response = filters.sato(filled, sigmas=SIGMAS, black_ridges=True)
    return np.asarray(response > _otsu_threshold(response[valid_mask]))


CLASSICAL: dict[str, Binarization] = {"otsu": otsu, "sauvola": sauvola, "adaptive": adaptive, "sato": sato}
"""The binarizations by name."""


def _otsu_threshold(values: NDArray[Any]) -> float:
    from skimage import filters

    # In float64, since 256 bins of float32 may be narrower than its steps.
    return float(filters.threshold_otsu(values.astype(np.float64)))


def _local_mean(values: Image, valid_mask: Mask) -> Image:
    """Mean over the object's pixels in the window around each pixel; over the whole object where it holds none."""
    values = np.where(valid_mask, values, np.float32(0))
    total, number = (
        cv2.boxFilter(each, cv2.CV_32F, (WINDOW, WINDOW), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for each in (values, valid_mask.astype(np.float32))
    )
    everywhere = values.sum(dtype=np.float64) / np.count_nonzero(valid_mask)
    return np.divide(total, number, out=np.full(values.shape, everywhere, np.float32), where=number > 0.5)
