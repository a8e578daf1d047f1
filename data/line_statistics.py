"""How wide drawn lines are: radii measured on a drawing, and the Gamma distribution that describes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_RADIUS_PX = 0.5  # a narrower line would be no pixel wide
MIN_SKEWNESS = 0.05  # a sample less skewed than this is as good as normal, and its Gamma has no finite shape
OUTLIER_DEVIATIONS = 2.0  # radii beyond are filled areas and crossings ("Drawing the Line", ICDAR 2024)


@dataclass(frozen=True)
class LineStatistics:
    """A Gamma distribution of line radii, centre line to edge, in scan pixels."""

    shape: float
    location: float
    scale: float

    @property
    def mean(self) -> float:
        """Mean radius, in scan pixels."""
        return self.location + self.shape * self.scale

    @property
    def deviation(self) -> float:
        """Standard deviation of the radius, in scan pixels."""
        return float(np.sqrt(self.shape)) * self.scale

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one radius, in scan pixels, at least ``MIN_RADIUS_PX``."""
        return max(MIN_RADIUS_PX, float(self.location + rng.gamma(self.shape, self.scale)))

    def scaled(self, factor: float) -> LineStatistics:
        """Return those of lines that are so many times as wide."""
        return LineStatistics(self.shape, self.location * factor, self.scale * factor)

    def as_dict(self) -> dict[str, float]:
        """Return shape, location and scale, as a manifest keeps them."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.mean:.2f} ± {self.deviation:.2f} px"


MIRROR_LINES = LineStatistics(shape=49.129, location=-4.279, scale=0.2132)  # "Fusing Forces", ICPR 2024


def line_radii(drawing: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Measure the radius at every pixel of a drawing's skeleton.

    Parameters
    ----------
    drawing : (H, W) bool

    Returns
    -------
    (N,) float32
        Distances from the centre line to the edge, in the drawing's pixels.

    Notes
    -----
    What is measured is the distance from the skeleton to the centre of the nearest pixel off the line. That lies beyond
    the edge, and the skeleton beside the middle, which all but cancels: on 1000 straight lines of random place and
    direction and known radii from 2 to 8 pixels the mean error was +0.03 (+0.09 from 2 to 3, +0.03 from 4 to 5, 0.00
    from 7 to 8), so nothing is taken off. It is larger for lines along the grid, up to half a pixel, and for hairlines.
    """
    from skimage.morphology import skeletonize

    ink = np.pad(drawing, 1)  # a line that leaves the image is no narrower for it, but needs ground to measure to
    centre = skeletonize(ink)
    distance = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance[centre], np.float32)


def fit_radii(radii: Sequence[NDArray[np.float32]]) -> LineStatistics:
    """Fit a Gamma distribution by its first three moments, outliers dropped first.

    Raises
    ------
    ValueError
        If there is no radius at all.
    """
    values = np.concatenate([np.asarray(part, np.float64) for part in radii]) if radii else np.empty(0)
    if not values.size:
        raise ValueError("no line to measure")
    typical = np.abs(values - values.mean()) <= OUTLIER_DEVIATIONS * values.std()
    values = values[typical] if typical.any() else values
    mean, deviation = float(values.mean()), max(float(values.std()), 1e-3)
    skewness = max(float(((values - mean) ** 3).mean()) / deviation**3, MIN_SKEWNESS)
    shape, scale = 4 / skewness**2, deviation * skewness / 2
    return LineStatistics(shape=shape, location=mean - shape * scale, scale=scale)
