"""Samples for training: random crops that hold some line, and the fixed patches of validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from data.errors import DataError
from data.regions import Region, cells, padded, window_around
from data.storage import PreparedView

TRIES = 8  # random crops that are tried near a cell with line; if none holds line, the cell's window is the crop

Sample = dict[str, Tensor]


class EpochSamples(Protocol):
    """Samples that change from epoch to epoch; ``LineData`` sets ``epoch`` before each one."""

    epoch: int
    seed: int

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Sample: ...


class LinePatches(Dataset[Sample]):
    """The patches of a disjoint grid that hold some line: ``image`` (C, P, P) in [0, 1], ``truth`` (1, P, P), 0 or 1.

    Parameters
    ----------
    views : with drawings
    channels : of the image
    patch : P, in model pixels; a smaller view is padded with its edge, its truth with nothing

    Raises
    ------
    DataError
        If no view holds a line.
    """

    def __init__(self, views: Sequence[PreparedView], channels: Sequence[str], patch: int) -> None:
        self.views, self.channels, self.patch = list(views), tuple(channels), patch
        self.places = [
            (view, cell)
            for view in self.views
            for cell in cells(view.model_shape, patch)
            if view.truth[cell.slices].any()
        ]
        if not self.places:
            raise DataError(f"no line in any of {len(self.views)} views: nothing to learn from or to score")

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Sample:
        view, cell = self.places[index]
        return self._sample(view, window_around(cell, view.model_shape, self.patch))

    def _sample(self, view: PreparedView, window: Region) -> Sample:
        image = view.read(window, self.channels, view.scale)
        truth = view.truth[window.slices][None].astype(np.float32)
        return {
            "image": torch.from_numpy(padded(image, self.patch)),
            "truth": torch.from_numpy(padded(truth, self.patch, mode="constant")),
        }


@dataclass(frozen=True)
class Beside:
    """Views of another kind of data that crops are taken from as well.

    Parameters
    ----------
    views : with drawings
    channels : of their images, which stand for those of the first kind
    share : of the crops, above 0 and below 1
    """

    views: Sequence[PreparedView]
    channels: tuple[str, ...]
    share: float


class RandomCrops(LinePatches):
    """Random crops that hold some line; sample ``i`` depends on seed, epoch and ``i`` alone.

    Parameters
    ----------
    views, channels, patch : see ``LinePatches``
    count : crops in an epoch; None: as many as there are patches with line, but at least ``least``
    least : see ``count``
    seed : what chance depends on
    beside : views of another kind that a share of the crops is of
    """

    epoch = 0

    def __init__(
        self,
        views: Sequence[PreparedView],
        channels: Sequence[str],
        patch: int,
        *,
        seed: int,
        count: int | None = None,
        least: int = 1,
        beside: Beside | None = None,
    ) -> None:
        super().__init__(views, channels, patch)
        self.share = beside.share if beside else 0.0
        self.others = LinePatches(beside.views, beside.channels, patch) if beside else None
        self.count, self.seed = count or max(least, len(self.places)), seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.count:
            raise IndexError(index)
        rng = np.random.default_rng([self.seed, self.epoch, index])
        patches = self.others if self.others and rng.random() < self.share else self
        view, cell = patches.places[int(rng.integers(len(patches.places)))]
        return patches._sample(view, self._crop_near(view, cell, rng))

    def _crop_near(self, view: PreparedView, cell: Region, rng: np.random.Generator) -> Region:
        window = window_around(cell, view.model_shape, self.patch)
        room = np.array(view.model_shape) - window.shape
        for _ in range(TRIES):
            shift = rng.integers(-self.patch // 2, self.patch // 2 + 1, size=2)
            top, left = np.clip(np.array([window.top, window.left]) + shift, 0, room).tolist()
            crop = Region(top, left, window.height, window.width)
            if view.truth[crop.slices].any():
                return crop
        return window
