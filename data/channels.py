"""The channels of prepared images: how many planes each has, and how it is stored.

Each is declared once: here, or in the file of the kind of data that alone has it (``data.kinds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError

FULL_SCALE = 65535  # what 1 is stored as


@dataclass(frozen=True)
class Channel:
    """One channel of an image.

    Parameters
    ----------
    name : in options, checkpoints, manifests and names of files
    planes : that a network sees, each in [0, 1]
    unit_vectors : whether the planes are (n + 1) / 2 of unit vectors n that face the camera: x along columns, y along
        rows, z. Then z is not stored, since it follows, and x and y turn with the image.
    """

    name: str
    planes: int = 1
    unit_vectors: bool = False

    def encoded(self, planes: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Return planes, (C, h, w) in [0, 1], as they are stored: [0, 1] scaled to ``FULL_SCALE``."""
        kept = planes[:2] if self.unit_vectors else planes
        return (kept * FULL_SCALE + 0.5).astype(np.uint16)

    def decoded(self, stored: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Return planes, (C, h, w) float32 in [0, 1], from what is stored."""
        planes = np.multiply(stored, np.float32(1 / FULL_SCALE), dtype=np.float32)
        if not self.unit_vectors:
            return planes
        signed = planes * 2 - 1
        z = np.sqrt(np.maximum(1 - np.einsum("chw,chw->hw", signed, signed), 0))
        return np.concatenate([planes, (z[None] + 1) / 2])


DEPTH = Channel("depth")
NORMALS = Channel("normals", planes=3, unit_vectors=True)
ALBEDO = Channel("albedo")
PUBLISHED_DEPTH = Channel("published_depth")  # prepared as the code of "Drawing the Line" does it
GREY = Channel("grey")
RED, GREEN, BLUE = Channel("red"), Channel("green"), Channel("blue")
RGB = Channel("rgb", planes=3)
RELIEF = Channel("relief")  # a photograph as networks of mirrors see depth, see ``data.preparing.appearance``

_DECLARED = {
    channel.name: channel for channel in (DEPTH, NORMALS, ALBEDO, PUBLISHED_DEPTH, GREY, RED, GREEN, BLUE, RGB, RELIEF)
}

# What earlier versions called a channel of some kind of data: its prepared sets, models and logs still say so.
_FORMER_NAMES = {("lines", "depth"): "grey"}


def declare(channels: Sequence[Channel]) -> None:
    """Register channels by name; raise ValueError if another channel has one of the names."""
    for channel in channels:
        if _DECLARED.setdefault(channel.name, channel) != channel:
            raise ValueError(f"channel {channel.name!r} is declared twice: {_DECLARED[channel.name]}, {channel}")


def is_declared(name: str) -> bool:
    """Whether a channel is declared here, or by a kind of data that has been loaded."""
    return name in _DECLARED


def channel_named(name: str) -> Channel:
    """Return a channel; raise DataError if none of that name is declared."""
    if not is_declared(name):
        raise DataError(f"no channel {name!r}; there are: {', '.join(_DECLARED)}")
    return _DECLARED[name]


def vector_planes(names: Sequence[str]) -> tuple[int, ...]:
    """Return the image planes at which the x of unit vectors lies, in an image of some channels."""
    channels = [channel_named(name) for name in names]
    starts = np.cumsum([0, *(channel.planes for channel in channels)])
    return tuple(int(start) for start, channel in zip(starts, channels, strict=False) if channel.unit_vectors)


def current_name(name: str, dataset: str) -> str:
    """Return the current name of a channel, given its name in this or an earlier version."""
    return _FORMER_NAMES.get((dataset, name), name)


def recorded_name(name: str, dataset: str) -> str:
    """Return the name of a channel of a kind in fingerprints and logs: its first name, so that earlier ones match."""
    return next((former for (kind, former), now in _FORMER_NAMES.items() if (kind, now) == (dataset, name)), name)


def with_current_names(manifest: dict[str, Any], dataset: str) -> dict[str, Any]:
    """Return a view's manifest with the current names of channels, and the names of their files."""
    now_called = {name: current_name(name, dataset) for name in manifest["statistics"]}
    stored_as = {now: before for before, now in now_called.items() if now != before}
    if not stored_as:
        return manifest
    renamed = {
        table: {now_called.get(name, name): value for name, value in manifest[table].items()}
        for table in ("encodings", "statistics", "parts")
    }
    return {**manifest, **renamed, "stored_as": stored_as}
