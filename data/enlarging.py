"""Drawings enlarged from model scale to scan scale, band by band, so that memory does not grow with their height."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from data.preparing.resampling import Resampling
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
    for band in _at_scan_scale(bands, view):
        kept = band[: height - top, :width]  # an odd length was rounded up when the scan was halved
        line = kept > LINE
        yield line if off_object else line & view.scan_mask(Region(top, 0, *kept.shape))
        top += len(kept)


def _at_scan_scale(bands: Iterable[Planes], view: PreparedView) -> Iterator[Planes]:
    """Enlarge bands by a whole factor, as all scans are, or by any other, which may make them smaller, too."""
    if view.scale in (1, 0.5):
        return _enlarged(bands, round(1 / view.scale))
    return _resampled(bands, Resampling(view.model_shape, 1 / view.scale, "linear", view.shape))


def _resampled(bands: Iterable[Planes], resampling: Resampling) -> Iterator[Planes]:
    """Resample bands of a map; the result equals that of the whole map at once."""
    kept: Planes | None = None
    first = done = 0  # the row of the map that is the first of those kept, and how many of the result are done
    height = resampling.target[0]
    needed = [resampling.needed(row, row + 1) for row in range(height)]
    for band in bands:
        kept = band if kept is None else np.concatenate([kept, band])
        ready = done
        while ready < height and needed[ready][1] <= first + len(kept):
            ready += 1
        if ready > done:
            top, bottom = needed[done][0] - first, needed[ready - 1][1] - first
            yield resampling.rows(kept[None, top:bottom], done, ready)[0]
            done = ready
        if done < height:
            gone = max(needed[done][0] - first, 0)
            kept, first = kept[gone:], first + gone


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
