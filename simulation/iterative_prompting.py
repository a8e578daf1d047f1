"""Iterative prompting in training: a simulated user corrects the model's own predictions, prompt after prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from data.regions import Region, Shape, shape_of, whole
from interaction.changes import Merge, Probabilities, View, whole_window
from interaction.prompts import Prompt
from interaction.prompts.prompt import paste, pinned_maps
from interaction.refiners import region_around
from interaction.session import LINE
from metrics.masks import Mask
from simulation.annotators.published import Either
from simulation.simulated_user import History, SimulatedUser
from simulation.strokes import Brush


class IterativePrompting(pl.Callback):
    """Adds to each sample of a batch an initial drawing and the prompts of a simulated user, before the model sees it.

    The first prompt corrects the initial drawing; each further one corrects the model's prediction after those before,
    which is computed without a gradient. So the gradient flows through the last prediction only.

    Parameters
    ----------
    base : image (B, C, H, W) to logits (B, 1, H, W); frozen
    brush : how the default user, ``Either``, draws; its scale is that of all prompts
    annotators : simulated users; of several, each sample gets one at random. Without any, ``Either``. Those that
        preview make the model predict after each of their prompts, without a gradient
    max_prompts : prompts a sample at most. With 1 each sample gets one, as published; with N, one to N
    merge : what of the model's predictions is taken over, between prompts and in validation
    window : side of the window around its newest prompt that the model sees of a sample; None: all of the sample
    seed : random numbers depend on it and on epoch, batch and the sample's place, so no sample changes another. The
        model only predicts for samples that get another prompt, and the size of a batch may change a prediction's last
        bits
    """

    def __init__(
        self,
        base: nn.Module,
        brush: Brush,
        *,
        max_prompts: int,
        seed: int,
        annotators: Sequence[SimulatedUser] = (),
        merge: Merge = whole_window,
        window: int | None = None,
    ) -> None:
        self.base = base.requires_grad_(False).eval()
        self.brush, self.max_prompts, self.seed, self.merge, self.window = brush, max_prompts, seed, merge, window
        self.annotators = annotators or (Either(brush),)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Move the base model to where the training is."""
        self.base.to(pl_module.device)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Simulate for a training batch, differently in each epoch; one with the prompts of a real user keeps them."""
        if "newest" in batch:
            return
        with trainer.precision_plugin.forward_context():
            self.simulate(pl_module, batch, key=(1, trainer.current_epoch, batch_idx, trainer.global_rank))

    def on_validation_batch_start(
        self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Simulate for a validation batch, the same in each epoch; the model is scored by what is taken over."""
        with trainer.precision_plugin.forward_context():
            pl_module.merge = self.simulate(pl_module, batch, key=(0, batch_idx, trainer.global_rank))

    @torch.no_grad()
    def simulate(self, model: Any, batch: dict[str, Tensor], key: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
        """Put ``initial``, ``current``, ``added``, ``erased`` and ``newest`` into a batch, see ``models.modules``.

        All planes are then cut to what the model is shown.

        Parameters
        ----------
        model : its ``prediction(batch)`` is called between prompts, and for previews
        batch : ``image`` (B, C, H, W) and ``truth`` (B, 1, H, W), 0 or 1; changed in place
        key : random numbers depend on it and on the seed

        Returns
        -------
        merge
            From predictions for the batch to the drawings that a session makes of them, (B, 1, h, w) both.
        """
        given = self._give_prompts(model, batch, key)
        windows = self._windows(given, shape_of(batch["truth"]))
        batch.update(_cut(batch, windows))

        def merge(predictions: Tensor) -> Tensor:
            merged = self._merged(predictions[:, 0].cpu().numpy(), batch, given, windows)
            return torch.from_numpy(np.stack(merged)[:, None]).to(predictions.device)

        return merge

    def _give_prompts(self, model: Any, batch: dict[str, Tensor], key: tuple[int, ...]) -> list[tuple[Prompt, ...]]:
        """Let users prompt a batch, and put in the drawing before each sample's last prompt; return the prompts."""
        batch["initial"] = torch.sigmoid(self.base(batch["image"]).float())
        batch["current"] = batch["initial"].clone()
        for name in ("added", "erased", "newest"):
            batch[name] = torch.zeros_like(batch["initial"])
        truths = _masks(batch["truth"])
        generators = [np.random.default_rng([self.seed, *key, sample]) for sample in range(len(truths))]
        wanted = [int(rng.integers(1, self.max_prompts + 1)) if self.max_prompts > 1 else 1 for rng in generators]
        users = [self.annotators[int(rng.integers(len(self.annotators)))] for rng in generators]  # no draw for one
        given: list[tuple[Prompt, ...]] = [() for _ in generators]
        going_on, drawings = list(range(len(truths))), list(batch["initial"][:, 0].cpu().numpy())
        for count in range(1, self.max_prompts + 1):
            for sample, drawing in zip(going_on, drawings, strict=True):
                state = {name: plane[[sample]] for name, plane in batch.items()}
                state["current"][0, 0] = torch.from_numpy(drawing)
                history = History(given[sample], partial(self._preview, model, state, given[sample]))
                prompt = users[sample](np.asarray(drawing > LINE), truths[sample], history, generators[sample])
                if prompt is not None:
                    batch["current"][sample] = state["current"][0]
                    self._draw(prompt, batch, sample)
                    given[sample] = (*given[sample], prompt)
            # A user that gave no prompt gives none later: it would see the same drawing.
            going_on = [sample for sample in going_on if len(given[sample]) == count < wanted[sample]]
            if not going_on:
                break
            state = {name: plane[going_on] for name, plane in batch.items()}
            drawings = self._predictions(model, state, [given[sample] for sample in going_on])
        return given

    def _windows(self, given: Sequence[Sequence[Prompt]], shape: Shape) -> list[Region]:
        """Return what the model sees of samples (h, w); of one without prompts, its first corner."""
        if self.window is None:
            return [whole(shape) for _ in given]
        corner = Region(0, 0, self.window, self.window)
        scale = self.brush.scale
        return [region_around(prompts[-1], shape, self.window, scale) if prompts else corner for prompts in given]

    def _predictions(
        self, model: Any, batch: dict[str, Tensor], given: Sequence[Sequence[Prompt]]
    ) -> list[Probabilities]:
        """Let a model predict after the newest prompts; return the drawings (h, w) that a session makes of that.

        ``given`` are the prompts of each of the batch's samples, one at least.
        """
        windows = self._windows(given, shape_of(batch["truth"]))
        cut = _cut(batch, windows)
        merged = self._merged(_predicted(model, cut)[:, 0].cpu().numpy(), cut, given, windows)
        drawings = []
        for sample, (prediction, window) in enumerate(zip(merged, windows, strict=True)):
            before = batch["current"][sample, 0].cpu().numpy()
            newest = given[sample][-1]  # it may reach beyond the window
            drawing = paste(before, pinned_maps([newest], whole(shape_of(before)), self.brush.scale))
            drawing[window.slices] = prediction
            drawings.append(drawing)
        return drawings

    def _merged(
        self,
        predictions: Probabilities,
        shown: dict[str, Tensor],
        given: Sequence[Sequence[Prompt]],
        windows: Sequence[Region],
    ) -> list[Probabilities]:
        """Return what is taken over of predictions (B, h, w) for what a model is shown; without prompts, all of it."""
        image, initial, current = (shown[name].cpu().numpy() for name in ("image", "initial", "current"))
        merged = []
        for sample, (prediction, prompts, window) in enumerate(zip(predictions, given, windows, strict=True)):
            planes = image[sample], initial[sample, 0], current[sample, 0]
            view = View(*planes, tuple(prompts), window, self.brush.scale)
            merged.append(view.paste(self.merge(view, prediction)) if prompts else prediction)
        return merged

    def _preview(
        self, model: Any, state: dict[str, Tensor], given: Sequence[Prompt], prompts: Sequence[Prompt]
    ) -> list[Mask]:
        """Return the masks of a batch of one sample after each of some further prompts, predicted in one batch."""
        asked = {name: plane[[0] * len(prompts)] for name, plane in state.items()}
        for place, prompt in enumerate(prompts):
            self._draw(prompt, asked, place)
        predictions = self._predictions(model, asked, [[*given, prompt] for prompt in prompts])
        return [np.asarray(prediction > LINE) for prediction in predictions]

    def _draw(self, prompt: Prompt, batch: dict[str, Tensor], sample: int) -> None:
        """Put what a prompt pins into a sample's planes, as ``models.encoders`` has them."""
        initial = batch["initial"]
        pinned = pinned_maps([prompt], whole(shape_of(initial)), self.brush.scale)
        line, ground = (torch.from_numpy(pixels).to(initial.device) for pixels in pinned)
        for mine, other, pixels in (("added", "erased", line), ("erased", "added", ground)):
            batch[mine][sample, 0][pixels] = 1
            batch[other][sample, 0][pixels] = 0
        batch["newest"][sample, 0] = line.float() - ground.float()


def _cut(batch: dict[str, Tensor], windows: Sequence[Region]) -> dict[str, Tensor]:
    """Return a window of each sample of a batch; all have one size."""
    return {
        name: torch.stack([plane[(..., *window.slices)] for plane, window in zip(planes, windows, strict=True)])
        for name, planes in batch.items()
    }


def _predicted(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Return a model's predictions without changing its running statistics, also while it is trained."""
    training = model.training
    model.eval()
    try:
        prediction: Tensor = model.prediction(batch)
    finally:
        model.train(training)
    return prediction


def _masks(drawings: Tensor) -> Mask:
    return np.asarray((drawings[:, 0] > LINE).cpu().numpy())
