"""Batches for training and validation, from a prepared set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from data.augmentation import Augmentation
from data.channels import vector_planes
from data.crops import Beside, EpochSamples, LinePatches, RandomCrops, Sample
from data.errors import DataError
from data.storage import PreparedSet, PreparedView

MIN_BATCHES = 16  # in an epoch, where there are so few patches that validating would take longer than training


@dataclass(frozen=True)
class Split:
    """Views to train on and to validate on; no object is in both, and no test view in either."""

    train: list[PreparedView]
    validation: list[PreparedView]


def split_views(prepared: PreparedSet, *, share: float, seed: int, validation: Collection[str] = ()) -> Split:
    """Choose whole objects for validation, by seed.

    Parameters
    ----------
    prepared : its test views, and all other views of the same objects, are left out
    share : of the objects to validate on; at least one
    seed : chooses them
    validation : views that another model was validated on; where some are there, they are taken instead

    Raises
    ------
    DataError
        If there are not two drawn objects besides the test views, or there is no line on those to train on.
    """
    views = prepared.views()
    drawn = [view for view in views if view.has_truth and view.object not in prepared.test_objects]
    objects = sorted({view.object for view in drawn})
    if len(objects) < 2:
        raise DataError(f"{prepared.folder}: {len(objects)} drawn object(s) besides the test views; training needs two")
    count = min(len(objects) - 1, max(1, round(share * len(objects))))
    chosen = {view.object for view in drawn if view.name in validation}
    chosen = chosen or set(np.random.default_rng(seed).permutation(objects)[:count].tolist())
    split = Split(
        train=[view for view in drawn if view.object not in chosen],
        validation=[view for view in drawn if view.object in chosen],
    )
    if not any(view.truth.any() for view in split.train):
        raise DataError(
            f"{prepared.folder}: no line in any of the {len(split.train)} drawings to train on; `python -m data.check "
            f"--dataset {prepared.kind}` says how they were read"
        )
    return split


def views_beside(prepared: PreparedSet) -> list[PreparedView]:
    """Return the views of another set that a training learns from as well: all that are drawn, but for test objects.

    Raises
    ------
    DataError
        If there is no such view, or no line on any of them.
    """
    views = [view for view in prepared.views() if view.has_truth and view.object not in prepared.test_objects]
    if not any(view.truth.any() for view in views):
        raise DataError(f"{prepared.folder}: no line in any of its {len(views)} drawings; --also needs some")
    return views


def input_statistics(views: Sequence[PreparedView], channels: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return mean and deviation of each image plane over the objects in some views, from their manifests.

    Raises
    ------
    DataError
        If a view was prepared without one of the channels.
    """
    sums = []
    for view in views:
        missing = [channel for channel in channels if channel not in view.manifest["statistics"]]
        if missing:
            raise DataError(f"{view.name}: prepared without {missing[0]}; run `python -m data.setup` with that channel")
        parts = [view.manifest["statistics"][channel] for channel in channels]
        pixels = parts[0]["pixels"]
        mean = np.concatenate([part["mean"] for part in parts])
        square = np.concatenate([part["deviation"] for part in parts]) ** 2 + mean**2
        sums.append(np.stack([np.full_like(mean, pixels), mean * pixels, square * pixels]))
    pixels, total, squares = np.sum(sums, axis=0)
    mean = total / pixels
    return mean.tolist(), np.sqrt(squares / pixels - mean**2).tolist()


class LineData(pl.LightningDataModule):
    """Random crops to train on, fixed patches to validate on.

    Parameters
    ----------
    split : the views
    channels : of the image
    patch : side of a patch, in model pixels
    batch_train, batch_val : samples in a batch
    augment : whether crops are flipped, turned, shifted, scaled and rotated
    crops : crops in an epoch; None: as many as there are patches with line, ``MIN_BATCHES`` batches at least
    seed : what crops and augmentation depend on, together with the epoch
    workers : loading processes
    samples : to train on, in place of random crops; they may hold strokes of a user
    validation : patches to validate on, in place of those of the views
    beside : views of another kind that a share of the random crops is of
    """

    def __init__(
        self,
        split: Split,
        *,
        channels: Sequence[str],
        patch: int,
        batch_train: int,
        batch_val: int,
        augment: bool,
        crops: int | None,
        seed: int,
        workers: int = 0,
        samples: EpochSamples | None = None,
        validation: Dataset[Sample] | None = None,
        beside: Beside | None = None,
    ) -> None:
        super().__init__()
        self.batch_train, self.batch_val, self.workers = batch_train, batch_val, workers
        self.augmentation = Augmentation(vectors_at=vector_planes(channels)) if augment else None
        self.validation = validation or LinePatches(split.validation, channels, patch)
        self.crops: EpochSamples = samples or RandomCrops(
            split.train, channels, patch, seed=seed, count=crops, least=MIN_BATCHES * batch_train, beside=beside
        )
        self._generator = torch.Generator()

    def train_dataloader(self) -> DataLoader[Sample]:
        """Make the current epoch's crops; Lightning asks anew for each epoch."""
        epoch, rank = (self.trainer.current_epoch, self.trainer.global_rank) if self.trainer else (0, 0)
        self.crops.epoch = epoch
        self._generator.manual_seed(int(np.random.default_rng([self.crops.seed, epoch, rank]).integers(2**62)))
        processes = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
        return self._loader(self.crops, self.batch_train, drop_last=self._share(processes) > self.batch_train)

    def smallest_batch(self, processes: int = 1) -> int:
        """Return how many crops the smallest training batch has, where some processes share an epoch's crops."""
        return min(self.batch_train, self._share(processes))

    def _share(self, processes: int) -> int:
        """Return how many crops of an epoch each of some processes gets."""
        return -(-len(self.crops) // processes)

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return the validation patches, always in the same order."""
        return self._loader(self.validation, self.batch_val, drop_last=False)

    def on_after_batch_transfer(self, batch: dict[str, Tensor], dataloader_idx: int) -> dict[str, Tensor]:
        """Augment training batches, on the device."""
        if self.augmentation is None or self.trainer is None or not self.trainer.training:
            return batch
        return self.augmentation(batch, self._generator)

    def _loader(self, dataset: EpochSamples | Dataset[Sample], batch: int, *, drop_last: bool) -> DataLoader[Sample]:
        return DataLoader(
            cast(Dataset[Sample], dataset),
            batch_size=batch,
            num_workers=self.workers,
            pin_memory=torch.cuda.is_available(),
            drop_last=drop_last,
        )
