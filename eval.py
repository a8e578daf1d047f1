"""``python -m eval``: replay a person's corrections on whole mirrors, with the interactive model and without."""

from __future__ import annotations

import click

from user_config import settings


@click.command(context_settings={"show_default": True})
@click.option("--ckpt", required=True, help="Run id or checkpoint of the interactive model.")
@click.option("--base_model", required=True, help="Run id or checkpoint of the base model.")
@click.option(
    "--mirror", "mirrors", required=True, multiple=True, help="A view, or `test`: all kept for testing. Repeatable."
)
@click.option("--seed", "seeds", type=click.IntRange(min=0), multiple=True, default=(0,), help="May be repeated.")
@click.option("--dataset", type=click.Choice(["mirrors", "lines"]), default="mirrors", help="Kind of the prepared set.")
@click.option(
    "--mode",
    type=click.Choice(["headline", "published"]),
    default="headline",
    help="headline: against an independent manual run. published: the manual drawing gets the same strokes.",
)
@click.option(
    "--annotator", type=click.Choice(["longer", "best-answer"]), default="longer", help="Who makes the strokes."
)
@click.option("--record_every", type=click.IntRange(min=1), default=10, help="Interactions between rows of the table.")
@click.option("--picture_every", type=click.IntRange(min=1), default=100, help="Interactions between pictures.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
def main(mirrors: tuple[str, ...], seeds: tuple[int, ...], device: str, **options: str | int) -> None:
    """Correct mirrors, the worst patch first, until no stroke helps; write tables and drawings to DIR_EVAL.

    A run that was killed goes on when it is started again, and ends with the same rows.
    """
    from runs.commands import conclude, for_each, one_message
    from runs.device import torch_device
    from runs.evaluation import EvalOptions, evaluate, expanded
    from runs.pairs import load_pair
    from runs.table import read_run, summary

    config = settings()
    with one_message():
        computing = torch_device(device)
        pair = load_pair(str(options["base_model"]), str(options["ckpt"]), config.project)
        names = expanded(mirrors, str(options["dataset"]), config)
    chosen = [
        EvalOptions(mirror=name, seed=seed, device=computing, **options)  # type: ignore[arg-type]
        for name in names
        for seed in dict.fromkeys(seeds)
    ]
    tables, skipped = for_each(chosen, lambda one: evaluate(one, pair, config, click.echo))
    if tables:
        click.echo(summary([read_run(table) for table in tables]))
        click.echo(f"Tables, pictures and drawings: {config.eval}/<MIRROR>/")
    conclude(skipped)


if __name__ == "__main__":
    main()
