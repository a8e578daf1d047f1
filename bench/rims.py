"""``python -m bench.rims --real FOLDER``: where corrections of loose patches end, with and without strokes along rims.

The folder and its patches are those of ``bench.patches``. Each patch is drawn by the base model and corrected to the
end by simulated users, with strokes that are pasted and with strokes that the interactive model answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import click

from data.options import ModelName, UserPath
from user_config import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.canvas import Canvas
    from interaction.session import RefinementSession
    from metrics.masks import Mask
    from models.task import Task
    from runs.predicting.loaded_models import LoadedInteractive

PASTED, ANSWERED = "pasted", "answered"


@dataclass(frozen=True)
class End:
    """Where a correction ended.

    Parameters
    ----------
    pfm, iou, cl_dice, tolerant_f : scores in [0, 1]; the last as in ``bench.patches``
    strokes, effort : that were not dropped, and pixels that they touched
    """

    pfm: float
    iou: float
    cl_dice: float
    tolerant_f: float
    strokes: int
    effort: int


def corrected(session: RefinementSession, truth: Mask, valid: Mask, name: str, patch: int, seed: int) -> End:
    """Let the simulated user of a name correct a patch until it finds nothing more; scores are of the valid pixels."""
    from bench.patches import scores
    from data.line_statistics import MIRROR_LINES
    from lines.centre_lines import cached_centre_line
    from metrics import iou, pfm
    from metrics.scores.cl_dice import cl_dice
    from simulation.annotators import annotator_named
    from simulation.correction_loop import CorrectionLoop
    from simulation.strokes import Brush

    brush = Brush(MIRROR_LINES, session.scale, centre_line=cached_centre_line())
    user = annotator_named(name, brush, seed)
    loop = CorrectionLoop(session, truth, valid, user, patch=patch, seed=seed, published=False)
    for _ in loop.run():
        pass
    pair, done = (session.drawing & valid, truth & valid), loop.progress
    each = pfm(*pair), iou(*pair), cl_dice(*pair), scores(*pair).tolerant_f
    return End(*each, strokes=done.interaction, effort=done.effort)


def table(ends: Mapping[tuple[str, str, str], Sequence[End]]) -> str:
    """Return a row for each patch, annotator and kind of answer: means over seeds, scores in percent."""
    from runs.report.markdown import markdown_table

    rows = [["patch", "annotator", "strokes are", "pFM", "IoU", "clDice", "tolerant F", "strokes", "pixels"]]
    for key, several in ends.items():
        percent = (
            100 * fmean(getattr(end, name) for end in several) for name in ("pfm", "iou", "cl_dice", "tolerant_f")
        )
        counts = (fmean(end.strokes for end in several), fmean(end.effort for end in several))
        rows.append([*key, *(f"{value:.1f}" for value in percent), *(f"{value:,.0f}" for value in counts)])
    return markdown_table(rows)


def sessions(
    canvas: Canvas, initial: NDArray[np.float32], task: Task, interactive: LoadedInteractive | None
) -> dict[str, RefinementSession]:
    """Return a session whose strokes are pasted, and with an interactive model one whose strokes it answers."""
    from interaction.merging import merge_named
    from interaction.refiners import ManualRefiner
    from interaction.session import RefinementSession

    manual = ManualRefiner(task.scale)
    made = {PASTED: RefinementSession(canvas, initial, manual, scale=task.scale, channels=(), undoable=0)}
    if interactive:
        made[ANSWERED] = RefinementSession(
            canvas,
            initial,
            interactive.refiner(task.scale, click.echo),
            scale=task.scale,
            channels=task.channels,
            merge=merge_named(interactive.trained.task.merge),
            undoable=0,
        )
    return made


@click.command(context_settings={"show_default": True})
@click.option("--real", type=UserPath(exists=True, file_okay=False), required=True, help="patchN.png, maskN.png")
@click.option("--base_model", type=ModelName(), default="small-base", metavar="MODEL", help="As for eval.")
@click.option(
    "--ckpt", type=ModelName(), default="", metavar="MODEL", show_default="strokes are only pasted", help="As for eval."
)
@click.option("--annotator", "annotators", multiple=True, default=("longer", "longer+rim"), help="Repeatable.")
@click.option("--seeds", default=3, type=click.IntRange(min=1), help="Of the simulated user, 0 to N-1.")
@click.option("--enlarge", default=1.34, type=click.FloatRange(min=0.1), help="As for bench.patches.")
@click.option("--margin", default=8, type=click.IntRange(0, 32), help="As for bench.patches.")
def main(
    real: Path, base_model: str, ckpt: str, annotators: tuple[str, ...], seeds: int, enlarge: float, margin: int
) -> None:
    """Correct patches to the end by simulated users; print where that leads."""
    import numpy as np
    import torch

    from bench.patches import canvas_of, probabilities, read_patches
    from models.checkpoints import find_checkpoint, load_model
    from models.prediction import TorchPredictor
    from runs.commands import one_message
    from runs.predicting.loaded_models import LoadedBase, load_interactive, require_same_task
    from simulation.annotators import chosen_annotators

    ends: dict[tuple[str, str, str], list[End]] = {}
    with one_message():
        names, project = chosen_annotators(annotators), settings().project
        base = load_model(find_checkpoint(base_model, project), "base")
        predictor = TorchPredictor(base.network, torch.device("cpu"))
        interactive = load_interactive(ckpt, project, "cpu", "auto") if ckpt else None
        if interactive:
            require_same_task(LoadedBase(base, "cpu", "torch"), interactive)
        for patch, (cubic, truth) in read_patches(real, enlarge).items():
            canvas = canvas_of(base, np.clip(cubic, 0, 1))
            initial = probabilities(base, predictor, canvas)
            valid = np.zeros(truth.shape, bool)
            valid[(slice(margin, -margin or None),) * 2] = True
            for name, seed in product(names, range(seeds)):
                for kind, session in sessions(canvas, initial, base.task, interactive).items():
                    end = corrected(session, truth, valid, name, base.task.patch, seed)
                    ends.setdefault((patch, name, kind), []).append(end)
    click.echo(table(ends))


if __name__ == "__main__":
    main()
