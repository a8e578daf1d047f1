"""Encoders: they turn a view of a session (image, drawings and prompts) into a network's input planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.regions import padded
from interaction.changes import View
from models.networks import DRAWN

Planes = NDArray[np.float32]


@dataclass(frozen=True)
class StrokeEncoder:
    """The planes of a network that corrects lines by strokes: the image, and some of ``stroke_planes``.

    Parameters
    ----------
    side : of a plane, in model pixels
    inputs : names in ``stroke_planes``, in the order in which the network takes them
    """

    side: int
    inputs: Sequence[str] = DRAWN

    def __call__(self, view: View) -> list[Planes]:
        """See ``interaction.changes.Encoder``."""
        planes = encoded(view, self.side)
        return [planes[name] for name in ("image", *self.inputs)]


def encoded(view: View, side: int) -> dict[str, Planes]:
    """Return ``image`` and the ``stroke_planes`` of a view, (C, side, side) each.

    A smaller view is padded below and to the right, its image with its edge and all else with zeros: networks have
    learned that there is no line beyond the image's border.
    """
    planes = {name: padded(plane, side, mode="constant") for name, plane in stroke_planes(view).items()}
    return {"image": padded(view.image, side), **planes}


def stroke_planes(view: View) -> dict[str, Planes]:
    """Return all planes that a network can be shown beside the image, (1, h, w) float32 each, by name.

    ``initial`` and ``current``, the drawings, in [0, 1]; ``added`` and ``erased``, what all prompts so far pin as line
    and as ground, 0 or 1; ``newest``, what the last prompt pins, +1 as line and -1 as ground. A prompt that pins
    nothing, such as a click, is in none of them.
    """
    added, erased = view.pinned
    newest = view.prompts[-1].pinned(view.region, view.scale)
    signed = np.zeros(view.region.shape, np.float32) if newest is None else np.subtract(*newest, dtype=np.float32)
    planes = {"initial": view.initial, "current": view.current, "added": added, "erased": erased, "newest": signed}
    return {name: plane[None].astype(np.float32) for name, plane in planes.items()}
