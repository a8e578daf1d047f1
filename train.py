"""``python -m train``: train the base model, or the interactive model on top of one."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

import click

from data.options import ViewName
from runs.configuration import as_config, configurable
from runs.declarations import given, options_from
from runs.training.options import TrainOptions
from user_config import settings


@click.command(context_settings={"show_default": True})
@options_from(TrainOptions)
@click.option(
    "--ckpt", type=ViewName(), help="Run id of a training to go on with; it keeps its own options but for those given."
)
@configurable("train")
@click.pass_context
def main(context: click.Context, ckpt: str | None, print_config: bool, **options: Any) -> None:
    """Train on the views that `python -m data.setup` has prepared."""
    if ckpt is not None and context.default_map is not None:
        raise click.UsageError("--config: a training that goes on keeps its own options; leave --config or --ckpt out")
    from runs.commands import one_message

    config = settings()
    with one_message():
        from runs.training.resumed import chosen_options, finished

        chosen = chosen_options(TrainOptions(**options), ckpt, config.project, given(context) & options.keys())
        if print_config:
            click.echo(as_config("train", asdict(chosen)), nl=False)
            return
        if ckpt is not None and (done := finished(ckpt, chosen, config.project)):
            why, score = done
            click.echo(f"{why}." if score is None else f"{why}. {_outcome(ckpt, score, chosen.is_interactive)}")
            return
        from runs.training.training import train

        run_id, score = train(chosen, config, resume=ckpt)
    if os.environ.get("LOCAL_RANK", "0") == "0":  # of several processes, the first prints
        click.echo(
            "Debug run finished; nothing was kept." if score is None else _outcome(run_id, score, chosen.is_interactive)
        )


def _outcome(run_id: str, score: float, is_interactive: bool) -> str:
    if is_interactive:
        return f"Validation gain of pFM over manual: {score:+.4f}. Evaluate it by --ckpt {run_id}"
    return f"Validation pFM: {score:.4f}. Use it by --base_model {run_id}"


if __name__ == "__main__":
    main()
