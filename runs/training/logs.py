"""The logs of trainings: Weights & Biases, online only if there is an account and a network, and CSV beside it."""

from __future__ import annotations

import hashlib
import logging
import netrc
import os
import socket
import warnings
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import click
import numpy as np
import pytorch_lightning as pl
from pytorch_lightning.callbacks import Timer
from pytorch_lightning.loggers import CSVLogger, Logger, WandbLogger
from torch import Tensor
from tqdm import tqdm

from data.io.png import write_png
from data.progress import echo_above
from interaction.session import LINE
from runs import pictures
from user_config import Settings

PICTURES = 4  # samples of the first validation batch that are drawn each epoch
CONNECT_SECONDS = 2.0


def make_loggers(config: Settings, run_id: str, options: dict[str, Any]) -> list[Logger]:
    """Return the loggers of a run; its folder is ``WANDB_PROJECT/run_id``, and ``options`` are shown with it."""
    folder = config.project / run_id
    online = can_log_online()
    logger = _wandb_logger(config, folder, options, offline=not online)
    if online:
        import wandb

        try:
            _ = logger.experiment  # begins the run
        except wandb.Error as error:
            click.echo(f"Weights & Biases does not take this run ({error}); it is logged offline", err=True)
            logger = _wandb_logger(config, folder, options, offline=True)
    return [logger, CSVLogger(str(folder), name="csv", flush_logs_every_n_steps=20)]


def _wandb_logger(config: Settings, folder: Path, options: dict[str, Any], *, offline: bool) -> WandbLogger:
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    place = hashlib.sha256(f"{socket.gethostname()}:{folder.resolve()}".encode()).hexdigest()[:8]
    logger = WandbLogger(
        name=folder.name,
        id=f"{folder.name}-{place}",  # goes on with itself, and never with somebody else's run of that name
        project=config.project.name,
        entity=config.wandb_entity or None,
        save_dir=str(folder),
        offline=offline,
        config=options,
        resume="allow",
        settings=wandb.Settings(silent=True),
    )
    logger._wandb_init.pop("anonymous", None)  # Lightning sends it always, and wandb warns of it each time
    return logger


def finish_logs() -> None:
    """Close the run at Weights & Biases, so that a next one in this process is a run of its own."""
    import wandb

    wandb.finish()


def can_log_online() -> bool:
    """Whether Weights & Biases can be reached with an account, so that it never has to ask.

    ``WANDB_MODE`` can keep it offline.
    """
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai"))
    has_account = bool(os.environ.get("WANDB_API_KEY")) or _in_netrc(host.hostname or "")
    if os.environ.get("WANDB_MODE", "online") != "online" or not has_account:
        return False
    try:
        with socket.create_connection((host.hostname, host.port or 443), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def quiet_lightning() -> None:
    """Silence Lightning's advertisements and its warnings about its own internals."""
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="pytorch_lightning.utilities._pytree")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")


class EpochLines(pl.Callback):
    """Prints a line an epoch, which a log file keeps and a progress bar does not, with the time that is left."""

    def __init__(self) -> None:
        self._began, self._epochs = monotonic(), 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take the time."""
        self._began, self._epochs = monotonic(), 0

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Print the epoch's loss, and the scores of the validation in it."""
        if trainer.is_global_zero:
            self._epochs += 1
            metrics = [f"{name} {float(value):.4f}" for name, value in sorted(trainer.callback_metrics.items())]
            echo_above(f"epoch {trainer.current_epoch}: {', '.join(metrics)} [{self._time(trainer)}]")

    def _time(self, trainer: pl.Trainer) -> str:
        """Say what has passed and what is left, till the last epoch or --max_minutes; it may stop before."""
        spent = monotonic() - self._began
        epochs = (trainer.max_epochs or 0) - trainer.current_epoch - 1
        timers = [one for one in trainer.callbacks if isinstance(one, Timer)]  # type: ignore[attr-defined]
        limits = [limit for limit in (timer.time_remaining() for timer in timers) if limit is not None]
        left = max(0.0, min([epochs * spent / self._epochs, *limits]))
        return f"{tqdm.format_interval(spent)}, at most {tqdm.format_interval(left)} to go"


class PictureLog(pl.Callback):
    """Draws a few validation samples each epoch: input, truth, prediction, errors with the strokes in them.

    Parameters
    ----------
    folder : where the pictures go, as ``epoch=NNN.png``; to Weights & Biases besides
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: dict[str, Tensor],
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Draw the first batch; ``outputs`` is its prediction (B, 1, H, W)."""
        if batch_idx or trainer.sanity_checking or not trainer.is_global_zero:
            return
        rows = [_sample_picture(batch, outputs, sample) for sample in range(min(PICTURES, len(outputs)))]
        write_png(self.folder / f"epoch={trainer.current_epoch:03d}.png", np.concatenate(rows))
        for logger in trainer.loggers:
            if isinstance(logger, WandbLogger):
                logger.log_image("validation", rows)


def _sample_picture(batch: dict[str, Tensor], prediction: Tensor, sample: int) -> pictures.Picture:
    def plane(tensor: Tensor) -> Any:
        return tensor[sample, 0].detach().float().cpu().numpy()

    image, truth, predicted = plane(batch["image"]), plane(batch["truth"]) > LINE, plane(prediction)
    wrong = pictures.errors(predicted > LINE, truth)
    if "added" in batch:
        wrong = pictures.with_strokes(wrong, plane(batch["added"]) > 0, plane(batch["erased"]) > 0)
    shown = [pictures.grey(image), pictures.ink(truth.astype(np.float32))]
    if "initial" in batch:
        shown.append(pictures.ink(plane(batch["initial"])))
    return pictures.side_by_side(*shown, pictures.ink(predicted), wrong)


def _in_netrc(host: str) -> bool:
    try:
        return netrc.netrc().authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
