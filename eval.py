"""``python -m eval``: replay a person's corrections on whole mirrors, with the interactive model and without."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from data.kinds import DEFAULT
from data.options import KindName
from user_config import settings

SHIPPED = {"ckpt": "small-interactive", "base_model": "small-base"}  # weights that come with the program


@click.command(context_settings={"show_default": True})
@click.option(
    "--ckpt",
    default="",
    metavar="MODEL",
    show_default=SHIPPED["ckpt"],
    help="Run id, checkpoint or name of weights of the interactive model.",
)
@click.option(
    "--base_model",
    default="",
    metavar="MODEL",
    show_default=SHIPPED["base_model"],
    help="Run id, checkpoint or name of weights of the base model that it corrects; of the two, give both or neither.",
)
@click.option(
    "--mirror", "mirrors", multiple=True, metavar="VIEW", help="A view, or `test`: all kept for testing. Repeatable."
)
@click.option(
    "--seed", "seeds", type=click.IntRange(min=0), multiple=True, default=(0,), help="Fixes the strokes. Repeatable."
)
@click.option(
    "--seeds", "first_seeds", type=click.IntRange(min=1), metavar="N", help="Seeds 0 to N-1, in place of --seed."
)
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the prepared set.")
@click.option(
    "--mode",
    type=click.Choice(["headline", "published"]),
    default="headline",
    help="What the model is compared with. headline: a run of its own, whose strokes are only pasted. published: a "
    "drawing that gets the model's strokes, pasted.",
)
@click.option(
    "--annotator",
    "annotators",
    multiple=True,
    default=("longer",),
    metavar="NAME",
    help="Who makes the strokes: longer, best-answer, either, random, largest, centre, distance-random, unsteady, "
    "short, long, adversarial; or `all`. Repeatable, or with commas.",
)
@click.option(
    "--initial",
    type=click.Choice(["base", "otsu", "sauvola", "adaptive", "sato"]),
    default="base",
    help="What is corrected: the base model's drawing, or a classical binarization.",
)
@click.option(
    "--operations",
    type=click.Choice(["both", "add", "erase"]),
    default="both",
    help="Which strokes the person may make.",
)
@click.option(
    "--merge",
    default="",
    show_default="the model's own",
    help="What of an answer is taken over: whole, as published; or reach, touching, one-way, sure, pieces; several "
    "with +; sure@0.95 or pieces@0.8 ask for more.",
)
@click.option(
    "--order",
    type=click.Choice(["oracle", "predicted", "random", "reading"]),
    default="oracle",
    help="Which patch comes next. oracle: the worst by the truth. predicted: the worst as far as the probabilities "
    "tell. random, reading: one after another, each finished before the next. Compared with the same manual run.",
)
@click.option(
    "--ablation",
    type=click.Choice(["inputs", "operations", "annotators"]),
    help="Train and evaluate what a comparison takes, and print its table. inputs, operations: with the published "
    "figures. annotators: a model for each --annotator, tested under each.",
)
@click.option(
    "--train_with",
    default="",
    metavar="OPTIONS",
    show_default=False,
    help="For the trainings of --ablation, in quotes: '--max_epochs 5 --arch unet-slim'.",
)
@click.option(
    "--report",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Sum up the runs in a folder, in tables and plots, into FOLDER/report; takes no other option.",
)
@click.option("--workers", type=click.IntRange(min=1), show_default="one a core", help="Processes that share the runs.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler whose workers share the runs, in place of --workers; see docs/clusters.md.",
)
@click.option(
    "--backend",
    type=click.Choice(["auto", "torch", "openvino"]),
    default="auto",
    help="What computes the networks; auto: OpenVINO on a CPU, if it is installed.",
)
@click.option("--record_every", type=click.IntRange(min=1), default=10, help="Interactions between rows of the table.")
@click.option("--picture_every", type=click.IntRange(min=1), default=100, help="Interactions between pictures.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
@click.pass_context
def main(
    context: click.Context,
    report: Path | None,
    mirrors: tuple[str, ...],
    seeds: tuple[int, ...],
    first_seeds: int | None,
    annotators: tuple[str, ...],
    **options: Any,
) -> None:
    """Correct mirrors, patch by patch, until no stroke helps; write tables and drawings to DIR_EVAL.

    A run that was killed goes on when it is started again, and ends with the same rows.
    """
    _check(context)
    if report:
        _report(report)
        return
    ablation, train_with = options.pop("ablation"), options.pop("train_with")
    if not options["base_model"]:
        options |= SHIPPED
    shared = {"workers": options.pop("workers"), "scheduler": options.pop("scheduler"), "say": click.echo}
    import torch

    from interaction.merging import merge_named
    from models.backends import chosen_backend
    from runs.ablations import ablate
    from runs.commands import conclude, one_message
    from runs.device import torch_device
    from runs.evaluation.evaluation import evaluate, expanded
    from runs.options import EvalOptions
    from runs.report.summary import summary
    from runs.report.table import read_run
    from simulation.annotators import chosen_annotators

    shared["config"] = config = settings()
    with one_message():
        if options["merge"]:
            merge_named(options["merge"])
        options["device"] = torch_device(options["device"])
        options["backend"] = chosen_backend(options["backend"], torch.device(options["device"]), click.echo)
        people = chosen_annotators(annotators)
        names = expanded(mirrors, options["dataset"], config)
    numbers = dict.fromkeys(range(first_seeds) if first_seeds else seeds)
    every = [
        EvalOptions(mirror=name, seed=seed, annotator=person, **options)
        for person, name, seed in product(people, names, numbers)
    ]
    with one_message():
        if ablation:
            text, skipped = ablate(ablation, every, train_with, **shared)
            click.echo(text)
        else:
            tables, skipped = evaluate(every, **shared)
            if tables:
                click.echo(summary([read_run(table) for table in tables.values()]))
    if skipped and len(every) == 1:
        sys.exit(1)  # why has just been said
    click.echo(f"Tables, pictures and drawings: {config.eval}")
    conclude(skipped)


def _check(context: click.Context) -> None:
    """Raise UsageError where an option is missing, or would be of no use beside another."""
    flags = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    given = {flags[name] for name in context.params if context.get_parameter_source(name) != ParameterSource.DEFAULT}
    if "--report" in given:
        if len(given) > 1:
            raise click.UsageError(
                f"--report sums up what is there; leave out {', '.join(sorted(given - {'--report'}))}"
            )
        return
    models = ["--ckpt", "--base_model"] if {"--ckpt", "--base_model"} & given else []  # none: those that came with it
    needed = [*(["--base_model"] if "--ablation" in given else models), "--mirror"]
    if missing := [flag for flag in needed if flag not in given]:
        raise click.UsageError(f"give {', '.join(missing)}, or --report FOLDER")
    for one, other in (("--seed", "--seeds"), ("--workers", "--scheduler")):
        if {one, other} <= given:
            raise click.UsageError(f"give {one} or {other}, not both")
    if context.params["order"] == "predicted" and context.params["initial"] != "base":
        raise click.UsageError("--order predicted reads probabilities, and only --initial base has them")
    if "--train_with" in given and "--ablation" not in given:
        raise click.UsageError("--train_with is for the trainings of --ablation; leave it out")


def _report(folder: Path) -> None:
    from runs.commands import conclude, one_message
    from runs.report import report

    with one_message():
        made = report(folder)
    click.echo(made.text)
    for path in made.paths:
        click.echo(path)
    conclude(made.skipped)


if __name__ == "__main__":
    main()
