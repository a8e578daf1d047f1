"""``python -m models.publish``: write a checkpoint as weights that are distributed with the code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import ModelName
from user_config import settings

if TYPE_CHECKING:
    from metrics.calibration import Calibration
    from models.checkpoints import TrainedModel
    from models.weights import Precision


@click.command(context_settings={"show_default": True})
@click.argument("model", type=ModelName())
@click.argument("name")
@click.option(
    "--base_model",
    type=ModelName(),
    default="",
    metavar="MODEL",
    show_default=False,
    help="The base model that an interactive one corrects: run id, checkpoint or name of weights.",
)
@click.option(
    "--merge",
    default="",
    show_default="what the model was trained for",
    help="What of an interactive model's answers is taken over, as for eval.",
)
@click.option(
    "--precision",
    type=click.Choice(["half", "full"]),
    default="half",
    help="half: kernels in 16 bits, all else in 32; full: everything in 32.",
)
@click.option(
    "--without_views",
    is_flag=True,
    help="Leave out the names of the views that it was trained on: those of made-up mirrors mean others elsewhere.",
)
@click.option("--overwrite", is_flag=True, help="Replace weights of that name.")
def main(model: str, name: str, base_model: str, merge: str, **options: Any) -> None:
    """Write MODEL, a run id or a checkpoint, to weights/NAME.safetensors.

    There train, predict and eval find it by NAME, wherever they are started. A base model's calibration, where
    `python -m runs.calibration` has written one beside it, goes with it.
    """
    from data.errors import DataError, explain
    from models.errors import ModelError

    try:
        path = publish(model, name, settings().project, base_model, merge=merge, **options)
    except (DataError, ModelError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB. Say in {path.with_name('README.md')} what it is.")


def publish(
    model: str,
    name: str,
    project: Path,
    base_model: str = "",
    *,
    merge: str = "",
    precision: Precision = "half",
    without_views: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a trained model as weights; return their file.

    Parameters
    ----------
    model, base_model : as ``models.checkpoints.find_checkpoint`` takes them; a base model for an interactive one only
    name : of the weights
    project : where runs lie
    merge : what of an interactive model's answers is taken over, see ``interaction.merging``, where that is not what it
        was trained for
    precision : see ``models.weights.write_weights``
    without_views : whether to leave out the names of the views that it was trained and validated on; they are counted
    overwrite : whether weights of that name may be replaced

    Raises
    ------
    DataError
        If there is no such merge.
    ModelError
        If a model cannot be loaded, the two do not belong together, its calibration is damaged, or the weights are
        there or too large.
    OSError
        If the file cannot be written.
    """
    from data.io.files import file_hash
    from data.version import program_version
    from interaction.merging import merge_named
    from models.calibration import write_table
    from models.checkpoints import find_checkpoint, load_model, read_checkpoint
    from models.errors import ModelError
    from models.weights import CALIBRATION, NAME, shipped, write_weights

    if merge:
        merge_named(merge)
    if not NAME.fullmatch(name):
        raise ModelError(f"{name!r}: cannot name weights; use letters and digits, with - or _ between")
    path = shipped(name)
    if path.exists() and not overwrite:
        raise ModelError(f"{path}: is there already; give another name, or --overwrite")
    source = find_checkpoint(model, project)
    content = read_checkpoint(source)
    hyper_parameters = content["hyper_parameters"]
    trained = load_model(source, hyper_parameters["kind"])
    views = hyper_parameters.get("views", {})
    origin = {
        "checkpoint": trained.sha256,
        "views": {part: len(names) for part, names in views.items()},
        "version": program_version(),
    }
    if hyper_parameters["kind"] == "interactive":
        if not base_model:
            raise ModelError(f"{source}: is interactive; name the base model that it corrects with --base_model")
        base = load_model(find_checkpoint(base_model, project), "base")
        if not trained.task.sees_as(base.task):
            raise ModelError(f"{source} was trained for {trained.task}, {base.path} for {base.task}; name its own base")
        origin["base"] = base.sha256
    elif base_model or merge:
        raise ModelError(f"{source}: is a base model, which corrects no other; leave out --base_model and --merge")
    if merge:
        hyper_parameters = {**hyper_parameters, "task": {**hyper_parameters["task"], "merge": merge}}
    if without_views:
        hyper_parameters = {**hyper_parameters, "views": {}}
    calibration = _calibration_of(trained)
    write_weights(path, content["state_dict"], hyper_parameters, origin, precision)
    beside = path.with_suffix(CALIBRATION)
    if calibration:
        write_table(beside, calibration, file_hash(path))
    else:
        beside.unlink(missing_ok=True)  # of weights that were replaced
    return path


def _calibration_of(trained: TrainedModel) -> Calibration | None:
    """Read the calibration of a checkpoint, if one was fitted; it also holds for the rounded weights."""
    from models.calibration import read_table
    from models.weights import CALIBRATION

    path = trained.path.with_suffix(CALIBRATION)
    if not path.exists():
        return None
    table, fitted_to = read_table(path)
    return table if fitted_to == trained.sha256 else None


if __name__ == "__main__":
    main()
