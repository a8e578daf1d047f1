"""``python -m train``: train the base model, or the interactive model on top of one."""

from __future__ import annotations

import os

import click
from click.core import ParameterSource

from data.kinds import DEFAULT
from data.options import KindName
from user_config import settings


class Strokes(click.ParamType):
    """How many strokes are simulated, or the logs of real ones."""

    name = "INTEGER|LOG"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Take a whole number for a number, and all else for paths."""
        text = str(value).strip()
        if not text.lstrip("+-").isdecimal():
            return text
        if int(text) < 1:
            self.fail(f"{text} is not in the range x>=1.", param, ctx)
        return int(text)


@click.command(context_settings={"show_default": True})
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the prepared set.")
@click.option(
    "--channels",
    default="",
    show_default="the kind's own",
    help="What the network sees, with commas; `python -m data.setup --help` lists the channels of each kind.",
)
@click.option("--is_interactive", type=bool, default=False, help="Train the interactive model.")
@click.option(
    "--base_model",
    default="",
    metavar="MODEL",
    show_default=False,
    help="The base model to correct: run id, checkpoint or name of weights.",
)
@click.option(
    "--start_from_base", type=bool, default=True, help="Begin with the base model's weights; False as published."
)
@click.option(
    "--start_from",
    default="",
    metavar="MODEL",
    show_default=False,
    help="Another interactive model (run id, checkpoint or name of weights), to begin with its weights in place of the "
    "base model's.",
)
@click.option("--arch", type=click.Choice(["unet", "unet-slim"]), default="unet", help="unet-slim: a lighter decoder.")
@click.option("--enc_str", default="efficientnet-b6", help="Encoder, a name in segmentation-models-pytorch.")
@click.option(
    "--prompts",
    type=click.Choice(["session", "separate", "signed", "initial", "strokes"]),
    default="separate",
    help="What the interactive model sees: initial probabilities and two maps of strokes; in a session also the "
    "drawing so far and the newest stroke; or, as published, initial logits and one signed map; or the probabilities "
    "or the two maps alone.",
)
@click.option("--patch_size", default=512, help="Side of a patch, in scan pixels.")
@click.option("--batch_train", type=click.IntRange(min=1), default=32, help="Crops in a training batch.")
@click.option("--batch_val", type=click.IntRange(min=1), default=32, help="Patches in a validation batch.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), default=3e-4, help="Learning rate of Adam.")
@click.option(
    "--schedule",
    type=click.Choice(["plateau", "cosine"]),
    default="plateau",
    help="Of the learning rate. plateau: halved when validation stalls, as published; cosine: a short rise, then down "
    "to nothing at --max_epochs, which --ckpt cannot change and --max_minutes may not reach.",
)
@click.option(
    "--loss",
    type=click.Choice(["dice", "cross-entropy", "both"]),
    default="dice",
    help="dice: generalised Dice, as published; cross-entropy, or the sum of both, gives probabilities that can be "
    "taken at their word.",
)
@click.option("--augment", type=bool, default=True, help="Flip, turn, shift, scale and rotate crops.")
@click.option(
    "--strokes",
    type=Strokes(),
    default=1,
    help="Most strokes that a crop is given; 1 as published. Or, in place of simulated ones, a person's: logs of the "
    "annotation page or their exports as JSON, with commas.",
)
@click.option(
    "--annotators",
    default="either",
    help="Who makes the strokes: longer, best-answer, either, random, largest, centre, distance-random, unsteady, "
    "short, long, adversarial. Of several, with commas, or `all`, each crop gets one at random.",
)
@click.option(
    "--window",
    type=click.Choice(["cell", "stroke"]),
    default="cell",
    help="What the interactive model answers in use: the patch of a fixed grid, as published, or a window around the "
    "stroke.",
)
@click.option(
    "--window_size",
    type=click.IntRange(min=0),
    show_default="--patch_size",
    default=0,
    help="Side of the window around a stroke, in scan pixels.",
)
@click.option(
    "--merge",
    default="whole",
    help="What of an answer is taken over: whole, as published; or reach, touching, one-way, sure, pieces; several "
    "with +; sure@0.95 or pieces@0.8 ask for more.",
)
@click.option(
    "--crops", type=click.IntRange(min=1), show_default="the set's patches with line", help="Crops in an epoch."
)
@click.option("--val_share", type=click.FloatRange(0, 1), default=0.15, help="Share of the objects to validate on.")
@click.option("--max_epochs", type=click.IntRange(min=1), default=1000, help="Stop after so many epochs at the latest.")
@click.option("--max_minutes", type=click.FloatRange(min=0.1), help="Stop after so many minutes at the latest.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=69, help="Fixes weights, split, crops, augmentation, strokes."
)
@click.option("--name", default="", show_default="eight random letters", help="The run's id.")
@click.option("--ckpt", help="Run id of a training to go on with; it keeps its own options but for those given.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
@click.option(
    "--gpu",
    default="",
    show_default="the first",
    help="Numbers of the GPUs that train together, with commas; of a CPU, how many processes.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "32-true", "16-mixed", "bf16-mixed"]),
    default="auto",
    help="auto: mixed on GPUs.",
)
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Processes that load crops.")
@click.option("--debug", is_flag=True, help="Two batches of everything, nothing kept.")
@click.pass_context
def main(context: click.Context, ckpt: str | None, **options: object) -> None:
    """Train on the views that `python -m data.setup` has prepared."""
    from runs.commands import one_message
    from runs.options import TrainOptions, refuse_interactive
    from runs.training.resumed import resumed_options
    from runs.training.training import train

    config = settings()
    chosen = TrainOptions(**options)  # type: ignore[arg-type]
    given = {name for name in options if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    with one_message():
        if ckpt is not None:
            chosen = resumed_options(chosen, ckpt, config.project, given)
        elif not chosen.is_interactive:
            refuse_interactive(given)
        run_id, score = train(chosen, config, resume=ckpt)
    if os.environ.get("LOCAL_RANK", "0") == "0":  # the first of several processes speaks for all
        click.echo(
            "Debug run finished; nothing was kept." if score is None else _outcome(run_id, score, chosen.is_interactive)
        )


def _outcome(run_id: str, score: float, is_interactive: bool) -> str:
    if is_interactive:
        return f"Validation gain of pFM over manual: {score:+.4f}. Evaluate it by --ckpt {run_id}"
    return f"Validation pFM: {score:.4f}. Use it by --base_model {run_id}"


if __name__ == "__main__":
    main()
