"""``python -m runs.calibration``: fit the calibration of a base model's probabilities on its validation views.

The table lies beside the model's checkpoint, ``<name>.calibration.json`` beside ``<name>.ckpt``, so that it can be used
where those views are absent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import ModelName

if TYPE_CHECKING:
    from data.storage import PreparedSet
    from metrics.calibration import Calibration
    from models.checkpoints import TrainedModel
    from runs.predicting.loaded_models import LoadedBase


def calibration_path(base: TrainedModel) -> Path:
    """Return the file of a base model's calibration, whether it is there or not."""
    from models.weights import CALIBRATION

    return base.path.with_suffix(CALIBRATION)


def read_calibration(base: TrainedModel) -> Calibration:
    """Read a base model's calibration.

    Raises
    ------
    ModelError, RunError
        If it is damaged, or was never fitted, or to other weights.
    """
    from models.calibration import read_table
    from runs.errors import RunError

    path = calibration_path(base)
    try:
        table, fitted_to = read_table(path)
    except FileNotFoundError as error:
        raise RunError(f"{path}: not there; fit it by `python -m runs.calibration --base_model {base.path}`") from error
    if fitted_to != base.sha256:
        raise RunError(f"{path}: fitted to other weights than {base.path}; remove it, and it is fitted again")
    return table


def calibrated(
    model: LoadedBase,
    prepared: PreparedSet,
    report: Callable[[str], None],
    progress: Callable[[float], object] = lambda share: None,
) -> Path:
    """Fit a base model's calibration on its validation views, unless that was done; return the file.

    Parameters
    ----------
    model : the base model
    prepared : the set that holds those views
    report : called with a line for each view that is drawn
    progress : called with the share that is done

    Raises
    ------
    ModelError, RunError
        If the model names no such view, one is not in the set, or what is there does not fit the model.
    """
    import numpy as np

    from metrics.calibration import calibration
    from models.calibration import write_table
    from runs.errors import RunError
    from runs.predicting.drawings import WINDOWS_AT_ONCE, initial_drawing

    base = model.trained
    path = calibration_path(base)
    if path.exists():
        read_calibration(base)
        return path
    if not base.validated_on:
        raise RunError(
            f"{path}: not there, and it cannot be fitted, as {base.path} names no view that it was validated on; "
            "if it was published without, fit the checkpoint that it was published from, and publish that again"
        )
    if missing := [name for name in base.validated_on if name not in prepared.members]:
        raise RunError(
            f"{path}: not there, and it cannot be fitted here, as {prepared.folder} lacks the views that the model was "
            f"validated on ({', '.join(missing)}); where they are, run "
            f"`python -m runs.calibration --base_model {base.path}`"
        )
    predictor = model.predictor(report, batch=WINDOWS_AT_ONCE)
    probabilities, truths = [], []
    for number, name in enumerate(base.validated_on):
        report(f"{name}: drawn to calibrate {base.path}")

        def drawn(share: float, before: int = number) -> None:
            progress((before + share) / len(base.validated_on))

        view = prepared.view(name)
        valid_mask = np.asarray(view.mask)
        probabilities.append(initial_drawing(view, base, predictor, drawn)[valid_mask])
        truths.append(view.truth[valid_mask])
    write_table(path, calibration(probabilities, truths), base.sha256)
    return path


@click.command(context_settings={"show_default": True})
@click.option(
    "--base_model", type=ModelName(), required=True, metavar="MODEL", help="Run id or checkpoint of the base model."
)
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="As for eval.")
def main(base_model: str, backend: str, device: str) -> None:
    """Fit a base model's calibration and keep it beside its checkpoint, for `python -m eval --order predicted`."""
    import torch

    from data.progress import ProgressBar
    from data.storage import PreparedSet
    from models.backends import chosen_backend
    from runs.commands import one_message
    from runs.device import torch_device
    from runs.predicting.loaded_models import load_base
    from user_config import settings

    config = settings()
    with one_message():
        where = torch_device(device)
        computed_by = chosen_backend(backend, torch.device(where), click.echo)
        base = load_base(base_model, config.project, where, computed_by)
        prepared = PreparedSet.open(config.storage, base.trained.task.dataset)
        with ProgressBar([base_model], click.echo, unit="models") as progress:
            path = calibrated(base, prepared, progress.echo, partial(progress.update, base_model))
        click.echo(path)


if __name__ == "__main__":
    main()
