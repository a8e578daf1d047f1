"""Replay: made-up mirrors that a model goes on seeing while it learns, so that it does not forget what it knew.

Only images are kept. What the model made of them before it learned is what it holds on to (distillation; Z. Li and
D. Hoiem, "Learning without forgetting", IEEE Transactions on Pattern Analysis and Machine Intelligence 40(12), 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.regions import Region
from data.storage import PreparedView
from models.weights import SHIPPED

REPLAY = SHIPPED / "replay.npz"
SIDE = 128  # of a crop, in model pixels
LEAST, MOST = 0.06, 0.25  # share of line in a crop; the real patches' where there is drawing: 0.09 to 0.14
TRIES = 200


@cache
def replay_images(path: Path = REPLAY) -> tuple[NDArray[np.float32], ...]:
    """Return the crops that came with the program, (1, SIDE, SIDE) float32 in [0, 1] each."""
    with np.load(path, allow_pickle=False) as content:
        return tuple(image[None].astype(np.float32) / 255 for image in content["images"])


def write_replay(path: Path, views: Sequence[PreparedView], channels: Sequence[str], each: int, seed: int) -> None:
    r"""Write crops of drawn views that hold some line, in 8 bits.

    ::

        python -m data.synthetic mirrors --mirrors 6 --height 2400 --width 1800 --seed 303
        RETRACE_DIR_ROOT=mirrors RETRACE_STORAGE=storage python -m data.setup --test SYN-0006_R
        python -c "from pathlib import Path; from data.storage import PreparedSet; from runs.training.online.replay \
            import *; write_replay(REPLAY, PreparedSet.open(Path('storage'), 'mirrors').views(), ['depth'], 2, 0)"

    Parameters
    ----------
    path : of the file
    views : with drawings
    channels : one of them
    each : crops of a view
    seed : chooses them
    """
    rng = np.random.default_rng(seed)
    images = []
    for view in views:
        for _ in range(each):
            corners = [[int(rng.integers(length - SIDE + 1)) for length in view.model_shape] for _ in range(TRIES)]
            regions = [Region(top, left, SIDE, SIDE) for top, left in corners]
            fitting = (region for region in regions if LEAST < view.truth[region.slices].mean() < MOST)
            region = next(fitting, regions[0])
            images.append(np.round(255 * view.read(region, channels, view.scale)[0]).astype(np.uint8))
    np.savez_compressed(path, images=np.stack(images))
