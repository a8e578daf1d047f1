"""A few small made-up mirrors, made once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from data.synthetic.difficulty import SCALE
from data.synthetic.mirror import Mirror, make_mirror


@pytest.fixture(scope="session")
def rng_of() -> Callable[..., np.random.Generator]:
    return lambda *seed: np.random.default_rng(seed)


@pytest.fixture(scope="session")
def mirrors(rng_of) -> list[Mirror]:
    """Four mirrors of 384 x 512 pixels, with handles, lightly worn."""
    return [make_mirror(384, 512, rng_of(11, k), SCALE["light"]) for k in range(4)]


@pytest.fixture(scope="session")
def levels(rng_of) -> dict[str, Mirror]:
    """One engraving at every difficulty, 1024 x 1024 pixels."""
    return {name: make_mirror(1024, 1024, rng_of(2), level) for name, level in SCALE.items()}
