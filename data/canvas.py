"""What a session draws on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape


class Canvas(Protocol):
    """The image that a session draws on: a prepared scan or a photograph."""

    @property
    def shape(self) -> Shape:
        """Rows and columns, in scan pixels."""

    @property
    def pixels_per_mm(self) -> float | None:
        """Resolution of the scan; None where the canvas has none."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that can be read."""

    def read(self, region: Region, channels: Sequence[str], scale: float) -> NDArray[np.float32]:
        """Return (C, h, w) float32 in [0, 1]; the region lies on the grid of pixels at ``scale``."""
