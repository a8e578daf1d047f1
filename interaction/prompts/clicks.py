"""Clicks: a point of the image that belongs to the wanted object, or does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape
from interaction.prompts.prompt import ADD, ERASE, NEW_PLACE_S, SAME_PLACE_S, Effort, Pinned, pixel_at


@dataclass(frozen=True)
class Click:
    """One click. It pins no pixel: it is a hint, from which the network predicts the mask.

    Parameters
    ----------
    row, column : in image pixels; pixel centres have whole coordinates
    positive : whether the point belongs to the object

    Raises
    ------
    ValueError
        If a coordinate is not finite.
    """

    row: float
    column: float
    positive: bool

    kind: ClassVar[str] = "click"

    def __post_init__(self) -> None:
        if not np.isfinite([self.row, self.column]).all():
            raise ValueError(f"a click's row and column are finite, not {self.row} and {self.column}")

    @property
    def sign(self) -> int:
        """``ADD`` for a positive click, ``ERASE`` for a negative one."""
        return ADD if self.positive else ERASE

    @property
    def path_px(self) -> NDArray[np.float64]:
        """Its one point, (1, 2), in image pixels."""
        return np.array([[self.row, self.column]], np.float64)

    @property
    def centre_px(self) -> tuple[float, float]:
        """Row and column, in image pixels."""
        return float(self.row), float(self.column)

    def moved(self, rows_px: float, columns_px: float) -> Click:
        """Return the same click elsewhere; the offset is in image pixels."""
        return replace(self, row=self.row + rows_px, column=self.column + columns_px)

    def bounds(self, scale: float, shape: Shape) -> Region:
        """Return the pixel of a map of ``shape`` at ``scale`` that it lies in; an empty region outside the map."""
        row, column = pixel_at(self.centre_px, scale)
        inside = 0 <= row < shape[0] and 0 <= column < shape[1]
        return Region(row, column, 1, 1) if inside else Region(0, 0, 0, 0)

    def pinned(self, region: Region, scale: float) -> Pinned | None:
        """Return None: a click fixes no pixel."""
        return None

    def effort(self, scale: float, shape: Shape | None = None, *, new_place: bool = True) -> Effort:
        """Return one pixel, no way, and the seconds of the published click model; see ``NEW_PLACE_S``."""
        pixels = 1 if shape is None or 0 not in self.bounds(scale, shape).shape else 0
        return Effort(pixels, 0.0, NEW_PLACE_S if new_place else SAME_PLACE_S)

    def to_json(self) -> dict[str, Any]:
        """Return the click as JSON values, exactly."""
        fields = {"row": float(self.row), "column": float(self.column), "positive": bool(self.positive)}
        return {"kind": self.kind, **fields}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Click:
        """Return the click that ``to_json`` wrote; raises what the constructor raises."""
        if not isinstance(fields["positive"], bool):
            raise ValueError(f"a click is positive or not, not {fields['positive']!r}")
        return cls(float(fields["row"]), float(fields["column"]), fields["positive"])
