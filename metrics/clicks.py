"""Measures of segmentation by clicks, from the IoU of each image after each click.

An array of IoUs is (images, clicks): column 0 is the IoU after the first click. A row with NaN is an image that has no
IoU, as where truth and answer are both empty, 0/0; it counts nowhere, and `complete` says how many there are. Where a
run stopped as soon as it reached its target, the rest of its row repeats the last IoU: `filled` makes such rows.

Two numbers stand under one sign, ">= 20", in the literature: `share_at_limit` counts images that arrive with the last
click, too; `share_not_reached` does not. And a table's "IoU at 20 clicks" may be of the last click or of the best one.

References
----------
K. Sofiiuk, I. A. Petrov, A. Konushin, "Reviving Iterative Training with Mask Guidance for Interactive Segmentation",
ICIP 2022, and its evaluation code: NoC, and the first of the two shares. IPOL 2024.499, "On the Domain Generalization
Capabilities of Interactive Segmentation Methods": both shares, and IoUs of the best and of the last click.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LIMIT = 20  # clicks of an image in the published protocol


def complete(ious: ArrayLike) -> tuple[Floats, int]:
    """Leave out the images that have no IoU.

    Parameters
    ----------
    ious : float array (images, clicks)
        In [0, 1] or NaN.

    Returns
    -------
    float array (images left, clicks), int
        The rows without NaN in their order, and how many were left out.

    Raises
    ------
    ValueError
        If the array is not 2-D, has no click, or holds anything but NaN and numbers in [0, 1].
    """
    values = np.asarray(ious, np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(f"IoUs are (images, clicks) with one click at least, not {values.shape}")
    if ((values < 0) | (values > 1)).any():
        raise ValueError("an IoU lies in [0, 1]")
    kept = values[~np.isnan(values).any(axis=1)]
    return kept, len(values) - len(kept)


def filled(ious: Sequence[Sequence[float]], limit: int = LIMIT) -> Floats:
    """Return rows of unequal length as one array, (images, limit): after its last click an image stays as it was.

    Counts and shares hold up to the target at which the runs stopped; for higher ones, and for IoUs, they do not.
    Raises ValueError if a row is empty or longer than the limit.
    """
    lengths = [len(row) for row in ious]
    if any(not 0 < length <= limit for length in lengths):
        raise ValueError(f"an image has 1 to {limit} clicks, not {min(lengths)} to {max(lengths)}")
    return np.array([[*row, *[row[-1]] * (limit - len(row))] for row in ious], np.float64).reshape(-1, limit)


def clicks_to(ious: ArrayLike, target: float, limit: int = LIMIT) -> NDArray[np.intp]:
    """Count the clicks of each image until its IoU is at least the target, (images left,); the limit if it never is."""
    reached = _within(ious, limit) >= _share(target)
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, limit)


def noc(ious: ArrayLike, target: float, limit: int = LIMIT) -> float:
    """Mean number of clicks, `clicks_to`, until the IoU is at least a target (NoC@target).

    Parameters
    ----------
    ious : float array (images, clicks)
        Of `limit` clicks at least; rows with NaN are left out.
    target : float
        In [0, 1].
    limit : int
        Clicks that count; an image that does not arrive by then counts as having taken all of them.

    Returns
    -------
    float
        In [1, limit]; NaN without any image.

    Raises
    ------
    ValueError
        As `complete`, or if there are fewer clicks than the limit, or the target is not in [0, 1].

    Examples
    --------
    >>> noc([[0.5, 0.9, 0.9], [0.2, 0.3, 0.4]], target=0.8, limit=3)
    2.5
    """
    return _mean(clicks_to(ious, target, limit))


def share_at_limit(ious: ArrayLike, target: float, limit: int = LIMIT) -> float:
    """Share of the images whose NoC is the limit: those that arrive with the last click, and those that never do.

    Parameters and errors as for `noc`. In [0, 1]; NaN without any image.
    """
    return _mean(clicks_to(ious, target, limit) == limit)


def share_not_reached(ious: ArrayLike, target: float, limit: int = LIMIT) -> float:
    """Share of the images whose IoU is below the target after each of the clicks.

    Parameters and errors as for `noc`. In [0, 1]; NaN without any image.
    """
    return _mean((_within(ious, limit) < _share(target)).all(axis=1))


def iou_of_last(ious: ArrayLike, limit: int = LIMIT) -> Floats:
    """IoU of each image after the last of the clicks that count, (images left,): IoU@limit; errors as for `noc`."""
    return _within(ious, limit)[:, -1]


def iou_of_best(ious: ArrayLike, limit: int = LIMIT) -> Floats:
    """IoU of each image after the best of the clicks that count, (images left,); errors as for `noc`."""
    return _within(ious, limit).max(axis=1)


def iou_per_click(ious: ArrayLike, limit: int = LIMIT) -> Floats:
    """Mean IoU over images after each click, (limit,): the curve of a method; errors as for `noc`."""
    values = _within(ious, limit)
    return np.asarray(values.mean(axis=0)) if len(values) else np.full(limit, np.nan)


def _within(ious: ArrayLike, limit: int) -> Floats:
    values, _ = complete(ious)
    if not 0 < limit <= values.shape[1]:
        raise ValueError(f"{values.shape[1]} clicks were made; a limit of {limit} cannot be counted to")
    return values[:, :limit]


def _share(target: float) -> float:
    if not 0 <= target <= 1:
        raise ValueError(f"a target is an IoU in [0, 1], not {target}")
    return target


def _mean(values: ArrayLike) -> float:
    found = np.asarray(values, np.float64)
    return float(found.mean()) if len(found) else float("nan")
