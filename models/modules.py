"""The two models as Lightning modules. They share training and validation, and differ in the network's inputs.

A batch is a dict of ``image`` (B, C, H, W) in [0, 1] and ``truth`` (B, 1, H, W), 0 or 1. For the interactive model it
also holds the planes of its prompts, (B, 1, H, W) each, as ``models.encoders`` has them: ``initial`` and ``current`` in
[0, 1], ``added`` and ``erased``, 0 or 1, and ``newest``, -1, 0 or 1. Where a batch holds ``known`` (B, 1, H, W), 0 or
1, only pixels that are known take part in the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torchmetrics import MetricCollection

from metrics.torch_metrics import line_metrics
from metrics.truths import TruthCache
from models.errors import ModelError
from models.losses import LOSSES
from models.networks import NETWORKS, NetworkConfig
from models.schedules import COSINE, PLATEAU, rise_and_fall

Batch = Mapping[str, Tensor]

RIGHT = 16.0  # logit of a pixel of which nothing is known, towards the truth it stands beside: float32's, nearly

LR_PATIENCE, LR_FACTOR = 5, 0.5  # the learning rate is halved when validation stalls for five epochs, as published


class LineModule(pl.LightningModule):
    """The training and validation that both models share.

    Parameters
    ----------
    network : the fields of a ``NetworkConfig``
    task : what the network expects: channels, scale, patch, dataset
    lr : learning rate of Adam
    views : names of the views trained and validated on, by ``train`` and ``validation``; kept in checkpoints
    schedule : of the learning rate, a name in ``models.schedules.SCHEDULES``
    loss : a name in ``models.losses.LOSSES``
    """

    kind: str  # base or interactive, written into checkpoints
    monitor: str  # the validation score that checkpoints, early stopping and learning rate depend on; higher is better

    def __init__(
        self,
        network: dict[str, Any],
        task: dict[str, Any],
        lr: float,
        views: dict[str, list[str]] | None = None,
        *,
        schedule: str = PLATEAU,
        loss: str = "dice",
    ) -> None:
        super().__init__()
        fields = {"network": network, "task": task, "lr": lr, "schedule": schedule, "loss": loss, "views": views or {}}
        self.save_hyperparameters({"kind": self.kind, **fields})
        self.loss = LOSSES[loss]
        self.network = NETWORKS[self.kind](NetworkConfig.from_dict(network)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.truths = TruthCache()  # of the validation patches, which come back in each epoch
        self.val_metrics = line_metrics("val_", truths=self.truths)

    def logits(self, batch: Batch) -> Tensor:
        """Return the network's logits, (B, 1, H, W)."""
        raise NotImplementedError

    def prediction(self, batch: Batch) -> Tensor:
        """Return the network's prediction, (B, 1, H, W) probabilities."""
        return torch.sigmoid(self.logits(batch).float())

    def drawing(self, batch: Batch) -> Tensor:
        """Return the drawing that a user would get, (B, 1, H, W) probabilities; validation scores it."""
        return self.prediction(batch)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        loss = self.loss(_where_known(self.logits(batch), batch), batch["truth"])
        self.log("train_loss", loss, prog_bar=True, batch_size=len(batch["truth"]))
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Score one batch; return its drawing, of which a callback makes pictures."""
        drawing = self.drawing(batch)
        if not torch.isfinite(drawing).all():
            raise ModelError("the network's predictions are not finite any more; train again, with a lower --lr")
        self.val_metrics.update(drawing, batch["truth"])
        return drawing

    def on_validation_epoch_end(self) -> None:
        """Log the epoch's scores."""
        self.log_dict(self.val_metrics.compute(), prog_bar=True, sync_dist=True)
        self.val_metrics.reset()

    def on_train_epoch_end(self) -> None:
        """Step a plateau's learning rate before checkpoints are written, so that a resumed training knows of it."""
        if self.hparams["schedule"] != PLATEAU:
            return
        score = self.trainer.callback_metrics.get(self.monitor)
        scheduler: Any = self.lr_schedulers()
        if score is not None:
            scheduler.step(score)

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Step a cosine after each batch; a plateau not here, for Lightning has written checkpoints by now."""
        if self.hparams["schedule"] == COSINE:
            scheduler.step()

    def configure_optimizers(self) -> Any:
        """Adam; the learning rate is halved when validation stalls, or goes up and down again over the training."""
        optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams["lr"])
        if self.hparams["schedule"] == COSINE:
            height = partial(rise_and_fall, steps=int(self.trainer.estimated_stepping_batches))
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, height)
            return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}
        stalling = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "max", factor=LR_FACTOR, patience=LR_PATIENCE)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": stalling, "monitor": self.monitor}}


class BaseModule(LineModule):
    """The base model: image in, drawing out; the best checkpoint is chosen by validation pFM."""

    kind, monitor = "base", "val_pfm"

    def logits(self, batch: Batch) -> Tensor:
        """Return the network's logits, (B, 1, H, W)."""
        result: Tensor = self.network(batch["image"])
        return result


class InteractiveModule(LineModule):
    """The interactive model; the best checkpoint is chosen by its gain in pFM over pasting the same strokes.

    Attributes
    ----------
    merge : from predictions for a validation batch to the drawings after the merge rule, both (B, 1, H, W); set for
        each batch by the callback that simulates its strokes. None: predictions are scored as they are
    """

    kind, monitor = "interactive", "val_gain"

    def __init__(
        self,
        network: dict[str, Any],
        task: dict[str, Any],
        lr: float,
        views: dict[str, list[str]] | None = None,
        **learning: str,
    ) -> None:
        super().__init__(network, task, lr, views, **learning)
        self.manual_metrics: MetricCollection = line_metrics("val_manual_", truths=self.truths)
        self.merge: Callable[[Tensor], Tensor] | None = None

    def logits(self, batch: Batch) -> Tensor:
        """Return the network's logits, (B, 1, H, W)."""
        result: Tensor = self.network(batch["image"], *(batch[name] for name in self.network.inputs))
        return result

    def prediction(self, batch: Batch) -> Tensor:
        """Return the prediction with all that prompts pin pasted in, as the session does."""
        return paste(super().prediction(batch), batch)

    def drawing(self, batch: Batch) -> Tensor:
        """Return the drawing after the task's merge rule, as the session does."""
        prediction = self.prediction(batch)
        return self.merge(prediction) if self.merge else prediction

    def validation_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Score refined and manual drawing alike."""
        self.manual_metrics.update(paste(batch["initial"], batch), batch["truth"])
        return super().validation_step(batch, batch_idx)

    def on_validation_epoch_end(self) -> None:
        """Log both and their difference."""
        refined, manual = self.val_metrics.compute(), self.manual_metrics.compute()
        self.log_dict(manual, sync_dist=True)
        self.log("val_gain", refined["val_pfm"] - manual["val_manual_pfm"], prog_bar=True, sync_dist=True)
        self.manual_metrics.reset()
        super().on_validation_epoch_end()


def paste(drawing: Tensor, batch: Batch) -> Tensor:
    """Put what a batch's prompts pin into a drawing (B, 1, H, W): 1 where added, 0 where erased."""
    return torch.where(batch["erased"] > 0, 0.0, torch.where(batch["added"] > 0, 1.0, drawing))


def _where_known(logits: Tensor, batch: Batch) -> Tensor:
    """Return logits that are right, and hand on no gradient, where a batch says that its truth is not known."""
    if "known" not in batch:
        return logits
    return torch.where(batch["known"] > 0, logits, RIGHT * (2 * batch["truth"] - 1))


MODULES: dict[str, type[LineModule]] = {"base": BaseModule, "interactive": InteractiveModule}
