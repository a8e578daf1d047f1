"""``python -m eval --ablation``: models that differ in one option, or one model's runs under several conditions.

::

    WANDB_PROJECT/<BASE>-inputs-<INPUT>/              the models, see ``runs.ablations.variants``
    WANDB_PROJECT/<BASE>-annotators-<ANNOTATOR>/
    DIR_EVAL/ablation-inputs/<INPUT>/                 their runs, see ``runs.evaluation.evaluation``
    DIR_EVAL/ablation-operations/<OPERATION>/
    DIR_EVAL/ablation-annotators/<TRAINED WITH>/<TESTED UNDER>/
    DIR_EVAL/ablation-<ABLATION>/table.md             the table, for programs in table.csv and table.json
    DIR_EVAL/ablation-<ABLATION>/ablation.json        what it was made from

Another initial drawing, annotator or operation is part of the folder's name, as in ``ablation-inputs-unsteady``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from data.io.files import file_hash
from data.storage import PreparedSet
from models.checkpoints import find_checkpoint
from runs.ablations.tables import Runs, Table, matrix_table, published_table
from runs.ablations.variants import (
    COMPUTING_OPTIONS,
    Options,
    Variant,
    parsed_options,
    run_name,
    train_variants,
)
from runs.errors import RunError
from runs.evaluation.evaluation import evaluate
from runs.options import EvalOptions
from runs.provenance import changes, read_record, write_record
from runs.report.groups import FREE_TO_DIFFER
from runs.report.table import read_run
from user_config import Settings

ABLATION = "ablation.json"
INPUTS = {"prediction": "initial", "strokes": "strokes", "both": "separate"}  # row: its `--prompts`
STROKES_USED = ("erase", "add", "both")  # `--operations` of each
OWN_OPTION = {"inputs": "prompts", "operations": "prompts", "annotators": "annotators"}  # of training, that varies
USUAL_ANNOTATOR, USUAL_OPERATIONS = EvalOptions.annotator, EvalOptions.operations

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The models and runs of an ablation.

    Parameters
    ----------
    folder : of its runs and tables, below DIR_EVAL
    variants : the models to train
    cells : the runs behind each row, or each row and column, of its table
    """

    folder: str
    variants: list[Variant]
    cells: dict[Cell, list[EvalOptions]]


def ablate(
    ablation: str,
    every: Sequence[EvalOptions],
    train_with: str,
    *,
    config: Settings,
    workers: int | None,
    scheduler: str | None,
    report: Callable[[str], None],
    verbose: bool = False,
) -> tuple[str, list[str]]:
    """Train the models of an ablation, evaluate them, and write its table.

    All models have the same base model, seed and options but for the one in question. A budget in epochs is the same
    for all; one in minutes gives fewer steps to a model whose steps take longer. Models and runs that are
    finished are not made again; killed ones go on.

    Parameters
    ----------
    ablation : ``inputs``, ``operations`` or ``annotators``
    every : the runs asked for: mirrors, seeds and annotators
    train_with : options of ``python -m train``, as on a command line
    config : where things lie
    workers, scheduler : who shares the runs, see ``runs.jobs.run_jobs``
    report : prints how it goes
    verbose : see ``runs.evaluation.evaluation.evaluate``

    Returns
    -------
    text, skipped
        The table, and why runs could not be made. A mirror that lacks one of its runs takes part in no row.

    Raises
    ------
    DataError, ModelError, RunError
        If data, models or options do not exist or do not fit each other, a training fails, or no mirror has all its
        runs.
    """
    options = parsed_options(train_with, OWN_OPTION[ablation])
    plan = _plan(ablation, every, options)
    about = _about(ablation, every[0], options)
    from runs.jobs.cluster import require_scheduler  # slow to import

    hashes = _hashes(every, config)
    folder = config.eval / plan.folder
    _require_free(folder, about, hashes)
    if scheduler is not None:  # now, and not when the trainings have ended
        require_scheduler(scheduler)
    train_variants(plan.variants, config, report)
    if not (folder / ABLATION).exists():  # written late, so that options that cannot be trained with claim nothing
        write_record(folder / ABLATION, about, **hashes)
    runs = [run for cell in plan.cells.values() for run in cell]
    tables, skipped = evaluate(runs, config, workers=workers, scheduler=scheduler, report=report, verbose=verbose)
    lacking = {run.mirror for run in runs if run not in tables}
    mirrors = [name for name in dict.fromkeys(run.mirror for run in every) if name not in lacking]
    if not mirrors:
        raise RunError(f"--ablation {ablation}: no mirror came to its end in all its runs: {'; '.join(skipped)}")
    table = _table(ablation, {cell: _read(runs, mirrors, tables) for cell, runs in plan.cells.items()})
    table = replace(table, text=f"{_caption(ablation, every, mirrors, lacking)}\n\n{table.text}")
    seeds = list(dict.fromkeys(run.seed for run in every))
    table.write(folder, {**about, "mirrors": mirrors, "seeds": seeds, "left_out": sorted(lacking)})
    return f"\n{table.text}\n\nTables: {folder}/table.md, .csv, .json", skipped


def _plan(ablation: str, every: Sequence[EvalOptions], options: Options) -> Plan:
    """Check the options, and return the models and runs that they ask for."""
    if every[0].ckpt and ablation != "operations":
        raise RunError(f"--ckpt: --ablation {ablation} trains its own models; leave it out")
    annotators = list(dict.fromkeys(one.annotator for one in every))
    if ablation == "annotators":
        return _annotators(every, annotators, options)
    if len(annotators) > 1:
        raise RunError(f"--ablation {ablation}: give one --annotator, not {', '.join(annotators)}")
    return _inputs(every, options) if ablation == "inputs" else _operations(every, options)


def _inputs(every: Sequence[EvalOptions], options: Options) -> Plan:
    folder = _folder("inputs", every[0])
    variants = {row: _of_inputs(row, every[0], options) for row in INPUTS}
    cells: dict[Cell, list[EvalOptions]] = {
        (row,): [replace(one, ckpt=variant.name, group=f"{folder}/{row}") for one in every]
        for row, variant in variants.items()
    }
    return Plan(folder, list(variants.values()), cells)


def _operations(every: Sequence[EvalOptions], options: Options) -> Plan:
    first = every[0]
    if first.operations != USUAL_OPERATIONS:
        raise RunError(f"--operations {first.operations}: --ablation operations goes through all of them; leave it out")
    if first.ckpt and options:
        raise RunError("--train_with: nothing is trained if --ckpt names the model; give one of the two")
    folder = _folder("operations", first)
    variants = [] if first.ckpt else [_of_inputs("both", first, options)]  # the same model as there
    ckpt = first.ckpt or variants[0].name
    cells: dict[Cell, list[EvalOptions]] = {
        (row,): [replace(one, ckpt=ckpt, operations=row, group=f"{folder}/{row}") for one in every]
        for row in STROKES_USED
    }
    return Plan(folder, variants, cells)


def _annotators(every: Sequence[EvalOptions], annotators: Sequence[str], options: Options) -> Plan:
    if len(annotators) < 2:
        raise RunError("--ablation annotators: give several --annotator, or --annotator all, to compare")
    first = every[0]
    folder = _folder("annotators", replace(first, annotator=USUAL_ANNOTATOR))
    variants = {name: _variant("annotators", name, first, {**options, "annotators": name}) for name in annotators}
    cells: dict[Cell, list[EvalOptions]] = {(trained, tested): [] for trained in annotators for tested in annotators}
    for trained, variant in variants.items():
        for one in every:
            group = f"{folder}/{trained}/{one.annotator}"
            cells[trained, one.annotator].append(replace(one, ckpt=variant.name, group=group))
    return Plan(folder, list(variants.values()), cells)


def _of_inputs(row: str, first: EvalOptions, options: Options) -> Variant:
    return _variant("inputs", row, first, {**options, "prompts": INPUTS[row]})


def _variant(ablation: str, row: str, first: EvalOptions, options: Options) -> Variant:
    return Variant(f"{run_name(first.base_model)}-{ablation}-{row}", first.base_model, first.dataset, options)


def _folder(ablation: str, first: EvalOptions) -> str:
    return "-".join(filter(None, ["ablation", ablation, first.conditions]))


def _about(ablation: str, first: EvalOptions, options: Options) -> dict[str, Any]:
    """Return the options that all runs of an ablation share."""
    shared = {name: value for name, value in asdict(first).items() if name not in FREE_TO_DIFFER}
    if ablation == "annotators":  # they may become more
        del shared["annotator"]
    trained = {name: value for name, value in options.items() if name not in COMPUTING_OPTIONS}
    return {"ablation": ablation, **shared, "train_with": trained}


def _hashes(every: Sequence[EvalOptions], config: Settings) -> dict[str, str]:
    """Return those of the models given, having checked that they and the mirrors exist, since trainings take long."""
    first = every[0]
    models = {"base": first.base_model} | ({"interactive": first.ckpt} if first.ckpt else {})
    hashes = {kind: file_hash(find_checkpoint(name, config.project)) for kind, name in models.items()}
    prepared = PreparedSet.open(config.storage, first.dataset)
    for mirror in dict.fromkeys(options.mirror for options in every):
        _ = prepared.view(mirror).truth
    return hashes


def _require_free(folder: Path, about: Mapping[str, Any], hashes: Mapping[str, str]) -> None:
    """Raise RunError if a folder holds another ablation."""
    record = read_record(folder / ABLATION)
    if not record:
        return
    there, wanted = {**record["config"], **record["hashes"]}, {**about, **hashes}
    if differing := changes(there, wanted, width=60):
        raise RunError(
            f"{folder}: holds another ablation ({differing}); move it away, or set RETRACE_DIR_EVAL elsewhere"
        )


def _read(cell: Sequence[EvalOptions], mirrors: Sequence[str], tables: Mapping[EvalOptions, Path]) -> Runs:
    return [[read_run(tables[options]) for options in cell if options.mirror == mirror] for mirror in mirrors]


def _table(ablation: str, cells: Mapping[Cell, Runs]) -> Table:
    if ablation == "annotators":
        return matrix_table({(trained, tested): runs for (trained, tested), runs in cells.items()})
    return published_table(ablation, {row: runs for (row,), runs in cells.items()})


def _caption(ablation: str, every: Sequence[EvalOptions], mirrors: Sequence[str], lacking: Collection[str]) -> str:
    first = every[0]
    seeds = len({options.seed for options in every})
    who = "" if ablation == "annotators" else f", annotator {first.annotator}"
    deviation = " ± deviation over seeds" if seeds > 1 else ""
    lines = [
        f"Ablation of {ablation}: base model {first.base_model}, {first.mode} mode{who}; means of {len(mirrors)} "
        f"mirror{'s' * (len(mirrors) > 1)} and {seeds} seed{'s' * (seeds > 1)}{deviation}"
    ]
    if lacking:
        lines.append(f"Left out of all rows, as runs of them were skipped: {', '.join(sorted(lacking))}")
    return "\n".join(lines)
