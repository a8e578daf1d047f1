"""``python -m bench.quality``: effort saved and harm done by several ways of refining, in one table and one plot.

::

    FOLDER/mirrors/, FOLDER/storage/    four small made-up mirrors, unless --storage names another set
    FOLDER/out/                         the runs, as `python -m eval` writes them; those that are there are not repeated
    FOLDER/table.md                     the table, for programs in table.csv and table.json
    FOLDER/table.png                    the picture
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.kinds import DEFAULT
from data.options import KindName, ModelName, UserPath
from user_config import settings

if TYPE_CHECKING:
    from bench.quality.rows import Evaluator, Row

OWN = 4  # mirrors that are made if no set is given
RARELY = 10**9  # interactions between two pictures, so that runs draw their first and last one only


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False))
@click.option(
    "--row",
    "texts",
    multiple=True,
    required=True,
    metavar="LABEL=MODEL[,MODEL...][:MERGE]",
    help="Run ids or checkpoints of interactive models that differ in the seed of their training, and what of an "
    "answer is taken over in place of their own. Repeatable; the first row is the one to beat.",
)
@click.option(
    "--base_model", type=ModelName(), required=True, metavar="MODEL", help="Run id or checkpoint of the base model."
)
@click.option("--seeds", default=3, type=click.IntRange(min=1), help="Of the simulated user, 0 to N-1.")
@click.option(
    "--mirrors", type=click.IntRange(min=1), show_default=f"{OWN}", help="Made-up mirrors, if --storage is not given."
)
@click.option(
    "--storage",
    type=UserPath(exists=True, file_okay=False),
    help="Another prepared set: its views kept for testing, or all if none is.",
)
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of that set.")
@click.option("--mode", type=click.Choice(["headline", "published"]), default="headline", help="As for eval.")
@click.option(
    "--annotator",
    "annotators",
    multiple=True,
    default=("longer",),
    metavar="NAME",
    help="As for eval; the table is about the first one, and the others are set beside it. `all` begins with longer.",
)
@click.option("--workers", type=click.IntRange(min=1), show_default="one a core", help="Processes that share the runs.")
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="As for eval.")
def main(
    folder: Path,
    texts: tuple[str, ...],
    seeds: int,
    mirrors: int | None,
    storage: Path | None,
    annotators: tuple[str, ...],
    workers: int | None,
    **options: Any,
) -> None:
    """Correct mirrors that no training sees with every row's models; write a table and a picture into FOLDER."""
    import torch

    from bench.quality.mirrors import drawn_views, own_set
    from bench.quality.rows import Evaluator
    from models.backends import chosen_backend
    from runs.commands import one_message
    from runs.device import torch_device
    from runs.options import EvalOptions
    from simulation.annotators import chosen_annotators

    if options["dataset"] != "mirrors" and storage is None:
        raise click.UsageError(f"--dataset {options['dataset']} needs --storage; what is made here is mirrors")
    if mirrors and storage:
        raise click.UsageError("--mirrors is how many are made; leave it out beside --storage")
    config = replace(settings(), eval=folder / "out")
    with one_message():
        rows = _rows(texts)
        chosen = chosen_annotators(annotators)
        options["device"] = torch_device(options["device"])
        options["backend"] = chosen_backend(options["backend"], torch.device(options["device"]), click.echo)
        config = replace(config, storage=storage or own_set(folder, mirrors or OWN, config, click.echo))
        views = drawn_views(config.storage, options["dataset"])
        shared = EvalOptions(mirror=views[0], seed=0, ckpt="", record_every=1, picture_every=RARELY, **options)
        _compare(folder, rows, chosen, Evaluator(shared, views, seeds, config, workers))


def _rows(texts: tuple[str, ...]) -> list[Row]:
    from bench.quality.rows import Row
    from interaction.merging import merge_named

    try:
        rows = [Row.parsed(text) for text in texts]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--row") from error
    if len({row.label for row in rows}) < len(rows):
        raise click.BadParameter("two rows have one label", param_hint="--row")
    for row in rows:
        if row.merge:
            merge_named(row.merge)
    return rows


def _compare(folder: Path, rows: list[Row], annotators: list[str], evaluator: Evaluator) -> None:
    """Make the runs, and write their table and plot."""
    from bench.quality.answer_time import answer_ms
    from bench.quality.plot import plot_rows
    from bench.quality.tables import quality_table
    from data.io.files import write_whole

    outcomes = evaluator.outcomes(rows, annotators)
    config, options = evaluator.config, evaluator.options
    commits = sorted(set().union(*(one.commits for of_annotator in outcomes.values() for one in of_annotator)))
    timed = {row.label: replace(options, ckpt=row.models[0], merge=row.merge) for row in rows}
    times = {label: answer_ms(one, config) for label, one in timed.items()}
    heading = (
        f"# Quality of refinement\n\n{options.mode.capitalize()} mode, annotator {annotators[0]}, base model "
        f"{options.base_model}, {len(evaluator.mirrors)} mirrors, {evaluator.seeds} seeds."
    )
    if len(commits) > 1:
        heading += f" The runs are of different commits of the code: {', '.join(commits)}."
    made = quality_table(outcomes, times, f"{heading}\n\n![Scores over effort](table.png)")
    about = {
        "mode": options.mode,
        "base_model": options.base_model,
        "mirrors": list(evaluator.mirrors),
        "seeds": evaluator.seeds,
        "models": {row.label: list(row.models) for row in rows},
        "merge": {row.label: row.merge for row in rows},
        "commits": commits,
    }
    made.write(folder, about)
    picture = folder / "table.png"
    write_whole(picture, partial(plot_rows(outcomes[annotators[0]]).savefig, format="png"))
    click.echo(f"\n{made.text}\n\n{folder}/table.md, .csv, .json, .png")


if __name__ == "__main__":
    main()
