"""``python -m bench.order``: how well a patch's pFM is estimated without its truth, and the gain of orders by it.

Mirrors are corrected in each order by strokes that are only pasted, so the figures are the estimate's own; with
``--ckpt`` an interactive model answers them, as in ``python -m eval --order ORDER``, which takes one order at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import click

from bench.options import with_base_model, with_mirrors
from data.options import ModelName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.storage import PreparedView
    from interaction.session import RefinementSession
    from metrics.masks import Mask
    from metrics.truths import TruthCache
    from runs.jobs import Reporter
    from runs.predicting.loaded_models import LoadedBase
    from user_config import Settings

STROKES = 20  # between two looks at the estimates
SET = "mirrors"  # the prepared set


@dataclass(frozen=True)
class Task:
    """A mirror to be corrected: models of the initial drawing and the answers, and an order of ``ORDERS``."""

    mirror: str
    seed: int
    order: str
    base_model: str
    device: str
    backend: str
    ckpt: str = ""  # without an interactive model strokes are only pasted

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"{self.mirror} seed {self.seed}, {self.order}"


@dataclass(frozen=True)
class CorrectionCurve:
    """The result of a task.

    Parameters
    ----------
    effort, pfm : at the start and after each stroke
    agreement : of the predicted order, that of its estimates at the start and every ``STROKES`` strokes, see
        ``agreement``
    """

    effort: list[int]
    pfm: list[float]
    agreement: list[tuple[float, float, float]]


@click.command(context_settings={"show_default": True})
@with_base_model
@click.option(
    "--ckpt",
    type=ModelName(),
    default="",
    metavar="MODEL",
    show_default="strokes are only pasted",
    help="Interactive model.",
)
@with_mirrors
@click.option("--seeds", default=3, type=click.IntRange(min=1), help="Of the simulated user, 0 to N-1.")
@click.option("--workers", type=click.IntRange(min=1), show_default="one a core", help="Processes that share the runs.")
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="As for eval.")
def main(mirrors: tuple[str, ...], seeds: int, workers: int | None, **options: Any) -> None:
    """Correct mirrors in every order; print how the estimates agree with the truth, and each order's area."""
    import torch

    from interaction.patch_selection import ORDERS
    from models.backends import chosen_backend
    from runs.commands import conclude, one_message
    from runs.device import torch_device
    from runs.evaluation.evaluation import expanded
    from runs.jobs import Job, run_jobs
    from user_config import settings

    config = settings()
    with one_message():
        options["device"] = torch_device(options["device"])
        options["backend"] = chosen_backend(options["backend"], torch.device(options["device"]), click.echo)
        names = expanded(mirrors, SET, config)
        tasks = [Task(name, seed, order, **options) for name, seed, order in product(names, range(seeds), ORDERS)]
        jobs = [Job(task.title, correct, (task, config)) for task in tasks]
        found, skipped = run_jobs(jobs, workers=workers, scheduler=None, report=click.echo)
    conclude(skipped)
    outcomes = {task: found[task.title] for task in tasks}
    click.echo(f"\n{agreement_table(list(outcomes.values()))}\n\n{order_table(outcomes)}")


def correct(task: Task, config: Settings, report: Reporter) -> CorrectionCurve:
    """Correct a mirror to the end."""
    from data.storage import PreparedSet
    from interaction.patch_selection import Predicted, ranking_named
    from lines.centre_lines import cached_centre_line
    from metrics.truths import TruthCache
    from runs.calibration import read_calibration
    from runs.predicting.loaded_models import load_base
    from simulation.annotators import annotator_named
    from simulation.correction_loop import CorrectionLoop
    from simulation.strokes import Brush

    loaded = load_base(task.base_model, config.project, task.device, task.backend)
    prepared, base = PreparedSet.open(config.storage, SET), loaded.trained
    view, patch = prepared.view(task.mirror), base.task.patch
    session = _session(task, config, view, loaded, report)
    ranking = ranking_named(task.order, session, view.mask, patch, calibration=read_calibration(base), seed=task.seed)
    annotator = annotator_named("longer", Brush(prepared.lines, view.scale, centre_line=cached_centre_line()))
    truths = TruthCache()
    loop = CorrectionLoop(
        session,
        view.truth,
        view.mask,
        annotator,
        patch=patch,
        seed=task.seed,
        published=False,
        ranking=ranking,
        truths=truths,
    )
    looks: list[tuple[float, float, float]] = []

    def look() -> None:
        if isinstance(ranking, Predicted):
            looks.append(agreement(ranking.ranks, session.drawing, view.truth, view.mask, patch, loop.retired, truths))

    look()
    steps = [loop.progress]
    for progress in loop.run():
        steps.append(progress)
        if progress.interaction % STROKES == 0:
            look()
    last = steps[-1]
    report(f"{task.title}: {last.interaction} strokes, pFM {last.refined.counts.pfm:.4f}")
    return CorrectionCurve([step.effort for step in steps], [step.refined.counts.pfm for step in steps], looks)


def _session(task: Task, config: Settings, view: PreparedView, base: LoadedBase, report: Reporter) -> RefinementSession:
    """Begin with what the base model draws; answers are the interactive model's, if there is one."""
    from interaction.merging import merge_named
    from interaction.refiners import ManualRefiner
    from interaction.session import RefinementSession
    from runs.predicting.channels import channels_for, require_scale
    from runs.predicting.loaded_models import load_interactive, require_same_task

    initial = _drawing(task.base_model, config, task.mirror, task.device, task.backend)
    if not task.ckpt:
        return RefinementSession(view, initial, ManualRefiner(view.scale), scale=view.scale, channels=(), undoable=0)
    interactive = load_interactive(task.ckpt, config.project, task.device, task.backend)
    require_same_task(base, interactive)
    require_scale(view, interactive.trained)
    refiner = interactive.refiner(view.scale, report)
    merge, channels = merge_named(interactive.trained.task.merge), channels_for(base.trained.task, view)
    return RefinementSession(view, initial, refiner, scale=view.scale, channels=channels, merge=merge, undoable=0)


def agreement(
    expected: NDArray[np.float64],
    drawing: Mask,
    truth: Mask,
    valid: Mask,
    patch: int,
    retired: Mask,
    truths: TruthCache | None = None,
) -> tuple[float, float, float]:
    """Compare estimates with the truth, over the patches that are not retired and hold line, true or drawn.

    Parameters
    ----------
    expected : (N,), the pFM that is expected of each cell of the grid
    drawing, truth, valid : (H, W) bool
    patch : side of a cell
    retired : (N,) bool
    truths : keeps the truth's skeleton from one look to the next

    Returns
    -------
    spearman, pearson, bias
        The correlations of ranks and of values, NaN where fewer than three patches are left or all are alike; and how
        much higher the estimates are on average, in points.
    """
    import numpy as np
    from scipy.stats import pearsonr, spearmanr

    from data.regions import cells, shape_of
    from metrics.counts import count
    from metrics.effort import POINTS
    from metrics.thinning import thin

    drawing, truth = drawing & valid, truth & valid
    parts = [cell.slices for cell in cells(shape_of(truth), patch)]
    kept = np.array([bool((truth | drawing)[at].any()) for at in parts]) & ~retired
    centre = truths.skeleton(truth) if truths else thin(truth)
    true = np.array([count(drawing[at], truth[at], centre[at]).pfm for at in parts])[kept]
    estimate = expected[kept]
    bias = POINTS * float(np.mean(estimate - true)) if kept.any() else np.nan
    if len(true) < 3 or np.ptp(true) == 0 or np.ptp(estimate) == 0:
        return np.nan, np.nan, bias
    return float(spearmanr(estimate, true).statistic), float(pearsonr(estimate, true).statistic), bias


def agreement_table(outcomes: Sequence[CorrectionCurve]) -> str:
    """Lay out how estimates agree with the truth: means over runs at the start, and over all later looks.

    A look that has no value of a figure counts in no mean of it.
    """
    import numpy as np

    from runs.report.markdown import markdown_table
    from runs.report.measures import Display

    figures = (
        Display("Spearman", factor=1),
        Display("Pearson", factor=1),
        Display("bias, points", factor=1, digits=1, sign="+"),
    )
    looks = [outcome.agreement for outcome in outcomes if outcome.agreement]
    rows = {"initial drawing": [each[0] for each in looks]}
    if later := [look for each in looks for look in each[1:]]:
        rows["while corrected"] = later
    texts = []
    for name, found in rows.items():
        means = np.ma.masked_invalid(found).mean(axis=0).filled(np.nan)
        texts.append([name, *(figure.text(mean) for figure, mean in zip(figures, means, strict=True))])
    return markdown_table([["estimated pFM", *(figure.title for figure in figures)], *texts])


def order_table(outcomes: dict[Task, CorrectionCurve]) -> str:
    """Lay out the area of each order over the oracle's, and what ``metrics.order`` says of it."""
    import numpy as np

    from interaction.patch_selection import ORACLE, ORDERS, RANDOM
    from metrics.bootstrap import mean_over_mirrors
    from metrics.effort import Curve, area
    from metrics.order import order
    from runs.report.markdown import markdown_table
    from runs.report.measures import NO_VALUE

    curves = {task: Curve(np.array(one.effort), np.array(one.pfm)) for task, one in outcomes.items()}
    runs = list(dict.fromkeys((task.mirror, task.seed) for task in curves))
    found = {(task.mirror, task.seed, task.order): curve for task, curve in curves.items()}
    areas = {name: [area(found[*run, name], found[*run, ORACLE]) for run in runs] for name in ORDERS}
    mirrors, rows = [mirror for mirror, _ in runs], []
    for name in ORDERS:
        quality = order(areas[name], areas[ORACLE], areas[RANDOM], mirrors, np.random.default_rng(0))
        text = NO_VALUE if quality is None else "{:.2f} [{:.2f}, {:.2f}]".format(*quality)
        rows.append([name, f"{float(mean_over_mirrors(areas[name], mirrors)):+.3f}", text])
    return markdown_table([["patches come", "area", "order"], *rows])


@lru_cache(maxsize=2)
def _drawing(base_model: str, config: Settings, mirror: str, device: str, backend: str) -> NDArray[Any]:
    """Let the base model draw a mirror; the drawing is kept, since all tasks of a mirror follow each other."""
    from data.storage import PreparedSet
    from runs.predicting.loaded_models import load_base

    base = load_base(base_model, config.project, device, backend)
    return base.drawing(PreparedSet.open(config.storage, SET).view(mirror), click.echo)


if __name__ == "__main__":
    main()
