"""``python -m bench.people FOLDER``: strokes of real people replayed, beside simulated users who give as many.

FOLDER is laid out as `simulation.rasters` says, and its images are prepared (``python -m data.setup --dataset lines
--root FOLDER``). The people marked lines and ground on an image without a drawing, so their strokes correct nothing in
particular; pictures have no order, so the longest comes first. They are given twice: all of them, and only those that
lower the number of wrong pixels. The latter is how a simulated user's strokes are treated, here as in an evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import click

from data.options import ModelName, UserPath
from user_config import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.storage import PreparedSet, PreparedView
    from interaction.refiners import NetworkRefiner
    from interaction.session import RefinementSession
    from metrics.truths import TruthCache
    from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
    from simulation.rasters import StrokeSet
    from simulation.simulated_user import SimulatedUser

SET = "lines"  # the prepared set
REAL, KEPT = "as drawn", "what helps"  # a person's strokes: all of them, or those that lower the number of wrong pixels
BASE, EMPTY = "base", "empty"


@dataclass(frozen=True)
class Outcome:
    """What strokes made of an image's initial drawing.

    Parameters
    ----------
    user, person, image : who drew: `REAL`, `KEPT` or the name of an annotator, and beside which person
    given : strokes
    effort : pixels that those touched that were not dropped, at model scale; the mean of pasted and answered
    initial, pasted, refined : pFM without strokes, with them pasted, and with them answered
    helped : shares of strokes that lowered the number of wrong pixels, pasted and answered
    """

    user: str
    person: str
    image: str
    given: int
    effort: int
    initial: float
    pasted: float
    refined: float
    helped: tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """An image, its initial drawing, and what answers there.

    Parameters
    ----------
    prepared, view : the image and its set
    initial : (H, W) float32
    channels : that the interactive model is shown
    refiner : asks the interactive model
    merge : name of its merge rule
    patch : side of a patch
    truths : keeps what scores need of the truth
    """

    prepared: PreparedSet
    view: PreparedView
    initial: NDArray[np.float32]
    channels: tuple[str, ...]
    refiner: NetworkRefiner
    merge: str
    patch: int
    truths: TruthCache

    def sessions(self) -> Iterator[RefinementSession]:
        """Yield a session whose strokes are pasted, and one whose strokes the interactive model answers."""
        from interaction.merging import merge_named
        from interaction.refiners import ManualRefiner
        from interaction.session import RefinementSession

        scale = self.view.scale
        yield RefinementSession(self.view, self.initial, ManualRefiner(scale), scale=scale, channels=(), undoable=0)
        yield RefinementSession(
            self.view,
            self.initial,
            self.refiner,
            scale=scale,
            channels=self.channels,
            merge=merge_named(self.merge),
            undoable=0,
        )

    def pfm(self, session: RefinementSession) -> float:
        """Return the pFM of a session's drawing within the object."""
        from metrics import pfm

        mask = self.view.mask
        return pfm(session.drawing & mask, self.view.truth & mask, self.truths)


def replayed(scene: Scene, one: StrokeSet, user: str) -> Outcome:
    """Give a person's strokes to the image that they were drawn on, one after the other; ``user`` is REAL or KEPT."""
    import numpy as np

    from interaction.session import LINE

    view, ends, helped, effort = scene.view, [], [], 0
    strokes, truth = one.strokes, view.truth & view.mask
    for session in scene.sessions():
        better = 0
        for stroke in strokes:
            (change,) = session.propose([stroke])
            at = change.region.slices
            before, after = (np.count_nonzero((part > LINE) != truth[at]) for part in (change.before, change.after))
            better += int(after < before)
            if after < before or user == REAL:
                session.commit(change)
                effort += stroke.effort(view.scale, view.model_shape).pixels
        ends.append(scene.pfm(session))
        helped.append(better / max(1, len(strokes)))
    return _outcome(scene, user, one, effort // len(ends), ends, helped)


def simulated(scene: Scene, name: str, user: SimulatedUser, beside: StrokeSet, seed: int) -> Outcome:
    """Let a simulated user correct the image with as many strokes as a person gave."""
    from simulation.correction_loop import CorrectionLoop

    view, ends, helped, efforts = scene.view, [], [], []
    for session in scene.sessions():
        loop = CorrectionLoop(
            session, view.truth, view.mask, user, patch=scene.patch, seed=seed, published=False, truths=scene.truths
        )
        for _ in islice(loop.run(), len(beside.strokes)):
            pass
        ends.append(scene.pfm(session))
        efforts.append(loop.progress.effort)
        given = loop.progress.interaction
        helped.append(given / max(1, given + len(loop.state()["useless"])))
    return _outcome(scene, name, beside, round(fmean(efforts)), ends, helped)


def _outcome(
    scene: Scene, user: str, one: StrokeSet, effort: int, ends: Sequence[float], helped: Sequence[float]
) -> Outcome:
    """Put an outcome together; ``ends`` and ``helped`` are of the pasted strokes and of the answered ones."""
    initial = scene.pfm(next(scene.sessions()))
    (pasted, refined), (of_pasted, of_refined) = ends, helped
    given = len(one.strokes)
    return Outcome(user, one.person, one.name, given, effort, initial, pasted, refined, helped=(of_pasted, of_refined))


def users_beside(scene: Scene, names: Sequence[str], person: int) -> Iterator[tuple[str, SimulatedUser]]:
    """Yield the simulated users that stand beside a person; `human` has that person's hand and saw the same picture."""
    from dataclasses import replace

    from lines.centre_lines import cached_centre_line
    from simulation.annotators import annotator_named
    from simulation.annotators.human import Human
    from simulation.strokes import Brush

    brush = Brush(scene.prepared.lines, scene.view.scale, centre_line=cached_centre_line())
    for name in names:
        user = annotator_named(name, brush, seed=person)
        yield name, replace(user, pixel=scene.view.scale) if isinstance(user, Human) else user


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a row for each user beside each person, and the means over people with their spread, all in percent."""
    from runs.report.markdown import markdown_table

    rows = [
        ["user", "person", "strokes", "pixels", "initial pFM", "pasted", "refined", "helped, pasted", "helped, refined"]
    ]
    for user in dict.fromkeys(one.user for one in outcomes):
        people = dict.fromkeys(one.person for one in outcomes)
        of_person = [_means([one for one in outcomes if (one.user, one.person) == (user, each)]) for each in people]
        for person, means in zip(people, of_person, strict=True):
            rows.append([user, person, *_texts(means)])
        middle = [fmean(values) for values in zip(*of_person, strict=True)]
        texts = _texts(middle)
        for column in (3, 4):
            values = [means[column] for means in of_person]
            texts[column] += f" ({min(values):.1f} to {max(values):.1f})"
        rows.append([user, "all", *texts])
    return markdown_table(rows)


def _means(outcomes: Sequence[Outcome]) -> list[float]:
    return [
        fmean(one.given for one in outcomes),
        fmean(one.effort for one in outcomes),
        *(100 * fmean(getattr(one, name) for one in outcomes) for name in ("initial", "pasted", "refined")),
        *(100 * fmean(one.helped[kind] for one in outcomes) for kind in (0, 1)),
    ]


def _texts(means: Sequence[float]) -> list[str]:
    return [f"{value:,.{digits}f}" for value, digits in zip(means, (1, 0, 1, 1, 1, 0, 0), strict=True)]


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(exists=True, file_okay=False))
@click.option("--base_model", type=ModelName(), default="small-base", metavar="MODEL", help="As for eval.")
@click.option("--ckpt", type=ModelName(), default="small-interactive", metavar="MODEL", help="As for eval.")
@click.option(
    "--initial",
    type=click.Choice([BASE, EMPTY]),
    default=BASE,
    help="The base model's drawing, or an empty one, which is what the people saw.",
)
@click.option("--annotator", "annotators", multiple=True, default=("human", "longer"), help="As for eval. Repeatable.")
@click.option("--image", "images", multiple=True, show_default="all", help="Of one name. Repeatable.")
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
def main(
    folder: Path,
    base_model: str,
    ckpt: str,
    initial: str,
    annotators: tuple[str, ...],
    images: tuple[str, ...],
    backend: str,
) -> None:
    """Replay the strokes of real people, and let simulated users give as many on the same images."""
    import torch

    from data.storage import PreparedSet
    from models.backends import chosen_backend
    from runs.commands import one_message
    from runs.predicting.loaded_models import load_base, load_interactive, require_same_task
    from simulation.annotators import chosen_annotators
    from simulation.rasters import read_stroke_sets

    config = settings()
    outcomes: list[Outcome] = []
    with one_message():
        names = chosen_annotators(annotators)
        sets = [one for one in read_stroke_sets(folder) if not images or one.name in images]
        backend = chosen_backend(backend, torch.device("cpu"), click.echo)
        base = load_base(base_model, config.project, "cpu", backend)
        interactive = load_interactive(ckpt, config.project, "cpu", backend)
        require_same_task(base, interactive)
        prepared = PreparedSet.open(config.storage, SET)
        people = sorted({one.person for one in sets})
        for image in dict.fromkeys(one.name for one in sets):
            scene = scene_of(prepared, image, base, interactive, initial)
            for one in (each for each in sets if each.name == image):
                person = people.index(one.person)
                outcomes += [replayed(scene, one, user) for user in (REAL, KEPT)]
                for name, user in users_beside(scene, names, person):
                    outcomes.append(simulated(scene, name, user, one, seed=person))
            click.echo(f"{image}: done", err=True)
    click.echo(table(outcomes))


def scene_of(
    prepared: PreparedSet, image: str, base: LoadedBase, interactive: LoadedInteractive, initial: str
) -> Scene:
    """Make the scene of an image; ``initial`` is `BASE` or `EMPTY`. Raises what the models raise of such a view."""
    import numpy as np

    from metrics.truths import TruthCache
    from runs.predicting.channels import channels_for, require_scale

    view = prepared.view(image)
    require_scale(view, interactive.trained)
    drawing = base.drawing(view, click.echo) if initial == BASE else np.zeros(view.model_shape, np.float32)
    task = interactive.trained.task
    refiner = interactive.refiner(view.scale, click.echo)
    channels = channels_for(task, view)
    return Scene(prepared, view, drawing, channels, refiner, task.merge, base.trained.task.patch, TruthCache())


if __name__ == "__main__":
    main()
