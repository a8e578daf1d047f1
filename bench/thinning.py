"""What the skeleton of a truth costs: thinned by looking at its line only, and by scikit-image."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Row, measured


def rows(storage: Path) -> list[Row]:
    """Thin the truth of the prepared mirror below ``storage``."""
    ours, plain = (measured(way, storage).result for way in (ours_way, plain_way))
    return [Row("skeleton of a truth", "s", ours, plain)]


def ours_way(storage: Path) -> float:
    """Return the seconds of ``metrics.thinning``."""
    from metrics.thinning import thin

    return _seconds(thin, storage)


def plain_way(storage: Path) -> float:
    """Return the seconds of ``skimage.morphology.thin``."""
    from skimage.morphology import thin

    return _seconds(thin, storage)


def _seconds(thin, storage: Path) -> float:  # type: ignore[no-untyped-def]
    from time import perf_counter

    import numpy as np

    from data.storage import PreparedSet

    (view, *_) = PreparedSet.open(storage, "mirrors").views()
    truth = np.array(view.truth)
    started = perf_counter()
    thin(truth)
    return perf_counter() - started
