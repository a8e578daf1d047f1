"""The rows of the table: which models and merge rule each one is about, and the runs that measure them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from bench.quality.results import RowResult
from data.io.files import file_hash
from models.checkpoints import find_checkpoint
from runs.errors import RunError
from runs.evaluation.evaluation import evaluate
from runs.options import EvalOptions
from runs.provenance import run_id_of
from runs.report.groups import SHORT
from runs.report.table import read_run
from user_config import Settings


@dataclass(frozen=True)
class Row:
    """A way of refining: models, and a merge rule.

    Parameters
    ----------
    label : what it is called in the table
    models : run ids or checkpoints of interactive models that differ in nothing but the seed of their training
    merge : what of their answers is taken over, see ``interaction.merging``; empty: their own
    """

    label: str
    models: tuple[str, ...]
    merge: str = ""

    @classmethod
    def parsed(cls, text: str) -> Row:
        """Read ``LABEL=MODEL[,MODEL...][:MERGE]``.

        Raises
        ------
        ValueError
            If the text is not of this form.
        """
        label, _, rest = (part.strip() for part in text.partition("="))
        names, _, merge = rest.partition(":")
        models = tuple(name.strip() for name in names.split(","))
        if not label or not all(models):
            raise ValueError(f"{text!r}: give LABEL=MODEL, several models with commas, and :MERGE if it is another")
        return cls(label, models, merge.strip())


@dataclass(frozen=True)
class Evaluator:
    """Makes the runs of all rows: the mirrors, seeds and options that they share.

    Parameters
    ----------
    options : of a run but for mirror, seed, annotator and model
    mirrors, seeds : each with each
    config : where things lie
    workers : processes that share the runs; None: one a core
    """

    options: EvalOptions
    mirrors: Sequence[str]
    seeds: int
    config: Settings
    workers: int | None

    def outcomes(self, rows: Sequence[Row], annotators: Sequence[str]) -> dict[str, list[RowResult]]:
        """Make the runs that are not there yet; return the result of each row, by annotator.

        Raises
        ------
        DataError, ModelError, RunError
            If a model or rule does not exist or does not fit, or a run cannot be made.
        """
        plan = {
            (row, annotator): [self._runs(row, model, annotator) for model in row.models]
            for annotator, row in product(annotators, rows)
        }
        every = dict.fromkeys(run for of_models in plan.values() for runs in of_models for run in runs)
        tables, skipped = evaluate(list(every), self.config, workers=self.workers, scheduler=None, report=_drop)
        if skipped:
            raise RunError(f"no table, as runs are missing: {'; '.join(skipped)}")
        return {annotator: [_outcome(row, plan[row, annotator], tables) for row in rows] for annotator in annotators}

    def folder(self, row: Row, model: str) -> str:
        """Return the folder of a model's runs, below DIR_EVAL; a model trained anew, or another rule, has another."""
        sha256 = file_hash(find_checkpoint(model, self.config.project))
        name = f"{run_id_of(model)}-{sha256[:SHORT]}"
        return "/".join(filter(None, [self.options.mode, name, row.merge]))

    def _runs(self, row: Row, model: str, annotator: str) -> list[EvalOptions]:
        options = replace(self.options, ckpt=model, merge=row.merge, annotator=annotator)
        group = f"{self.folder(row, model)}/{annotator}"
        return [
            replace(options, mirror=mirror, seed=seed, group=group)
            for mirror, seed in product(self.mirrors, range(self.seeds))
        ]


def _drop(line: str) -> None:
    """Print no line of a run; its progress bar is shown all the same."""


def _outcome(row: Row, plan: Sequence[Sequence[EvalOptions]], tables: Mapping[EvalOptions, Path]) -> RowResult:
    return RowResult(row.label, [[read_run(tables[options]) for options in runs] for runs in plan])
