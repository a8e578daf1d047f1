"""``python -m bench.places FOLDER``: whether the page's next place is where most is wrong.

Made-up mirrors, one of each difficulty for every seed, are drawn by the base model and corrected by a few strokes of
the simulated user, which the interactive model answers. Before and after, the places are ranked by the wrong pixels to
expect, as the page ranks them, and by the expected pFM; both are compared with the true number of wrong pixels inside
the object. The mirrors stay in FOLDER, so that the next run begins with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import UserPath

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotate.library.places import Places
    from data.storage import PreparedView
    from interaction.session import RefinementSession
    from metrics.calibration import Calibration
    from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
    from user_config import Settings

FIRST_SEED = 500  # no training takes these seeds
HEIGHT, WIDTH = 2400, 1800  # scan pixels; so 20 places a mirror
KIND = "mirrors"


@dataclass(frozen=True)
class Look:
    """The places of one drawing, each an array (N,).

    Parameters
    ----------
    pfm : expected pFM
    wrong, true_wrong : wrong pixels that are expected, and that there are
    astray, true_astray : those of them beyond the tolerance of ``metrics.expected``
    """

    pfm: NDArray[np.float64]
    wrong: NDArray[np.float64]
    true_wrong: NDArray[np.float64]
    astray: NDArray[np.float64]
    true_astray: NDArray[np.float64]


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False))
@click.option("--base_model", default="small-base", metavar="MODEL", help="Run id or checkpoint of the base model.")
@click.option("--ckpt", default="small-interactive", metavar="MODEL", help="Run id or checkpoint of what answers.")
@click.option("--seeds", default=3, type=click.IntRange(min=1), help="Of the mirrors; five are made for each.")
@click.option("--strokes", default=10, type=click.IntRange(min=1), help="Between the two looks at a mirror.")
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="As for eval.")
def main(folder: Path, base_model: str, ckpt: str, seeds: int, strokes: int, backend: str, device: str) -> None:
    """Print how well places are ranked on made-up mirrors, and what is wrong where next to nothing is expected."""
    import torch

    from models.backends import chosen_backend
    from runs.calibration import read_calibration
    from runs.commands import one_message
    from runs.device import torch_device
    from runs.predicting.loaded_models import load_base, load_interactive, require_same_task
    from user_config import settings

    config = settings()
    with one_message():
        where = torch_device(device)
        by = chosen_backend(backend, torch.device(where), click.echo)
        base = load_base(base_model, config.project, where, by)
        interactive = load_interactive(ckpt, config.project, where, by)
        require_same_task(base, interactive)
        calibration = read_calibration(base.trained)
        looks: dict[str, list[Look]] = {}
        for title, view in made_views(folder, seeds, config):
            session = begun(view, base, interactive)
            looks[title] = [look_at(session, view, calibration)]
            correct(session, view, calibration, strokes)
            looks[title].append(look_at(session, view, calibration))
            click.echo(f"{title}: drawn, and corrected by {len(session.prompts)} strokes")
    click.echo(f"\n{mirrors_table(looks)}\n\n{means_table(list(looks.values()))}\n\n{done_text(list(looks.values()))}")


def made_views(folder: Path, seeds: int, config: Settings) -> Iterator[tuple[str, PreparedView]]:
    """Yield mirrors with their titles, one of each difficulty for every seed; those that are not there are made."""
    from data.ingest import prepare_set
    from data.storage import SET_MANIFEST, PreparedSet
    from data.synthetic.difficulty import SCALE
    from data.synthetic.files import write_mirrors

    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        root, storage = folder / f"{seed}" / "mirrors", folder / f"{seed}" / "storage"
        if not (storage / KIND / SET_MANIFEST).exists():
            for number, level in enumerate(SCALE, 1):
                write_mirrors(root, 1, HEIGHT, WIDTH, seed, overwrite=True, level=level, first=number)
            here = replace(config, root=root, storage=storage)
            prepare_set(here, KIND, root.resolve(), channels=("depth",), test=(), test_last=None, dpi=None)
        prepared = PreparedSet.open(storage, KIND)
        for level, name in zip(SCALE, prepared.members, strict=True):
            yield f"{seed} {level}", prepared.view(name)


def begun(view: PreparedView, base: LoadedBase, interactive: LoadedInteractive) -> RefinementSession:
    """Begin with what the base model draws; the interactive model answers."""
    from interaction.merging import merge_named
    from interaction.session import RefinementSession
    from runs.predicting.channels import channels_for

    def quiet(line: str) -> None:
        """Say nothing: the backend was named before."""

    task = interactive.trained.task
    return RefinementSession(
        view,
        base.drawing(view, quiet),
        interactive.refiner(view.scale, quiet),
        scale=view.scale,
        channels=channels_for(base.trained.task, view),
        merge=merge_named(task.merge),
        undoable=0,
    )


def correct(session: RefinementSession, view: PreparedView, calibration: Calibration, strokes: int) -> None:
    """Have the simulated user `longer` make strokes in the places that the page leads to."""
    from itertools import islice

    from annotate.library.places import CELL
    from data.line_statistics import MIRROR_LINES
    from interaction.patch_selection import MostWrong
    from lines.centre_lines import cached_centre_line
    from simulation.annotators import annotator_named
    from simulation.correction_loop import CorrectionLoop
    from simulation.strokes import Brush

    brush = Brush(MIRROR_LINES, view.scale, centre_line=cached_centre_line())
    loop = CorrectionLoop(
        session,
        view.truth,
        view.mask,
        annotator_named("longer", brush),
        patch=CELL,
        seed=0,
        published=False,
        ranking=MostWrong(session, view.mask, CELL, calibration),
    )
    for _ in islice(loop.run(), strokes):
        pass


def look_at(session: RefinementSession, view: PreparedView, calibration: Calibration) -> Look:
    """Estimate the places of the drawing as it is, and count what is wrong."""
    import numpy as np

    from annotate.library.places import CELL, Places
    from metrics.expected import expected_astray

    mask = np.asarray(view.mask)
    places = Places(session, mask, CELL, calibration)
    while places.estimate():
        pass
    truth, drawing = view.truth & mask, session.drawing & mask
    quality, wrong, astray = places.quality, places.wrong, places.astray
    assert quality is not None
    assert wrong is not None
    assert astray is not None
    return Look(
        quality,
        wrong,
        summed(places, drawing != truth),
        astray,
        summed(places, expected_astray(truth.astype(np.float64), drawing)),
    )


def summed(places: Places, pixels: NDArray[np.bool_ | np.float64]) -> NDArray[np.float64]:
    """Sum a map over each place, (N,)."""
    import numpy as np

    return np.array([pixels[place.slices].sum() for place in places.regions], np.float64)


def spearman(look: Look) -> tuple[float, float]:
    """Correlate the ranks of places with those by the true number of wrong pixels, the most wrong first.

    Returns
    -------
    wrong, pfm
        For the wrong pixels that are expected, and for the expected pFM.
    """
    from scipy.stats import spearmanr

    wrong, pfm = (float(spearmanr(one, look.true_wrong).statistic) for one in (look.wrong, -look.pfm))
    return wrong, pfm


def mirrors_table(looks: dict[str, list[Look]]) -> str:
    """Lay out each mirror: Spearman of both rankings at both looks, and wrong pixels, there and expected."""
    from runs.report.markdown import markdown_table

    rows = [["mirror", "places", "pixels", "pixels, later", "pFM", "pFM, later", "wrong", "expected"]]
    for title, (before, after) in looks.items():
        (wrong, pfm), (wrong_later, pfm_later) = spearman(before), spearman(after)
        figures = [f"{one:.2f}" for one in (wrong, wrong_later, pfm, pfm_later)]
        totals = [f"{one.sum():.0f}" for one in (before.true_wrong, before.wrong)]
        rows.append([title, str(len(before.wrong)), *figures, *totals])
    return markdown_table(rows)


def means_table(looks: Sequence[Sequence[Look]]) -> str:
    """Lay out Spearman's mean, deviation and extremes over mirrors."""
    import numpy as np

    from runs.report.markdown import markdown_table

    rows = [["places ranked by", "drawing", "mean", "deviation", "lowest", "highest"]]
    for column, ranking in enumerate(("wrong pixels to expect", "expected pFM")):
        for at, drawing in enumerate(("initial", "after the strokes")):
            found = np.array([spearman(each[at])[column] for each in looks])
            figures = found.mean(), found.std(ddof=1), found.min(), found.max()
            rows.append([ranking, drawing, *(f"{one:.2f}" for one in figures)])
    return markdown_table(rows)


def done_text(looks: Sequence[Sequence[Look]]) -> str:
    """Say what is astray in the places where too little is expected to matter, which a correction makes done."""
    import numpy as np

    from annotate.library.places import MATTERS

    flat = [look for each in looks for look in each]
    expected = np.concatenate([look.astray for look in flat])
    true = np.concatenate([look.true_astray for look in flat])
    below = true[expected < MATTERS]
    if not len(below):
        return f"fewer than {MATTERS} pixels astray are expected in none of {len(expected)} places"
    more = 100 * np.mean(below >= MATTERS)
    return (
        f"fewer than {MATTERS} pixels astray are expected in {len(below)} of {len(expected)} places; there are "
        f"{np.median(below):.0f} (median) to {np.quantile(below, 0.95):.0f} (95th percentile) there, {MATTERS} or more "
        f"in {more:.0f} % of these places"
    )


if __name__ == "__main__":
    main()
