"""Training samples from the logs of the annotation page: the view that a user saw, and the prompt that followed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from data.crops import Sample
from data.errors import DataError, some
from data.module import Split
from data.regions import Region, padded
from data.storage import PreparedSet, PreparedView
from interaction.changes import View
from interaction.log.packing import pack_drawing, unpack_drawing
from interaction.log.replay import Recorded, replayed
from interaction.log.scan import is_same_scan
from interaction.log.tables import open_recorded
from interaction.prompt_index import PromptIndex
from interaction.prompts import Prompt
from interaction.refiners import region_shown
from interaction.session import LINE
from interaction.steps import Redraw, Step
from metrics.masks import Mask
from models.encoders import encoded
from runs.errors import RunError


@dataclass(frozen=True, eq=False)
class AnnotationSample:
    """A prompt of a user, and the view that was shown around it.

    Parameters
    ----------
    view : that was drawn on; its drawing is the truth, if it has one
    region : that a network is shown, in model pixels
    initial, current : of the region, as ``interaction.log.packing`` packs them; ``current`` as it was before the prompt
    prompts : all prompts that reach into the region until then; this one last
    left : of the region, what the person left at the end of the log, which is the truth of a view without a drawing
    """

    view: PreparedView
    region: Region
    initial: bytes
    current: bytes
    prompts: tuple[Prompt, ...]
    left: bytes

    @property
    def truth(self) -> Mask:
        """The truth of the region, (h, w) bool."""
        if self.view.has_truth:
            return self.view.truth[self.region.slices]
        return np.asarray(unpack_drawing(self.left, self.region.shape) > LINE)


@dataclass(frozen=True)
class Logged:
    """The samples of some logs.

    Parameters
    ----------
    samples : of all logs
    sha256 : of the logs' events; it does not depend on where the files lie
    """

    samples: list[AnnotationSample]
    sha256: str

    @property
    def views(self) -> set[str]:
        """Names of the views that were drawn on."""
        return {sample.view.name for sample in self.samples}


def read_logged(logs: str, prepared: PreparedSet, side: int, *, around_stroke: bool) -> Logged:
    """Read the prompts of a user that hold at the end of logs; those that were undone are left out.

    Parameters
    ----------
    logs : paths of logs, or of their exports as JSON, with commas
    prepared : the views that were drawn on are members
    side : of what a network is shown, in model pixels
    around_stroke : whether that is a window around the stroke, instead of the grid's cell that holds it

    Raises
    ------
    DataError, RunError
        If none is named, or one cannot be read, holds no stroke, or is of a view that cannot be trained on.
    """
    samples: list[AnnotationSample] = []
    digest = hashlib.sha256()
    for path in (Path(name.strip()) for name in logs.split(",") if name.strip()):
        with open_recorded(path) as log:
            digest.update(log_hash(log).encode())
            of_log = samples_of(log, view_of(path, log.about, prepared), side, around_stroke)
        if not of_log:
            raise RunError(f"{path}: no stroke in it holds, so there is nothing to learn from it; leave it out")
        samples += of_log
    if not samples:
        raise RunError(f"--strokes {logs!r}: names no log; give one, or how many strokes are simulated")
    return Logged(samples, digest.hexdigest())


def samples_of(log: Recorded, view: PreparedView, side: int, around_stroke: bool) -> list[AnnotationSample]:
    """Return the strokes that hold at the end of a log, each with the drawing as it was before it."""
    state = replayed(log)
    begun, current, index = state.begun.copy(), state.begun.copy(), PromptIndex(view.scale, view.model_shape)
    samples = []
    for step in state.history.done:  # each was made on what those before it had left
        if isinstance(step, Redraw):
            for drawing in (begun, current):
                step.pixels.do(drawing[step.region.slices])
        if not isinstance(step, Step):
            continue
        region = region_shown(step.prompt, view.model_shape, side, view.scale, around_stroke=around_stroke)
        parts = (pack_drawing(drawing[region.slices]) for drawing in (begun, current, state.current))
        initial, before, left = parts
        samples.append(AnnotationSample(view, region, initial, before, (*index.near(region), step.prompt), left))
        step.pixels.do(current[step.region.slices])
        index.append(step.prompt)
    return samples


def log_hash(log: Recorded) -> str:
    """Return the SHA-256 of a log's events."""
    digest = hashlib.sha256()
    for event in log.events():
        digest.update(json.dumps([event.number, event.time, event.kind, event.body], sort_keys=True).encode())
        digest.update(hashlib.sha256(event.blob or b"").digest())
    return digest.hexdigest()


def split_with(split: Split, logged: Logged) -> Split:
    """Move the objects that a user drew on from the validation set to the training set.

    Raises
    ------
    RunError
        If no view is left to validate on.
    """
    drawn = {sample.view.object for sample in logged.samples}
    validation = [view for view in split.validation if view.object not in drawn]
    if not validation:
        raise RunError(
            f"--strokes: all views to validate on ({some([view.name for view in split.validation])}) were drawn on in "
            "these logs; leave one log out, or choose another --seed or a larger --val_share"
        )
    moved = [view for view in split.validation if view.object in drawn]
    return Split(train=[*split.train, *moved], validation=validation)


class LoggedStrokes(Dataset[Sample]):
    """The planes that a network sees around the logged strokes of a user; see ``models.modules``.

    Item ``i`` depends on seed, epoch and ``i`` alone.

    Parameters
    ----------
    samples : of which each item shows one, chosen at random
    channels : of the image
    side : of a window, in model pixels; a smaller view is padded, see ``models.encoders.encoded``
    seed : what chance depends on
    count : items in an epoch; None: as many as ``samples``, but at least ``least``
    least : see ``count``
    """

    epoch = 0

    def __init__(
        self,
        samples: Sequence[AnnotationSample],
        channels: Sequence[str],
        side: int,
        *,
        seed: int,
        count: int | None = None,
        least: int = 1,
    ) -> None:
        self.samples, self.channels, self.side = list(samples), tuple(channels), side
        self.seed, self.count = seed, count or max(least, len(self.samples))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.count:
            raise IndexError(index)
        rng = np.random.default_rng([self.seed, self.epoch, index])
        return self.planes(self.samples[int(rng.integers(len(self.samples)))])

    def planes(self, sample: AnnotationSample) -> Sample:
        """Return the planes of one sample, (C, side, side) and (1, side, side) each."""
        view, region = sample.view, sample.region
        image = view.read(region, self.channels, view.scale)
        initial, current = (unpack_drawing(drawing, region.shape) for drawing in (sample.initial, sample.current))
        seen = View(image, initial, current, sample.prompts, region, view.scale)
        truth = sample.truth[None].astype(np.float32)
        planes = {"truth": padded(truth, self.side, mode="constant"), **encoded(seen, self.side)}
        return {name: torch.from_numpy(plane) for name, plane in planes.items()}


def view_of(path: Path, about: dict[str, object], prepared: PreparedSet) -> PreparedView:
    """Return the view that a log is of; raise RunError if it cannot be trained on."""
    name = str(about.get("view"))
    try:
        view = prepared.view(name)
    except DataError as error:
        raise RunError(f"{path}: of a view that is not prepared here: {error}") from error
    if view.object in prepared.test_objects:
        raise RunError(f"{path}: of {name}, whose object is kept for testing; leave this log out")
    if not is_same_scan(about, view):
        raise RunError(f"{path}: was drawn on another scan of {name}; put that scan back and run data.setup again")
    return view
