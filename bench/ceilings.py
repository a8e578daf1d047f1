"""``python -m bench.ceilings``: the largest gain of refinement, if every answer were right within its bounds.

In place of the network the truth answers within bounds: it corrects all wrong pixels that touch the stroke, or all
within a window around it. A better model can close the distance between a trained model and such a ceiling; only larger
bounds can raise the ceiling itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, isinf, isnan, nan
from statistics import fmean
from typing import TYPE_CHECKING, Any

import click

from bench.options import with_base_model, with_mirrors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.regions import Region, Shape
    from data.storage import PreparedSet, PreparedView
    from interaction.changes import Probabilities, Refiner, View
    from interaction.prompts import Prompt
    from metrics.effort import Curve
    from metrics.masks import Mask

SIDES = (32, 64, 128, 256)  # model pixels, of windows in which all becomes right
NEAR = 256  # side of the window in which what touches the stroke becomes right
SET = "mirrors"  # the prepared set


@dataclass(frozen=True)
class Perfect:
    """Answers with the truth in a window around the stroke.

    Parameters
    ----------
    truth : (H, W) bool, of the whole drawing
    side : of the window, in model pixels
    scale : model pixels a scan pixel
    touching : whether only connected wrong pixels that touch the stroke become right
    """

    truth: Mask
    side: int
    scale: float
    touching: bool

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """See ``interaction.changes.Refiner``."""
        from interaction.refiners import region_around

        return region_around(prompts[-1], shape, self.side, self.scale)

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """See ``interaction.changes.Refiner``."""
        return [self._answer(view) for view in views]

    def _answer(self, view: View) -> Probabilities:
        import numpy as np

        from interaction.merging import touching

        right = self.truth[view.region.slices].astype(np.float32)
        return np.where(touching(view, right), right, view.current) if self.touching else right


@click.command(context_settings={"show_default": True})
@with_base_model
@with_mirrors
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Of the simulated user.")
def main(base_model: str, mirrors: tuple[str, ...], seed: int) -> None:
    """Correct mirrors with perfect answers of several reaches; print what that saves."""
    import torch

    from data.progress import ProgressBar
    from data.storage import PreparedSet
    from interaction.refiners import ManualRefiner
    from runs.commands import one_message
    from runs.evaluation.evaluation import expanded
    from runs.predicting.drawings import WINDOWS_AT_ONCE, initial_drawing
    from runs.predicting.loaded_models import load_base
    from runs.report.markdown import markdown_table
    from user_config import settings

    config = settings()
    measured: dict[str, list[tuple[float, ...]]] = {}
    with one_message():
        device = "cuda" if torch.cuda.is_available() else "cpu"
        loaded = load_base(base_model, config.project, device, "auto")
        prepared, base = PreparedSet.open(config.storage, SET), loaded.trained
        predictor = loaded.predictor(click.echo, batch=WINDOWS_AT_ONCE, repeatable=False)
        names = expanded(mirrors, SET, config)
        with ProgressBar(names, click.echo, unit="mirrors") as progress:
            for name in names:
                view = prepared.view(name)
                initial, truth = initial_drawing(view, base, predictor), view.truth & view.mask
                refiners: dict[str, Refiner] = {"what touches the stroke": Perfect(truth, NEAR, view.scale, True)}
                refiners |= {f"{side} x {side} around it": Perfect(truth, side, view.scale, False) for side in SIDES}
                correct = partial(_corrected, prepared, view, initial, base.task.patch, seed)
                manual = correct(ManualRefiner(view.scale))
                progress.echo(f"{name}: initial {manual.score[0]:.4f}, manual {manual.final:.4f}")
                for done, (reach, refiner) in enumerate(refiners.items(), start=1):
                    progress.update(name, done / (1 + len(refiners)))
                    measured.setdefault(reach, []).append(_measures(correct(refiner), manual))
                progress.end(name)
    head = ["becomes right", "area, points", "saved", "half-way, share of manual's effort", "final pFM"]
    click.echo("\n" + markdown_table([head, *([reach, *_means(rows)] for reach, rows in measured.items())]))


def _corrected(
    prepared: PreparedSet, view: PreparedView, initial: NDArray[Any], patch: int, seed: int, refiner: Refiner
) -> Curve:
    import numpy as np

    from interaction.session import RefinementSession
    from lines.centre_lines import cached_centre_line
    from metrics.effort import Curve
    from simulation.annotators import annotator_named
    from simulation.correction_loop import CorrectionLoop
    from simulation.strokes import Brush

    session = RefinementSession(view, initial, refiner, scale=view.scale, channels=(), undoable=0)
    annotator = annotator_named("longer", Brush(prepared.lines, view.scale, centre_line=cached_centre_line()))
    loop = CorrectionLoop(session, view.truth, view.mask, annotator, patch=patch, seed=seed, published=False)
    steps = [loop.progress, *loop.run()]
    return Curve(np.array([step.effort for step in steps]), np.array([step.refined.counts.pfm for step in steps]))


def _measures(refined: Curve, manual: Curve) -> tuple[float, ...]:
    """Return the measures that ``main`` prints; half-way is infinite if not reached, NaN if there was nothing to do."""
    from metrics.effort import area, half_way, saved

    reached = half_way(refined, manual)
    share = nan if not manual.total else inf if reached is None else reached / manual.total
    return area(refined, manual), saved(refined, manual), share, refined.final


def _means(rows: list[tuple[float, ...]]) -> list[str]:
    from runs.report.measures import NO_VALUE

    area, saved, half_way, final = (_mean(values) for values in zip(*rows, strict=True))
    reached = NO_VALUE if isnan(half_way) else "never in one" if isinf(half_way) else f"{half_way:.0%}"
    return [f"{area:+.2f}", f"{saved:.0%}", reached, f"{final:.4f}"]


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the values that there are."""
    known = [value for value in values if not isnan(value)]
    return fmean(known) if known else nan


if __name__ == "__main__":
    main()
