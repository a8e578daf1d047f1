"""Builders of a training: its task, module, data, and the callback that simulates strokes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.crops import Beside, EpochSamples
from data.module import MIN_BATCHES, LineData, Split, input_statistics, views_beside
from data.showing import LEARNED_SCALE
from data.storage import PreparedSet
from interaction.changes import Merge
from models.checkpoints import TrainedModel
from models.errors import ModelError
from models.modules import MODULES, LineModule
from models.networks import LineNetwork, NetworkConfig
from models.task import CELL, STROKE, Task
from runs.errors import RunError
from runs.predicting.channels import channels_for, scale_problem
from runs.training.annotated_places import Annotated, AnnotatedCrops, AnnotatedPatches
from runs.training.annotation_samples import Logged, LoggedStrokes
from runs.training.options import TrainOptions
from simulation.annotators import annotator_named
from simulation.iterative_prompting import IterativePrompting
from simulation.strokes import Brush


def task_of(options: TrainOptions, prepared: PreparedSet) -> Task:
    """Return the task that a model is trained for.

    Raises
    ------
    RunError
        If a patch or a window is not of a size that networks take, or the window is larger than the patch.
    """
    sizes = {"--patch_size": options.patch_size, "--window_size": options.window_size or options.patch_size}
    scale = LEARNED_SCALE if prepared.showing else prepared.model_scale  # photographs are shown as if they were mirrors
    patch, window = (round(size * scale) for size in sizes.values())
    for name, side in zip(sizes, (patch, window), strict=True):
        if side < 32 or side % 32:
            raise RunError(f"{name} {sizes[name]} is {side} pixels for the network; it needs a multiple of 32")
    if window != patch and options.window == CELL:
        raise RunError("--window_size is for --window stroke; a cell is a patch")
    if window > patch:
        raise RunError(
            f"--window_size {options.window_size} is more than --patch_size {options.patch_size}, and a model learns "
            "from no more than a patch; give a patch as large"
        )
    channels = tuple(options.channels.replace(" ", "").split(","))
    size = 0 if window == patch else window
    width = round(2 * prepared.lines.mean * prepared.model_scale, 2) if prepared.showing else 0.0
    return Task(options.dataset, channels, prepared.model_scale, patch, options.window, options.merge, size, width)


def module_of(
    options: TrainOptions, split: Split, task: Task, base: TrainedModel | None, start: TrainedModel | None
) -> LineModule:
    """Make the module that is trained, with the weights that it starts from.

    Raises
    ------
    ModelError
        If there is no network of that kind, or those weights do not fit it.
    """
    mean, deviation = input_statistics(split.train, task.channels)
    if known := start or base:  # weights expect inputs standardised as those that they were trained on
        mean, deviation = list(known.network.config.mean), list(known.network.config.deviation)
    network = NetworkConfig(options.arch, options.enc_str, tuple(mean), tuple(deviation), options.prompts)
    try:
        views = {
            "train": [view.name for view in split.train],
            "validation": [view.name for view in split.validation],
        }
        kind = MODULES["interactive" if base else "base"]
        module = kind(
            network.as_dict(), task.as_dict(), options.lr, views, schedule=options.schedule, loss=options.loss
        )
        if first := start or (base if options.start_from_base else None):
            module.network.start_from(first.network)
    except (ValueError, RuntimeError) as error:  # RuntimeError: an encoder that timm does not know
        raise ModelError(str(error)) from error
    return module


def beside_of(options: TrainOptions, storage: Path, task: Task) -> Beside | None:
    """Return the views of another kind that a model learns from as well, if any; they are shown as its own are.

    Raises
    ------
    DataError, ModelError
        If there is no such set, or no line in it, or it cannot be shown to a model of the task.
    """
    if not options.also:
        return None
    views = views_beside(PreparedSet.open(storage, options.also))
    channels = {channels_for(task, view) for view in views}
    for view in views:
        if problem := scale_problem(view, task):
            raise ModelError(f"--also {options.also}: {problem}")
    return Beside(views, channels.pop(), options.also_share)


def data_of(
    options: TrainOptions,
    split: Split,
    task: Task,
    logged: Logged | None,
    beside: Beside | None = None,
    annotated: Annotated | None = None,
) -> LineData:
    """Return the batches that a model learns from: crops of views, of another kind too, or of what logs tell."""
    drawn: Any = {"seed": options.seed, "count": options.crops, "least": MIN_BATCHES * options.batch_train}
    samples: EpochSamples | None = None
    if logged:
        samples = LoggedStrokes(logged.samples, task.channels, task.side, **drawn)
    elif annotated:
        count = options.crops or drawn["least"]
        samples = AnnotatedCrops(annotated.places, task.channels, task.patch, seed=options.seed, count=count)
    return LineData(
        split,
        channels=task.channels,
        patch=task.patch,
        batch_train=options.batch_train,
        batch_val=options.batch_val,
        augment=options.augment,
        crops=options.crops,
        seed=options.seed,
        workers=options.workers,
        beside=beside,
        samples=samples,
        validation=AnnotatedPatches(annotated.places, task.channels, task.patch) if annotated else None,
    )


def require_deviation(network: LineNetwork, side: int, batch: int, options: TrainOptions) -> None:
    """Raise RunError where batches are of one crop that is too small to normalise.

    Parameters
    ----------
    network : that is trained
    side : of what it is shown, in model pixels
    batch : crops in the smallest batch
    options : of the training
    """
    if batch > 1 or not network.leaves_one_value(side):
        return
    larger = "" if network.leaves_one_value(2 * side) else f", or --patch_size {2 * options.patch_size}"
    raise RunError(
        f"batches of one crop of {side} x {side} network pixels leave a single value a channel, which cannot be "
        f"normalised; give --batch_train 2 and --crops 2 or more{larger}"
    )


def prompting_of(
    options: TrainOptions, annotators: Sequence[str], merge: Merge, base: TrainedModel, task: Task, brush: Brush
) -> IterativePrompting:
    """Return the callback that simulates strokes while an interactive model learns.

    Parameters
    ----------
    options : of the training
    annotators : names of the simulated users
    merge : the merge rule for predictions between strokes
    base : makes the initial drawings
    task : of the interactive model
    brush : draws the strokes
    """
    return IterativePrompting(
        base.network,
        brush,
        annotators=[annotator_named(name, brush) for name in annotators],
        max_prompts=options.strokes if isinstance(options.strokes, int) else 1,
        merge=merge,
        window=task.side if options.window == STROKE else None,
        seed=options.seed,
    )
