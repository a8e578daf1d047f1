"""Drawings enlarged from model scale to scan scale, band by band, so that memory does not grow with their height."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from data.regions import Region
from data.storage import PreparedView

Planes = NDArray[np.float32]
LINE = 0.5  # a probability above is line


def at_scan_size(probability: NDArray[np.float32], view: PreparedView) -> NDArray[np.bool_]:
    """Return a drawing (H, W) at model scale as lines at scan scale, on the object only."""
    return np.concatenate(list(scan_bands([probability], view)))


def scan_bands(bands: Iterable[Planes], view: PreparedView, *, off_object: bool = False) -> Iterator[NDArray[np.bool_]]:
    """Turn bands at model scale, from top to bottom, into lines at scan scale; those off the object only if asked."""
    height, width = view.shape
    top = 0
    for band in _enlarged(bands, round(1 / view.scale)):
        kept = band[: height - top, :width]  # an odd length was rounded up when the scan was halved
        line = kept > LINE
        yield line if off_object else line & view.scan_mask(Region(top, 0, *kept.shape))
        top += len(kept)


def _enlarged(bands: Iterable[Planes], times: int) -> Iterator[Planes]:
    """Enlarge bands of a map bilinearly by a whole factor; the result equals that of the whole map enlarged at once."""
    waiting: Planes | None = None  # a band below the row above it; it needs the row below it too
    for band in bands:
        if waiting is None:
            waiting = band[:1]
        else:
            yield _inner_enlarged(np.concatenate([waiting, band[:1]]), times)
            waiting = waiting[-1:]
        waiting = np.concatenate([waiting, band])
    if waiting is not None:
        yield _inner_enlarged(np.concatenate([waiting, waiting[-1:]]), times)


def _inner_enlarged(rows: Planes, times: int) -> Planes:
    """Enlarge rows, and leave out the output of the first and the last row."""
    if times == 1:
        return rows[1:-1]
    height, width = rows.shape
    large = cv2.resize(rows, (width * times, height * times), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[times:-times], np.float32)
