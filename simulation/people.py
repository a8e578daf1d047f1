"""``python -m simulation.people FOLDER``: how real people's strokes deviate from the lines that they mean.

`simulation.annotators.human` states the figures that this command printed for the 27 stroke sets of MedScribble. The
folder is laid out as `simulation.rasters` says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.errors import DataError, explain
from data.options import UserPath

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from interaction.prompts.strokes import Stroke
    from metrics.masks import Mask
    from simulation.annotators.human import Hand
    from simulation.rasters import StrokeSet

QUARTILE = 0.6745  # deviations between a normal distribution's middle and its quartiles
LAGS = 24  # pixels along a stroke over which it is seen how long the hand stays on a side
NEAR = 2  # pixels; most strokes lie so near the line that they mean
SMOOTH = 2  # pixels to either side that tell which way the pen goes


@click.command()
@click.argument("folder", type=UserPath(exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Measure the strokes that people drew on the images of FOLDER (masks/NAME.png and
    strokes/NAME-PERSON-add.png, -erase.png) and print what the annotator `human` takes from them.

    All lengths are in the pictures' pixels.
    """
    from simulation.rasters import read_stroke_sets

    try:
        sets = read_stroke_sets(folder)
        people = sorted({one.person for one in sets})
        click.echo(table({person: [one for one in sets if one.person == person] for person in people}))
    except (DataError, OSError) as error:
        raise click.ClickException(explain(error)) from error


def fitted(sets: Sequence[StrokeSet]) -> Hand:
    """Fit a hand to all strokes of one person.

    Raises
    ------
    DataError
        If nothing was added or nothing erased, or the truths are empty.
    """
    import numpy as np

    from interaction.prompts.strokes import ADD, ERASE
    from simulation.annotators.human import LEVELS, Hand, Spread
    from simulation.rasters import length_of

    strokes = {sign: [stroke for one in sets for stroke in one.strokes if stroke.sign == sign] for sign in (ADD, ERASE)}
    offsets = [found for one in sets for found in lateral_offsets(one)]
    if not (strokes[ADD] and strokes[ERASE] and offsets):
        raise DataError(f"{sets[0].name}, person {sets[0].person}: needs strokes of both kinds and a truth with lines")

    def pen(sign: int) -> Spread:
        """A pen's width counts as often as it drew a pixel of the way."""
        logs = np.log([float(np.median(stroke.radius_px)) for stroke in strokes[sign]])
        weights = np.array([1 + length_of(stroke) for stroke in strokes[sign]])
        mean = float(np.average(logs, weights=weights))
        return Spread(float(np.exp(mean)), float(np.sqrt(np.average((logs - mean) ** 2, weights=weights))))

    def way(sign: int) -> Spread:
        """By quartiles: the shortest of a picture's pieces are what crossings leave over."""
        lengths = [1 + length_of(stroke) for stroke in strokes[sign]]
        low, middle, high = np.log(np.quantile(lengths, (0.25, 0.5, 0.75))).tolist()
        return Spread(float(np.exp(middle)), (high - low) / (2 * QUARTILE))

    distances = np.quantile(np.abs(np.concatenate(offsets)), LEVELS)
    return Hand(pen(ADD), pen(ERASE), way(ADD), way(ERASE), tuple(distances.tolist()), sway_of(offsets))


def lateral_offsets(one: StrokeSet) -> list[NDArray[np.float64]]:
    """Return how far each add stroke's middle lies beside the nearest true centre line, pixel by pixel of its way.

    Returns
    -------
    list of (N,) float
        Positive on the left of the pen's way, negative on its right. Where lines are dense the nearest one need not be
        the one that was meant, so large offsets are understated.
    """
    import numpy as np
    from scipy.ndimage import distance_transform_edt
    from skimage.morphology import skeletonize

    from interaction.prompts.strokes import ADD

    centre = skeletonize(one.truth)
    if not centre.any():
        return []
    nearest = distance_transform_edt(~centre, return_distances=False, return_indices=True)
    offsets = []
    for stroke in one.strokes:
        if stroke.sign != ADD or len(stroke.path_px) < 2 * SMOOTH + 1:
            continue
        path = resampled(stroke)
        pixel = path.round().astype(int).clip(0, np.array(centre.shape) - 1)
        away = path - nearest[:, pixel[:, 0], pixel[:, 1]].T
        ends = np.clip(np.arange(len(path))[:, None] + [-SMOOTH, SMOOTH], 0, len(path) - 1)
        ahead = path[ends[:, 1]] - path[ends[:, 0]]
        side = np.sign(ahead[:, 1] * away[:, 0] - ahead[:, 0] * away[:, 1])
        offsets.append(-side * np.linalg.norm(away, axis=1))
    return offsets


def resampled(stroke: Stroke) -> NDArray[np.float64]:
    """Return points of a stroke's way a pixel apart, (N, 2)."""
    import numpy as np

    path = stroke.path_px
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    wanted = np.arange(along[-1] + 1)
    return np.column_stack([np.interp(wanted, along, path[:, axis]) for axis in (0, 1)])


def sway_of(offsets: Sequence[NDArray[np.float64]]) -> float:
    """Return over how many pixels of the way the hand keeps to a side: where the offsets' correlation is 1/e.

    Between two lags it is taken to fall evenly; `LAGS` if it falls nowhere so far.
    """
    import numpy as np

    square = np.mean(np.concatenate(offsets) ** 2)
    before = 1.0
    for lag in range(1, LAGS + 1):
        pairs = [one[lag:] * one[:-lag] for one in offsets if len(one) > lag]
        now = float(np.mean(np.concatenate(pairs)) / square) if pairs and square else 0.0
        if now <= 1 / math.e:
            return lag - 1 + (before - 1 / math.e) / (before - now)
        before = now
    return float(LAGS)


def share_drawn(one: StrokeSet) -> float:
    """Return the share of the truth's centre line that lies within ``NEAR`` pixels of what was added."""
    from scipy.ndimage import distance_transform_edt
    from skimage.morphology import skeletonize

    centre = skeletonize(one.truth)
    near = distance_transform_edt(~one.added) <= NEAR if one.added.any() else one.added
    return share_on(centre, near)


def share_on(pixels: Mask, other: Mask) -> float:
    """Return the share of some pixels that are among others; 0 of none."""
    import numpy as np

    return float(np.count_nonzero(pixels & other)) / (float(np.count_nonzero(pixels)) or 1.0)


def table(sets_of: dict[str, list[StrokeSet]]) -> str:
    """Return what is measured, a column a person, and below it each person's hand as code.

    Parameters
    ----------
    sets_of : the stroke sets of each person

    Raises
    ------
    DataError
        As ``fitted`` does.
    """
    from simulation.annotators.human import LEVELS

    hands = {person: fitted(sets) for person, sets in sets_of.items()}
    columns = [_column(sets, hands[person]) for person, sets in sets_of.items()]
    titles = [
        *("images", "strokes an image", "pen, adding: radius", "pen, erasing: radius"),
        *("way, adding: length", "way, erasing: length", *(f"offset, {level:.0%} quantile" for level in LEVELS)),
        *("keeps to a side over", "added pixels on true line", "erased pixels on true line", "true centre line drawn"),
    ]
    rows = [("", *(f"person {person}" for person in hands)), *zip(titles, *columns, strict=True)]
    lines = [f"{title:<28}" + "".join(f"{value:>18}" for value in values) for title, *values in rows]
    return "\n".join([*lines, "", *(f"{person}: {hand.rounded()}" for person, hand in hands.items())])


def _column(sets: Sequence[StrokeSet], hand: Hand) -> list[str]:
    """Return the figures of a person, in the order of the titles."""
    from statistics import fmean

    shares = (
        fmean(share_on(one.added, one.truth) for one in sets),
        fmean(share_on(one.erased, one.truth) for one in sets),
        fmean(share_drawn(one) for one in sets),
    )
    return [
        f"{len(sets)}",
        f"{fmean(len(one.strokes) for one in sets):.1f}",
        *(str(spread) for spread in (hand.add_pen, hand.erase_pen, hand.add_way, hand.erase_way)),
        *(f"{offset:.2f}" for offset in hand.offsets),
        f"{hand.sway:.1f}",
        *(f"{share:.0%}" for share in shares),
    ]


if __name__ == "__main__":
    main()
