"""Drawings that a person left in logs, as truth for a training: of the places only that the person looked at.

No view needs a drawing of its own. What is known of a view is all of the places that were marked as right, and what
lies near a prompt; nothing else of the drawing takes part in the loss.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from data.crops import Sample
from data.module import Split
from data.regions import Region, grown, padded, window_around
from data.storage import PreparedSet, PreparedView
from interaction.log.replay import Replayed, replayed
from interaction.log.tables import open_recorded
from interaction.prompts.prompt import touched
from interaction.session import LINE
from interaction.steps import Step, marks_of
from metrics.masks import Mask
from runs.errors import RunError
from runs.training.annotation_samples import log_hash, view_of

NEAR = 16  # model pixels from what a prompt touches, within which a person has seen what is wrong


@dataclass(frozen=True, eq=False)
class AnnotatedPlaces:
    """What a person left in one view; both maps are of the whole view, (H, W) bool.

    Parameters
    ----------
    view : that was drawn on
    truth : the drawing at the end of the log
    known : where it is taken as right
    """

    view: PreparedView
    truth: Mask
    known: Mask


@dataclass(frozen=True)
class Annotated:
    """The annotated places of some logs, one entry a log, and the hash of the logs' events."""

    places: list[AnnotatedPlaces]
    sha256: str

    @property
    def split(self) -> Split:
        """The views that were drawn on, to train on and, as there is nothing else, to be looked at in validation."""
        views = [place.view for place in self.places]
        return Split(train=views, validation=views)


def read_annotated(logs: str, prepared: PreparedSet) -> Annotated:
    """Read what a person left in logs.

    Parameters
    ----------
    logs : paths of logs, or of their exports as JSON, with commas
    prepared : the views that were drawn on are members; they need no drawing

    Raises
    ------
    DataError, RunError
        If none is named, or one cannot be read, says nothing of any place, or is of a view that cannot be trained on.
    """
    places, digest = [], hashlib.sha256()
    for path in (Path(name.strip()) for name in logs.split(",") if name.strip()):
        with open_recorded(path) as log:
            digest.update(log_hash(log).encode())
            view = view_of(path, log.about, prepared)
            state = replayed(log)
            known = known_in(state, view)
            places.append(AnnotatedPlaces(view, np.asarray(state.current > LINE), known))
        if not places[-1].known.any():
            raise RunError(f"{path}: no place is marked as right in it and no stroke holds; leave it out")
    if not places:
        raise RunError(f"--strokes {logs!r}: names no log; give one, or leave it out")
    if not any((place.truth & place.known).any() for place in places):
        raise RunError(f"--strokes {logs}: no line in any place that was looked at, so there is nothing to learn from")
    return Annotated(places, digest.hexdigest())


def drawn_objects(prepared: PreparedSet) -> set[str]:
    """Return the objects of a set that have a drawing and are not kept for testing."""
    return {view.object for view in prepared.views() if view.has_truth and view.object not in prepared.test_objects}


def known_in(state: Replayed, view: PreparedView) -> Mask:
    """Return where the drawing of a log is taken as right, (H, W) bool: places marked so, and what is near a prompt."""
    known = np.zeros(view.model_shape, bool)
    for region, mark in marks_of(state.history.done).items():
        if mark.right:
            known[region.slices] = True
    for step in state.history.done:
        if isinstance(step, Step):
            region = grown(step.prompt.bounds(view.scale, view.model_shape), NEAR, view.model_shape)
            away = (~touched(step.prompt, region, view.scale)).astype(np.uint8)
            known[region.slices] |= cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= NEAR
    return known & view.mask


class AnnotatedPatches(Dataset[Sample]):
    """The cells of a grid in which something is known: ``image``, ``truth`` and ``known``, (C or 1, P, P) each.

    Parameters
    ----------
    places : of all logs
    channels : of the image
    patch : P, in model pixels; a smaller view is padded, where nothing is known
    """

    def __init__(self, places: Sequence[AnnotatedPlaces], channels: Sequence[str], patch: int) -> None:
        self.annotated, self.channels, self.patch = list(places), tuple(channels), patch
        self.places = [
            (place, Region(top, left, patch, patch))
            for place in self.annotated
            for top in range(0, place.known.shape[0], patch)
            for left in range(0, place.known.shape[1], patch)
            if place.known[top : top + patch, left : left + patch].any()
        ]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Sample:
        return self._sample(*self.places[index])

    def _sample(self, place: AnnotatedPlaces, near: Region) -> Sample:
        window = window_around(near, place.view.model_shape, self.patch)
        image = place.view.read(window, self.channels, place.view.scale)
        maps = {name: getattr(place, name)[window.slices][None].astype(np.float32) for name in ("truth", "known")}
        planes = {name: padded(plane, self.patch, mode="constant") for name, plane in maps.items()}
        return {name: torch.from_numpy(plane) for name, plane in {"image": padded(image, self.patch), **planes}.items()}


class AnnotatedCrops(AnnotatedPatches):
    """Random crops around known pixels; logs are as likely as each other. Item ``i`` depends on seed, epoch and ``i``.

    Parameters
    ----------
    places, channels, patch : see ``AnnotatedPatches``
    seed : what chance depends on
    count : items in an epoch
    """

    epoch = 0

    def __init__(
        self, places: Sequence[AnnotatedPlaces], channels: Sequence[str], patch: int, *, seed: int, count: int
    ) -> None:
        super().__init__(places, channels, patch)
        self.seed, self.count = seed, count
        self._known = [np.flatnonzero(place.known) for place in self.annotated]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.count:
            raise IndexError(index)
        rng = np.random.default_rng([self.seed, self.epoch, index])
        number = int(rng.integers(len(self.annotated)))
        place, pixels = self.annotated[number], self._known[number]
        row, column = divmod(int(pixels[int(rng.integers(len(pixels)))]), place.known.shape[1])
        top, left = (max(0, at - int(rng.integers(self.patch))) for at in (row, column))
        return self._sample(place, Region(top, left, self.patch, self.patch))
