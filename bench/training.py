"""The parts of a training step: loading crops, simulating strokes, and the networks' own work."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.measure import Row, Stopwatch, measured

BATCH, MAX_PROMPTS, STEPS = 16, 4, 6
CROPS = 63 * BATCH  # whole batches


def rows(storage: Path, encoder: str) -> tuple[list[Row], dict[str, float]]:
    """Measure on the prepared mirror below ``storage``, for one encoder.

    Returns
    -------
    rows, seconds
        Lines of the table, and the seconds of each part of a training step of the interactive model.
    """
    crops = measured(crops_a_second, storage).result
    step, without = (measured(step_seconds, storage, encoder, keep).result for keep in (True, False))
    kept, released = sum(step.values()), sum(without.values())
    lines = [
        Row("loading crops, one worker", "crops/s", crops, "at least 300"),
        Row("strokes of a batch", "s", step["strokes"], "at most the network", "the network", step["network"]),
        Row("training step, keeping freed memory", "s", kept, "", "giving it back", released),
    ]
    return lines, step


def crops_a_second(storage: Path) -> float:
    """Load random crops in one worker process, from memory maps."""
    from torch.utils.data import DataLoader

    from data.crops import RandomCrops
    from data.storage import PreparedSet

    views = PreparedSet.open(storage, "mirrors").views()
    crops = RandomCrops(views, ["depth"], 256, seed=0, count=CROPS)
    loader = iter(DataLoader(crops, batch_size=BATCH, num_workers=1))
    next(loader)  # the worker has started
    started = perf_counter()
    batches = sum(1 for _ in loader)
    return batches * BATCH / (perf_counter() - started)


def step_seconds(storage: Path, encoder: str, keep_memory: bool) -> dict[str, float]:
    """Train the interactive model for some steps; return the median seconds of each part of a step."""
    import torch

    from data.augmentation import Augmentation
    from data.crops import RandomCrops
    from data.storage import PreparedSet
    from lines.centre_lines import cached_centre_line
    from models.losses import generalised_dice_loss
    from models.modules import InteractiveModule
    from models.networks import LineNetwork, NetworkConfig
    from models.task import Task
    from runs.device import keep_freed_memory
    from simulation.iterative_prompting import IterativePrompting
    from simulation.strokes import Brush

    if keep_memory:
        keep_freed_memory()
    prepared = PreparedSet.open(storage, "mirrors")
    crops = RandomCrops(prepared.views(), ["depth"], 256, seed=0, count=BATCH * (STEPS + 2))
    loader = iter(torch.utils.data.DataLoader(crops, batch_size=BATCH))
    augmentation, generator = Augmentation(), torch.Generator().manual_seed(0)
    config = NetworkConfig("unet-slim", encoder, (0.5,), (1 / 6,))
    module = InteractiveModule(config.as_dict(), Task("mirrors", ("depth",), 0.5, 256).as_dict(), 3e-4)
    asked = Stopwatch(module.prediction)
    module.prediction = asked  # type: ignore[assignment, method-assign]
    base = Stopwatch(LineNetwork(config).eval())
    brush = Brush(prepared.lines, 0.5, centre_line=cached_centre_line())  # as a training has it
    prompting = IterativePrompting(torch.nn.Identity(), brush, max_prompts=MAX_PROMPTS, seed=0)
    prompting.base = base  # type: ignore[assignment]
    optimizer = torch.optim.Adam(module.parameters(), 3e-4)
    spent: dict[str, list[float]] = {"loading": [], "augmenting": [], "strokes": [], "answers": [], "network": []}
    for step in range(STEPS + 2):
        times = [perf_counter()]
        batch = next(loader)
        times.append(perf_counter())
        batch = augmentation(batch, generator)
        times.append(perf_counter())
        asked.seconds = base.seconds = 0.0
        prompting.simulate(module, batch, key=(step,))
        times.append(perf_counter())
        optimizer.zero_grad()
        generalised_dice_loss(module.logits(batch), batch["truth"]).backward()
        optimizer.step()
        times.append(perf_counter())
        loading, augmenting, simulating, network = (after - before for before, after in pairwise(times))
        answers = asked.seconds + base.seconds
        parts = (loading, augmenting, simulating - answers, answers, network)
        for name, seconds in zip(spent, parts, strict=True):
            spent[name].append(seconds)
    return {name: median(seconds[2:]) for name, seconds in spent.items()}  # the first steps warm up
