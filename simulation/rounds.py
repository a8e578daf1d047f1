"""Simulated correction inside training: rounds of strokes on the errors of the model's own answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from data.regions import shape_of, whole
from metrics.masks import Mask
from simulation.annotators.person import Annotator, History
from simulation.annotators.published import Either
from simulation.refinement import LINE
from simulation.strokes import ADD, Brush, Stroke, draw


class SimulatedPerson(pl.Callback):
    """Gives each sample of a batch an initial drawing and a person's strokes, before the model sees it.

    The first stroke corrects the initial drawing; each further one the model's answer to those before, asked for
    without a gradient. So the gradient flows through the last round only.

    Parameters
    ----------
    base : image (B, C, H, W) to logits (B, 1, H, W); frozen
    brush : how the person draws
    annotators : who makes the strokes; of several, each sample gets one at random. Without any, ``Either``.
        Those who peek ask the model for an answer to each of their strokes, without a gradient
    rounds : strokes a sample at most. With 1 each gets one, as published; with more, none to that many
    seed : with epoch, batch and place in it, all that chance depends on, so no sample changes another
    """

    def __init__(
        self, base: nn.Module, brush: Brush, *, rounds: int, seed: int, annotators: Sequence[Annotator] = ()
    ) -> None:
        self.base = base.requires_grad_(False).eval()
        self.brush, self.rounds, self.seed = brush, rounds, seed
        self.annotators = annotators or (Either(brush),)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Move the base model to where the training is."""
        self.base.to(pl_module.device)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Simulate for a training batch, differently in each epoch."""
        with trainer.precision_plugin.forward_context():
            self.simulate(pl_module, batch, key=(1, trainer.current_epoch, batch_idx, trainer.global_rank))

    def on_validation_batch_start(
        self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Simulate for a validation batch, alike in each epoch."""
        with trainer.precision_plugin.forward_context():
            self.simulate(pl_module, batch, key=(0, batch_idx, trainer.global_rank))

    @torch.no_grad()
    def simulate(self, model: Any, batch: dict[str, Tensor], key: tuple[int, ...]) -> None:
        """Put ``initial``, ``added`` and ``erased`` into a batch.

        Parameters
        ----------
        model : asked by ``prediction(batch)`` for its answer between rounds, and by those who peek
        batch : ``image`` (B, C, H, W) and ``truth`` (B, 1, H, W), 0 or 1; changed in place
        key : with the seed, what chance depends on
        """
        batch["initial"] = torch.sigmoid(self.base(batch["image"]).float())
        batch["added"] = torch.zeros_like(batch["initial"])
        batch["erased"] = torch.zeros_like(batch["initial"])
        truths = _masks(batch["truth"])
        generators = [np.random.default_rng([self.seed, *key, sample]) for sample in range(len(truths))]
        wanted = [int(rng.integers(0, self.rounds + 1)) if self.rounds > 1 else 1 for rng in generators]
        people = [self.annotators[int(rng.integers(len(self.annotators)))] for rng in generators]  # no draw for one
        made: list[list[Stroke]] = [[] for _ in generators]
        drawing = batch["initial"]
        for round_number in range(max(wanted, default=0)):
            if round_number:
                drawing = _answer(model, batch)
            for sample, predicted in enumerate(_masks(drawing)):
                if round_number < wanted[sample]:
                    history = History(tuple(made[sample]), partial(self._preview, model, batch, sample))
                    stroke = people[sample](predicted, truths[sample], history, generators[sample])
                    if stroke is not None:
                        self._draw(stroke, batch, sample)
                        made[sample].append(stroke)

    def _preview(self, model: Any, batch: dict[str, Tensor], sample: int, strokes: Sequence[Stroke]) -> list[Mask]:
        """Ask a model for its answers to one sample with each of some further strokes, in one batch."""
        asked = {name: batch[name][[sample] * len(strokes)] for name in ("image", "initial", "added", "erased")}
        for place, stroke in enumerate(strokes):
            self._draw(stroke, asked, place)
        return list(_masks(_answer(model, asked)))

    def _draw(self, stroke: Stroke, batch: dict[str, Tensor], sample: int) -> None:
        initial = batch["initial"]
        mark = torch.from_numpy(draw(stroke, whole(shape_of(initial)), self.brush.scale)).to(initial.device)
        mine, other = ("added", "erased") if stroke.sign == ADD else ("erased", "added")
        batch[mine][sample, 0][mark] = 1
        batch[other][sample, 0][mark] = 0


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
