"""The options of ``python -m train``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import click

from data.errors import DataError
from data.options import Finite, ModelName, ViewName
from data.paths import expanded
from models.schedules import SCHEDULES
from runs.declarations import option
from runs.errors import RunError
from runs.options import ANNOTATORS, AT_LEAST_ONE, MERGE, dataset_option, device_option

MAX_MINUTES = 5e6  # ten years
MAX_SEED = 2**32 - 1  # NumPy takes no larger one
INTERACTIVE = (  # options of a training that mean nothing for a base model
    "base_model",
    "start_from_base",
    "prompts",
    "strokes",
    "annotators",
    "window",
    "window_size",
    "merge",
)


class Strokes(click.ParamType):
    """The type of ``--strokes``: how many strokes are simulated, or the logs of real ones."""

    name = "INTEGER|LOG"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Take a whole number for a number, and all else for paths."""
        text = str(value).strip()
        if not text.lstrip("+-").isdecimal():
            return self._expanded(text, param, ctx)
        if int(text) < 1:
            self.fail(f"{text} is not in the range x>=1.", param, ctx)
        return int(text)

    def _expanded(self, logs: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return ",".join(expanded(path.strip()) for path in logs.split(","))
        except DataError as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True)
class TrainOptions:
    """The options of a training; see ``python -m train --help``."""

    dataset: str = dataset_option("Kind of the prepared set.")
    channels: str = option(
        "",
        shown="the kind's own",
        help="What the network sees, with commas; `python -m data.setup --help` lists the channels of each kind.",
    )
    also: str = option(
        "",
        shown=False,
        metavar="KIND",
        help="Another kind, whose prepared set is learned from as well, such as lines beside mirrors. Models are "
        "validated on the first kind alone.",
    )
    also_share: float = option(
        0.5, within=Finite(0, 1, min_open=True, max_open=True), help="Share of the crops that is of --also."
    )
    is_interactive: bool = option(False, help="Train the interactive model.")
    base_model: str = option(
        "",
        within=ModelName(),
        metavar="MODEL",
        shown=False,
        help="The base model to correct: run id, checkpoint or name of weights.",
    )
    start_from_base: bool = option(True, help="Begin with the base model's weights; False as published.")
    start_from: str = option(
        "",
        within=ModelName(),
        metavar="MODEL",
        shown=False,
        help="Another model of the same kind, base or interactive (run id, checkpoint or name of weights), to begin "
        "with its weights. --arch and --enc_str are then its own, unless they are given. An interactive model begins "
        "with these weights in place of the base model's.",
    )
    arch: str = option("unet", choices=("unet", "unet-slim"), help="unet-slim: a lighter decoder.")
    enc_str: str = option("efficientnet-b6", help="Encoder, a name in segmentation-models-pytorch.")
    prompts: str = option(
        "separate",
        choices=("session", "separate", "signed", "initial", "strokes"),
        help="What the interactive model sees beside the image. separate: initial probabilities and two maps of "
        "strokes. session: also the drawing so far and the newest stroke. signed: initial logits and one signed map "
        "of strokes, as published. initial, strokes: the probabilities alone, or the two maps alone.",
    )
    patch_size: int = option(512, help="Side of a patch, in scan pixels; of photographs, twice what networks see.")
    batch_train: int = option(32, within=AT_LEAST_ONE, help="Crops in a training batch.")
    batch_val: int = option(32, within=AT_LEAST_ONE, help="Patches in a validation batch.")
    lr: float = option(3e-4, within=Finite(min=0, min_open=True), help="Learning rate of Adam.")
    schedule: str = option(
        "plateau",
        choices=SCHEDULES,
        help="Of the learning rate. plateau: halved when validation stalls, as published; cosine: a short rise, then "
        "down to 0 at --max_epochs, which --ckpt cannot change and --max_minutes may not reach.",
    )
    loss: str = option(
        "dice",
        choices=("dice", "cross-entropy", "both"),
        help="dice: generalised Dice, as published; cross-entropy, or the sum of both, gives calibrated probabilities.",
    )
    augment: bool = option(True, help="Flip, turn, shift, scale and rotate crops.")
    strokes: int | str = option(  # how many, or logs of real ones
        1,
        within=Strokes(),
        help="Most simulated strokes on a crop; 1 as published. Or logs of the annotation page or their exports as "
        "JSON, with commas: an interactive model learns from their strokes, a base model from places put right.",
    )
    annotators: str = option(
        "either",
        help=f"Which simulated user makes the strokes: {ANNOTATORS}. Of several, with commas, or `all`, each crop gets "
        "one at random.",
    )
    window: str = option(
        "cell",
        choices=("cell", "stroke"),
        help="What the interactive model answers in use: the patch of a fixed grid, as published, or a window around "
        "the stroke.",
    )
    window_size: int = option(
        0,
        within=click.IntRange(min=0),
        shown="--patch_size",
        help="Side of the window around a stroke, likewise.",
    )
    merge: str = option("whole", help=MERGE)
    crops: int | None = option(
        None, within=AT_LEAST_ONE, shown="the set's patches with line", help="Crops in an epoch."
    )
    val_share: float = option(0.15, within=Finite(0, 1), help="Share of the objects to validate on.")
    max_epochs: int = option(1000, within=AT_LEAST_ONE, help="Stop after so many epochs at the latest.")
    max_minutes: float | None = option(
        None, within=Finite(min=0.1, max=MAX_MINUTES), help="Stop after so many minutes at the latest."
    )
    seed: int = option(
        69, within=click.IntRange(0, MAX_SEED), help="Fixes weights, split, crops, augmentation, strokes."
    )
    name: str = option("", within=ViewName(), shown="eight random letters", help="The run's id.")
    device: str = device_option()
    gpu: str = option(
        "",
        shown="the first",
        help="Numbers of the GPUs that train together, with commas; on a CPU, the number of processes.",
    )
    precision: str = option("auto", choices=("auto", "32-true", "16-mixed", "bf16-mixed"), help="auto: mixed on GPUs.")
    workers: int = option(0, within=click.IntRange(min=0), help="Processes that load crops.")
    debug: bool = option(False, is_flag=True, help="Two batches of everything, nothing kept.")


def require_random_crops(options: TrainOptions, given: Collection[str]) -> None:
    """Raise RunError where ``--also`` or its share has no meaning."""
    if "also_share" in given and not options.also:
        raise RunError("--also_share is the share of --also; name a kind with it, or leave it out")
    if options.also == options.dataset:
        raise RunError(f"--also {options.also}: is the kind that is learned from already; name another one")
    if options.also and isinstance(options.strokes, str):
        raise RunError(
            "--also is for random crops, and --strokes LOG learns from the logs alone; leave one of them out"
        )


def refuse_interactive(given: Collection[str]) -> None:
    """Raise RunError if options of the interactive model are given for the training of a base model."""
    for name in INTERACTIVE:
        if name in given:
            raise RunError(f"--{name} is for the interactive model; leave it out, or add --is_interactive True")
