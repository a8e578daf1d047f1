"""``python -m eval``: correct whole mirrors as a simulated user would, with the interactive model and without."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from runs.configuration import configurable, in_force
from runs.declarations import given, options_from
from runs.options import BASE, OFF, SHIPPED, BatchOptions, EvalOptions
from user_config import settings

EXCLUSIVE = (("seed", "seeds"), ("workers", "scheduler"))


@click.command(context_settings={"show_default": True})
@options_from(EvalOptions, BatchOptions)
@configurable("eval")
@click.pass_context
def main(context: click.Context, print_config: bool, **_: Any) -> None:
    """Correct mirrors, patch by patch, until no stroke helps; write tables and drawings to DIR_EVAL.

    A run that was killed goes on when it is started again, and ends with the same rows.
    """
    _let_typed_options_override(context)
    _check(context)
    options = {name: value for name, value in context.params.items() if name != "print_config"}
    if not (options["base_model"] or options["report"]):
        options |= SHIPPED
    if print_config:
        click.echo(in_force("eval", context, **options), nl=False)
        return
    batch = BatchOptions(**{field.name: options.pop(field.name) for field in fields(BatchOptions)})
    if batch.report:
        _report(batch.report)
    else:
        _evaluate(options, batch)


def _evaluate(options: dict[str, Any], batch: BatchOptions) -> None:
    from runs.ablations import ablate
    from runs.commands import conclude, one_message
    from runs.evaluation.evaluation import chosen_runs, evaluate
    from runs.report.summary import summary
    from runs.report.table import read_run

    config = settings()
    shared: dict[str, Any] = {
        "config": config,
        "workers": batch.workers,
        "scheduler": batch.scheduler,
        "report": click.echo,
        "verbose": batch.verbose,
    }
    with one_message():
        runs = chosen_runs(options, batch.seeds, config, click.echo)
        if batch.ablation:
            text, skipped = ablate(batch.ablation, runs, batch.train_with, **shared)
            click.echo(text)
        else:
            tables, skipped = evaluate(runs, **shared)
            if tables:
                click.echo(summary([read_run(table) for table in tables.values()]))
    if skipped and len(runs) == 1:
        sys.exit(1)  # the reason has just been printed
    click.echo(f"Tables, pictures and drawings: {config.eval}")
    conclude(skipped)


def _let_typed_options_override(context: click.Context) -> None:
    """Of two options that exclude each other, leave out the one of a configuration where the other is typed."""
    options = {option.name: option for option in context.command.params}
    for pair in EXCLUSIVE:
        for typed, configured in (pair, pair[::-1]):
            sources = (context.get_parameter_source(typed), context.get_parameter_source(configured))
            if sources == (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP):
                context.params[configured] = getattr(options[configured], "usual", None)
                context.set_parameter_source(configured, ParameterSource.DEFAULT)


def _check(context: click.Context) -> None:
    """Raise UsageError where an option is missing, or would be of no use beside another."""
    flags = {f"--{name}" for name in given(context) - {"print_config"}}
    if "--report" in flags:
        if len(flags) > 1:
            raise click.UsageError(
                f"--report sums up what is there; leave out {', '.join(sorted(flags - {'--report'}))}"
            )
        return
    models = ["--ckpt", "--base_model"] if {"--ckpt", "--base_model"} & flags else []  # none: those that came with it
    needed = [*(["--base_model"] if "--ablation" in flags else models), "--mirror"]
    if missing := [flag for flag in needed if flag not in flags]:
        raise click.UsageError(f"give {', '.join(missing)}, or --report FOLDER")
    for one, other in EXCLUSIVE:
        if {f"--{one}", f"--{other}"} <= flags:
            raise click.UsageError(f"give --{one} or --{other}, not both")
    if context.params["order"] == "predicted" and context.params["initial"] != BASE:
        raise click.UsageError("--order predicted reads probabilities, and only --initial base has them")
    if "--places" in flags and context.params["learn"] == OFF:
        raise click.UsageError("--places is for --learn online; leave it out")
    if context.params["learn"] != OFF and (context.params["mode"] == "published" or "--ablation" in flags):
        raise click.UsageError("--learn online is for the headline mode, and for no --ablation; leave it out")
    if "--train_with" in flags and "--ablation" not in flags:
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
