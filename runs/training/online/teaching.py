"""Networks learn from the lessons in memory side by side, each on a thread of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from models.networks import LineNetwork
from runs.training.online.memory import Held, samples_of
from runs.training.online.pupils import Pupil
from runs.training.online.steps import Steps

Progress = Callable[[float], None]

STEPS = Steps()


def taught(
    pupils: Sequence[Pupil],
    held: Sequence[Held],
    starts: Mapping[str, LineNetwork],
    seed: int,
    workers: int,
    progress: Progress = lambda share: None,
) -> dict[str, LineNetwork]:
    """Let the networks of some pupils learn, and return them by the pupils' kinds.

    Parameters
    ----------
    pupils : each of which can learn from one of the lessons at least
    held : lessons, oldest first
    starts : networks to go on from, by kind; others begin with the pupil's own weights
    seed : what chance depends on, together with the lessons
    workers : threads, each computing by itself
    progress : told the share that is done
    """
    done = dict.fromkeys((pupil.kind for pupil in pupils), 0.0)

    def teach(pupil: Pupil) -> LineNetwork:
        def tell(share: float) -> None:
            done[pupil.kind] = share
            progress(sum(done.values()) / len(done))

        network = copy.deepcopy(pupil.network)
        if pupil.kind in starts:
            network.load_state_dict(starts[pupil.kind].state_dict())
        rng = np.random.default_rng([seed, len(held), held[-1].number])
        STEPS.learned(network, *samples_of(held, pupil.kind), pupil.replay, rng, tell)
        return network

    with ThreadPoolExecutor(workers, "learning", torch.set_num_threads, (1,)) as pool:
        return dict(zip(done, pool.map(teach, pupils), strict=True))
