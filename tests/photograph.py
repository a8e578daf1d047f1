"""A canvas in memory."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Photograph:
    planes: np.ndarray
    pixels_per_mm = None
    channels = ("depth",)

    @property
    def shape(self):
        return self.planes.shape[1:]

    def read(self, region, channels, scale):
        return self.planes[:, *region.slices]
