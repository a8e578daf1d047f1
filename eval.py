"""``python -m eval``: replay a person's corrections on whole mirrors, with the interactive model and without."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from user_config import settings


@click.command(context_settings={"show_default": True})
@click.option("--ckpt", default="", show_default=False, help="Run id or checkpoint of the interactive model.")
@click.option("--base_model", default="", show_default=False, help="Run id or checkpoint of the base model.")
@click.option("--mirror", "mirrors", multiple=True, help="A view, or `test`: all kept for testing. Repeatable.")
@click.option("--seed", "seeds", type=click.IntRange(min=0), multiple=True, default=(0,), help="May be repeated.")
@click.option("--seeds", "first_seeds", type=click.IntRange(min=1), help="In place of --seed: so many, from 0.")
@click.option("--dataset", type=click.Choice(["mirrors", "lines"]), default="mirrors", help="Kind of the prepared set.")
@click.option(
    "--mode",
    type=click.Choice(["headline", "published"]),
    default="headline",
    help="headline: against an independent manual run. published: the manual drawing gets the same strokes.",
)
@click.option(
    "--annotator", "annotators", multiple=True, default=("longer",), help="Who makes the strokes; repeatable. Or `all`."
)
@click.option("--initial", default="base", help="What is corrected: the base model's drawing, or a classical one.")
@click.option(
    "--operations", type=click.Choice(["both", "add", "erase"]), default="both", help="What the person may do."
)
@click.option(
    "--ablation",
    type=click.Choice(["inputs", "operations", "annotators"]),
    help="Train what it takes, evaluate it, and print the published tables beside ours. annotators: a model for each "
    "--annotator, under each of them.",
)
@click.option("--train_with", default="", show_default=False, help="Options of `python -m train` for an ablation.")
@click.option(
    "--report",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Evaluate nothing; sum up all runs in a folder, with tables and plots.",
)
@click.option("--workers", type=click.IntRange(min=1), show_default="one a core", help="Processes that share the runs.")
@click.option("--scheduler", help="Address of a Dask scheduler that shares the runs out instead.")
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
def main(
    report: Path | None,
    mirrors: tuple[str, ...],
    seeds: tuple[int, ...],
    first_seeds: int | None,
    annotators: tuple[str, ...],
    **options: Any,
) -> None:
    """Correct mirrors, the worst patch first, until no stroke helps; write tables and drawings to DIR_EVAL.

    A run that was killed goes on when it is started again, and ends with the same rows.
    """
    if report:
        _report(report)
        return
    ablation, train_with = options.pop("ablation"), options.pop("train_with")
    workers, scheduler = options.pop("workers"), options.pop("scheduler")
    missing = [name for name, given in (("--base_model", options["base_model"]), ("--mirror", mirrors)) if not given]
    if not options["ckpt"] and not ablation:
        missing.insert(0, "--ckpt")
    if missing:
        raise click.UsageError(f"give {', '.join(missing)}, or --report FOLDER")
    import torch

    from models.backends import chosen_backend
    from runs.ablations import ablate
    from runs.commands import conclude, one_message
    from runs.device import torch_device
    from runs.evaluation import EvalOptions, evaluate, expanded
    from runs.table import read_run, summary
    from simulation.annotators import chosen_annotators

    config = settings()
    with one_message():
        options["device"] = torch_device(options["device"])
        options["backend"] = chosen_backend(options["backend"], torch.device(options["device"]), click.echo)
        people = chosen_annotators(annotators)
        names = expanded(mirrors, options["dataset"], config)
    every = [
        EvalOptions(mirror=name, seed=seed, annotator=person, **options)
        for person in people
        for name in names
        for seed in dict.fromkeys(range(first_seeds) if first_seeds else seeds)
    ]
    shared = {"config": config, "workers": workers, "scheduler": scheduler, "say": click.echo}
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
