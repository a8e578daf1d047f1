"""``python -m train``: train the base model, or the interactive model on top of one."""

from __future__ import annotations

import os

import click
from click.core import ParameterSource

from user_config import settings


@click.command(context_settings={"show_default": True})
@click.option("--dataset", type=click.Choice(["mirrors", "lines"]), default="mirrors", help="Kind of the prepared set.")
@click.option("--channels", default="depth", help="What the network sees: depth, normals, albedo; with commas.")
@click.option("--is_interactive", type=bool, default=False, help="Train the interactive model.")
@click.option("--base_model", default="", help="Run id or checkpoint of the base model to correct.")
@click.option(
    "--start_from_base", type=bool, default=True, help="Begin with the base model's weights; False as published."
)
@click.option("--arch", default="unet", help="unet, as published, or unet-slim with a lighter decoder.")
@click.option("--enc_str", default="efficientnet-b6", help="Encoder, a name in segmentation-models-pytorch.")
@click.option("--patch_size", default=512, help="Side of a patch, in scan pixels.")
@click.option("--batch_train", type=click.IntRange(min=1), default=32, help="Crops in a training batch.")
@click.option("--batch_val", type=click.IntRange(min=1), default=32, help="Patches in a validation batch.")
@click.option("--lr", default=3e-4, help="Learning rate of Adam.")
@click.option("--augment", type=bool, default=True, help="Flip, turn, shift, scale and rotate crops.")
@click.option("--strokes", type=click.IntRange(min=1), default=1, help="Strokes a crop at most; 1 as published.")
@click.option("--crops", type=click.IntRange(min=1), help="Crops in an epoch.  [default: the set's patches with line]")
@click.option("--val_share", type=click.FloatRange(0, 1), default=0.15, help="Share of the objects to validate on.")
@click.option("--max_epochs", type=click.IntRange(min=1), default=1000, help="Stop after so many epochs at the latest.")
@click.option("--max_minutes", type=click.FloatRange(min=0.1), help="Stop after so many minutes at the latest.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=69, help="Fixes weights, split, crops, augmentation, strokes."
)
@click.option("--name", default="", help="The run's id.  [default: eight random letters]", show_default=False)
@click.option("--ckpt", help="Run id of a training to go on with; it keeps its own options but for those given.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto")
@click.option("--gpu", default="", help="Numbers of the GPUs, with commas: several train together.  [default: 0]")
@click.option("--precision", default="auto", help="auto (mixed on GPUs), 32-true, 16-mixed or bf16-mixed.")
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Processes that load crops.")
@click.option("--debug", is_flag=True, help="Two batches of everything, nothing kept.")
@click.pass_context
def main(context: click.Context, ckpt: str | None, **options: object) -> None:
    """Train on the views that `python -m data.setup` has prepared."""
    from pathlib import Path

    from data.errors import DataError
    from models.checkpoints import ModelError
    from runs.training import TrainOptions, resumed_options, train

    config = settings()
    chosen = TrainOptions(**options)  # type: ignore[arg-type]
    try:
        if ckpt:
            given = {name for name in options if context.get_parameter_source(name) != ParameterSource.DEFAULT}
            chosen = resumed_options(chosen, ckpt, Path(config.wandb_project), given)
        run_id, score = train(chosen, config, resume=ckpt)
    except (DataError, ModelError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if os.environ.get("LOCAL_RANK", "0") == "0":  # the first of several processes speaks for all
        what = "gain of pFM over manual" if chosen.is_interactive else "pFM"
        click.echo(
            f"{run_id}: best validation {what} {score:.4f}; other commands take it by --base_model or --ckpt {run_id}"
        )


if __name__ == "__main__":
    main()
