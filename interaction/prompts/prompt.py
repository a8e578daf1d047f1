"""The protocol of all prompts, and what follows from it: pinned pixels, touched pixels, effort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape, to_scale
from metrics.masks import Mask

ADD, ERASE = 1, -1  # the sign of a prompt that asks for more line (or object), and of one that asks for less

# Seconds of one act at a new place, and of a further act at the same place: the click model of Bragantini, Falcao and
# Najman, "Rethinking Interactive Image Segmentation: Feature Space Annotation" (arXiv 2101.04378).
NEW_PLACE_S, SAME_PLACE_S = 2.4, 0.9

Pinned = tuple[Mask, Mask]  # (h, w) each: the pixels that are line, and those that are ground, whatever is predicted
Some = TypeVar("Some", bound="Prompt")


@dataclass(frozen=True)
class Effort:
    """The user's effort for a prompt.

    Parameters
    ----------
    pixels : that the user touched, in pixels of the map at the scale that was asked for
    length : of the pen's path, in the same pixels; 0 for a click
    seconds : by the cost model that the prompt's kind states
    """

    pixels: int
    length: float
    seconds: float


class Prompt(Protocol):
    """One correction by a user: vector data in pixels of the image. It is immutable.

    Attributes
    ----------
    kind : its name in logs and JSON
    sign : ``ADD`` where it asks for more line (or object), ``ERASE`` where it asks for less
    path_px : (N, 2) float, N >= 1, rows and columns of the points that the pointer passed, in their order
    centre_px : row and column of the point that a window around the prompt is centred on
    """

    kind: ClassVar[str]

    @property
    def sign(self) -> int: ...  # noqa: D102

    @property
    def path_px(self) -> NDArray[np.float64]: ...  # noqa: D102

    @property
    def centre_px(self) -> tuple[float, float]: ...  # noqa: D102

    def moved(self: Some, rows_px: float, columns_px: float) -> Some:
        """Return the same prompt elsewhere; the offset is in image pixels."""

    def bounds(self, scale: float, shape: Shape) -> Region:
        """Return the region of a map of ``shape`` at ``scale`` outside of which it touches nothing; it may be empty."""

    def pinned(self, region: Region, scale: float) -> Pinned | None:
        """Return the pixels of a region of the map at ``scale`` that it fixes as line and as ground, disjoint.

        None where a prompt of this kind fixes no pixel and only tells a network what is wanted.
        """

    def effort(self, scale: float, shape: Shape | None = None, *, new_place: bool = True) -> Effort:
        """Return what it costs the user.

        Parameters
        ----------
        scale : map pixels an image pixel
        shape : of the map, beyond which no pixels count; None: all count
        new_place : whether the user had to go to another place first
        """

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, exactly; ``interaction.prompts.prompt_from_json`` reads them."""


def pinned_maps(prompts: Iterable[Prompt], region: Region, scale: float) -> Pinned:
    """Collect what prompts pin in a region, in their order: where two disagree, the later one holds.

    Returns
    -------
    added, erased : (h, w) bool, disjoint
    """
    added, erased = np.zeros(region.shape, bool), np.zeros(region.shape, bool)
    for prompt in prompts:
        pinned = prompt.pinned(region, scale)
        if pinned is not None:
            line, ground = pinned
            added = added & ~ground | line
            erased = erased & ~line | ground
    return added, erased


def paste(drawing: NDArray[np.float32], pinned: Pinned) -> NDArray[np.float32]:
    """Return a drawing, (h, w), with the pinned pixels in it: 1 where they are line, 0 where they are ground."""
    added, erased = pinned
    pasted = np.where(added, np.float32(1), drawing)
    pasted[erased] = 0
    return pasted


def touched(prompt: Prompt, region: Region, scale: float) -> Mask:
    """Return the pixels of a region that the user touched, (h, w) bool.

    They are the pixels that the prompt pins; of one that pins none, the pixel at its centre.
    """
    pinned = prompt.pinned(region, scale)
    if pinned is not None:
        return pinned[0] | pinned[1]
    row, column = pixel_at(prompt.centre_px, scale)
    pixels = np.zeros(region.shape, bool)
    if region.top <= row < region.bottom and region.left <= column < region.right:
        pixels[row - region.top, column - region.left] = True
    return pixels


def pixel_at(point_px: tuple[float, float], scale: float) -> tuple[int, int]:
    """Return row and column of the pixel at ``scale`` that holds a point of the image."""
    row, column = np.floor(to_scale(np.array(point_px), scale) + 0.5)
    return int(row), int(column)
