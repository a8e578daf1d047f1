"""Simulated correction inside training: rounds of strokes on the errors of the model's own answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from data.regions import shape_of, whole
from metrics.masks import Mask
from simulation.refinement import LINE
from simulation.strokes import ADD, Brush, Stroke, draw, trace_missing, trace_superfluous


class SimulatedPerson(pl.Callback):
    """Gives each sample of a batch an initial drawing and a person's strokes, before the model sees it.

    The first stroke corrects the initial drawing; each further one the model's answer to those before, asked for
    without a gradient. So the gradient flows through the last round only.

    Parameters
    ----------
    base : image (B, C, H, W) to logits (B, 1, H, W); frozen
    brush : how the person draws
    rounds : strokes a sample at most. With 1 each gets one, as published; with more, none to that many
    seed : with epoch, batch and place in it, all that chance depends on, so no sample changes another
    """

    def __init__(self, base: nn.Module, brush: Brush, *, rounds: int, seed: int) -> None:
        self.base = base.requires_grad_(False).eval()
        self.brush, self.rounds, self.seed = brush, rounds, seed

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
        model : asked by ``prediction(batch)`` for its answer between rounds
        batch : ``image`` (B, C, H, W) and ``truth`` (B, 1, H, W), 0 or 1; changed in place
        key : with the seed, what chance depends on
        """
        batch["initial"] = torch.sigmoid(self.base(batch["image"]).float())
        batch["added"] = torch.zeros_like(batch["initial"])
        batch["erased"] = torch.zeros_like(batch["initial"])
        truths = _masks(batch["truth"])
        generators = [np.random.default_rng([self.seed, *key, sample]) for sample in range(len(truths))]
        wanted = [int(rng.integers(0, self.rounds + 1)) if self.rounds > 1 else 1 for rng in generators]
        drawing = batch["initial"]
        for round_number in range(max(wanted, default=0)):
            if round_number:
                drawing = _answer(model, batch)
            for sample, predicted in enumerate(_masks(drawing)):
                if round_number < wanted[sample]:
                    stroke = any_stroke(predicted, truths[sample], generators[sample], self.brush)
                    if stroke is not None:
                        self._draw(stroke, batch, sample)

    def _draw(self, stroke: Stroke, batch: dict[str, Tensor], sample: int) -> None:
        initial = batch["initial"]
        mark = torch.from_numpy(draw(stroke, whole(shape_of(initial)), self.brush.scale)).to(initial.device)
        mine, other = ("added", "erased") if stroke.sign == ADD else ("erased", "added")
        batch[mine][sample, 0][mark] = 1
        batch[other][sample, 0][mark] = 0


def any_stroke(prediction: Mask, truth: Mask, rng: np.random.Generator, brush: Brush) -> Stroke | None:
    """Add or erase with equal chance; where there is nothing of the one kind, the other; None where all is right."""
    kinds = [trace_missing, trace_superfluous]
    if rng.random() < 0.5:
        kinds.reverse()
    first, second = kinds
    return first(prediction, truth, rng, brush) or second(prediction, truth, rng, brush)


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
