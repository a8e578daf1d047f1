"""Simulated correction inside training: rounds of strokes on the errors of the model's own answers."""

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
from interaction.prompts.strokes import ADD, Stroke, draw
from interaction.refiners import region_around
from interaction.session import LINE
from metrics.masks import Mask
from simulation.annotators.published import Either
from simulation.annotators.simulated_user import History, SimulatedUser
from simulation.strokes import Brush


class IterativePrompting(pl.Callback):
    """Gives each sample of a batch an initial drawing and a person's strokes, before the model sees it.

    The first stroke corrects the initial drawing; each further one the model's answer to those before, asked for
    without a gradient. So the gradient flows through the last round only.

    Parameters
    ----------
    base : image (B, C, H, W) to logits (B, 1, H, W); frozen
    brush : how the person draws
    annotators : who makes the strokes; of several, each sample gets one at random. Without any, ``Either``.
        Those who peek ask the model for an answer to each of their strokes, without a gradient
    rounds : strokes a sample at most. With 1 each gets one, as published; with more, one to that many
    merge : what of the model's answers is taken over, between rounds and in validation
    window : side of the window around its newest stroke that the model sees of a sample; None: all of the sample
    seed : with epoch, batch and place in it, all that chance depends on, so no sample changes another; but the model is
        only asked for samples that get another stroke, and how many are asked for may change an answer's last bits
    """

    def __init__(
        self,
        base: nn.Module,
        brush: Brush,
        *,
        rounds: int,
        seed: int,
        annotators: Sequence[SimulatedUser] = (),
        merge: Merge = whole_window,
        window: int | None = None,
    ) -> None:
        self.base = base.requires_grad_(False).eval()
        self.brush, self.rounds, self.seed, self.merge, self.window = brush, rounds, seed, merge, window
        self.annotators = annotators or (Either(brush),)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Move the base model to where the training is."""
        self.base.to(pl_module.device)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Simulate for a training batch, differently in each epoch; one that brings strokes of a person keeps them."""
        if "newest" in batch:
            return
        with trainer.precision_plugin.forward_context():
            self.simulate(pl_module, batch, key=(1, trainer.current_epoch, batch_idx, trainer.global_rank))

    def on_validation_batch_start(
        self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Simulate for a validation batch, alike in each epoch, and let the model be scored by what is taken over."""
        with trainer.precision_plugin.forward_context():
            pl_module.merge = self.simulate(pl_module, batch, key=(0, batch_idx, trainer.global_rank))

    @torch.no_grad()
    def simulate(self, model: Any, batch: dict[str, Tensor], key: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
        """Put ``initial``, ``current``, ``added``, ``erased`` and ``newest`` into a batch, see ``models.modules``.

        What the model will not see is then cut off.

        Parameters
        ----------
        model : asked by ``prediction(batch)`` for its answer between rounds, and by those who peek
        batch : ``image`` (B, C, H, W) and ``truth`` (B, 1, H, W), 0 or 1; changed in place
        key : with the seed, what chance depends on

        Returns
        -------
        merge
            From answers to the batch to the drawings that a session makes of them, (B, 1, h, w) both.
        """
        made = self._make_strokes(model, batch, key)
        windows = self._windows(made, shape_of(batch["truth"]))
        batch.update(_cut(batch, windows))

        def merge(answers: Tensor) -> Tensor:
            merged = self._merged(answers[:, 0].cpu().numpy(), batch, made, windows)
            return torch.from_numpy(np.stack(merged)[:, None]).to(answers.device)

        return merge

    def _make_strokes(self, model: Any, batch: dict[str, Tensor], key: tuple[int, ...]) -> list[tuple[Stroke, ...]]:
        """Draw strokes into a batch, and the answers before each sample's last; return them."""
        batch["initial"] = torch.sigmoid(self.base(batch["image"]).float())
        batch["current"] = batch["initial"].clone()
        for name in ("added", "erased", "newest"):
            batch[name] = torch.zeros_like(batch["initial"])
        truths = _masks(batch["truth"])
        generators = [np.random.default_rng([self.seed, *key, sample]) for sample in range(len(truths))]
        wanted = [int(rng.integers(1, self.rounds + 1)) if self.rounds > 1 else 1 for rng in generators]
        people = [self.annotators[int(rng.integers(len(self.annotators)))] for rng in generators]  # no draw for one
        made: list[tuple[Stroke, ...]] = [() for _ in generators]
        going_on, drawings = list(range(len(truths))), list(batch["initial"][:, 0].cpu().numpy())
        for round_number in range(1, self.rounds + 1):
            for sample, drawing in zip(going_on, drawings, strict=True):
                state = {name: plane[[sample]] for name, plane in batch.items()}
                state["current"][0, 0] = torch.from_numpy(drawing)
                history = History(made[sample], partial(self._preview, model, state, made[sample]))
                stroke = people[sample](np.asarray(drawing > LINE), truths[sample], history, generators[sample])
                if stroke is not None:
                    batch["current"][sample] = state["current"][0]
                    self._draw(stroke, batch, sample)
                    made[sample] = (*made[sample], stroke)
            # Who made no stroke makes none later: it would look at the same drawing.
            going_on = [sample for sample in going_on if len(made[sample]) == round_number < wanted[sample]]
            if not going_on:
                break
            state = {name: plane[going_on] for name, plane in batch.items()}
            drawings = self._answers(model, state, [made[sample] for sample in going_on])
        return made

    def _windows(self, made: Sequence[Sequence[Stroke]], shape: Shape) -> list[Region]:
        """Return what the model sees of samples (h, w); of one without strokes, its first corner."""
        if self.window is None:
            return [whole(shape) for _ in made]
        corner = Region(0, 0, self.window, self.window)
        scale = self.brush.scale
        return [region_around(strokes[-1], shape, self.window, scale) if strokes else corner for strokes in made]

    def _answers(self, model: Any, batch: dict[str, Tensor], made: Sequence[Sequence[Stroke]]) -> list[Probabilities]:
        """Ask a model for its answers to the newest strokes; return the drawings (h, w) that a session makes of them.

        ``made`` are the strokes of each of the batch's samples, one at least.
        """
        windows = self._windows(made, shape_of(batch["truth"]))
        cut = _cut(batch, windows)
        merged = self._merged(_answer(model, cut)[:, 0].cpu().numpy(), cut, made, windows)
        drawings = []
        for sample, (answer, window) in enumerate(zip(merged, windows, strict=True)):
            drawing = batch["current"][sample, 0].cpu().numpy().copy()
            newest = made[sample][-1]  # its ends may lie beyond the window
            drawing[draw(newest, whole(shape_of(drawing)), self.brush.scale)] = newest.sign == ADD
            drawing[window.slices] = answer
            drawings.append(drawing)
        return drawings

    def _merged(
        self,
        answers: Probabilities,
        shown: dict[str, Tensor],
        made: Sequence[Sequence[Stroke]],
        windows: Sequence[Region],
    ) -> list[Probabilities]:
        """Return what is taken over of answers (B, h, w) to what a model is shown; all of one to no stroke."""
        image, initial, current = (shown[name].cpu().numpy() for name in ("image", "initial", "current"))
        merged = []
        for sample, (answer, strokes, window) in enumerate(zip(answers, made, windows, strict=True)):
            planes = image[sample], initial[sample, 0], current[sample, 0]
            view = View(*planes, tuple(strokes), window, self.brush.scale)
            merged.append(view.paste(self.merge(view, answer)) if strokes else answer)
        return merged

    def _preview(
        self, model: Any, state: dict[str, Tensor], made: Sequence[Stroke], strokes: Sequence[Stroke]
    ) -> list[Mask]:
        """Ask a model for its answers to a batch of one sample with each of some further strokes, in one batch."""
        asked = {name: plane[[0] * len(strokes)] for name, plane in state.items()}
        for place, stroke in enumerate(strokes):
            self._draw(stroke, asked, place)
        answers = self._answers(model, asked, [[*made, stroke] for stroke in strokes])
        return [np.asarray(answer > LINE) for answer in answers]

    def _draw(self, stroke: Stroke, batch: dict[str, Tensor], sample: int) -> None:
        initial = batch["initial"]
        mark = torch.from_numpy(draw(stroke, whole(shape_of(initial)), self.brush.scale)).to(initial.device)
        mine, other = ("added", "erased") if stroke.sign == ADD else ("erased", "added")
        batch[mine][sample, 0][mark] = 1
        batch[other][sample, 0][mark] = 0
        batch["newest"][sample, 0] = stroke.sign * mark.float()


def _cut(batch: dict[str, Tensor], windows: Sequence[Region]) -> dict[str, Tensor]:
    """Return a window of each sample of a batch; they are of one size."""
    return {
        name: torch.stack([plane[(..., *window.slices)] for plane, window in zip(planes, windows, strict=True)])
        for name, planes in batch.items()
    }


def _answer(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Ask a model that may be in training, without touching its running statistics."""
    training = model.training
    model.eval()
    try:
        answer: Tensor = model.prediction(batch)
    finally:
        model.train(training)
    return answer


def _masks(drawings: Tensor) -> Mask:
    return np.asarray((drawings[:, 0] > LINE).cpu().numpy())
