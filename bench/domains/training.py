"""The trainings of the benchmark: ``python -m train`` on some images of a domain, as a user would start it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.domains.methods import Trained
from bench.domains.sets import Domain, subset
from data.module import split_views
from data.storage import PreparedSet
from models.checkpoints import find_checkpoint
from runs.errors import RunError
from runs.jobs import Reporter
from user_config import Settings

ONE_IN = 0.01  # share of the objects to validate on: one of them
SEEDS = 1000  # tried for a split that validates on the object that is meant
EPOCHS = 5


@dataclass(frozen=True)
class Budget:
    """How long a training learns.

    Parameters
    ----------
    base, interactive : crops in all, of either model
    """

    base: int
    interactive: int


@dataclass(frozen=True)
class Names:
    """The models of a method, as ``models.checkpoints.find_checkpoint`` finds them, below ``project``."""

    base: str
    interactive: str


def train_models(
    domain: Domain, how: Trained, models: Names, budget: Budget, place: Path, config: Settings, report: Reporter
) -> Names:
    """Train the models of a method on a domain, unless that was done.

    Parameters
    ----------
    domain : whose images they learn
    how : from which
    models : that they begin with
    budget : how long
    place : gets the set and the runs
    config : where other things lie
    report : prints a line for each training

    Raises
    ------
    RunError
        If there are not as many images, or a training fails.
    """
    views = domain.pool if how.how == "finetuned" else domain.views[: how.images]
    if not views or len(views) < how.images:
        raise RunError(f"{domain.name}: {len(views)} images to train on; leave this method out, or give more --images")
    storage, validation = subset(domain, views, place, config)
    seed = _seed(PreparedSet.open(storage, domain.kind), validation)
    project = place / "models"
    shared = ["--dataset", domain.kind, "--val_share", str(ONE_IN), "--seed", str(seed), "--max_epochs", str(EPOCHS)]
    shared += ["--device", "cpu"]
    start = find_checkpoint(models.base, config.project)
    base = ["--config", "adapt-base", "--crops", str(max(1, budget.base // EPOCHS)), "--start_from", str(start)]
    if how.how == "scratch":
        base[-2:] = ["--arch", "unet-slim", "--enc_str", "tu-mobilenetv4_conv_small", "--start_from", ""]
    made = _trained("base", [*base, *shared], project, storage, report)
    if not how.refines:
        return Names(made, models.interactive)
    start = find_checkpoint(models.interactive, config.project)
    refining = ["--config", "adapt-interactive", "--crops", str(max(1, budget.interactive // EPOCHS))]
    refining += ["--start_from", str(start), "--base_model", made, "--schedule", "cosine", "--strokes", "8"]
    return Names(made, _trained("refining", [*refining, *shared], project, storage, report))


def _seed(prepared: PreparedSet, validation: str) -> int:
    """Return a seed whose split validates on a certain view alone."""
    for seed in range(SEEDS):
        if [view.name for view in split_views(prepared, share=ONE_IN, seed=seed).validation] == [validation]:
            return seed
    raise RunError(f"{prepared.folder}: no split of it validates on {validation}")


def _trained(name: str, options: Sequence[str], project: Path, storage: Path, report: Reporter) -> str:
    """Run a training to its end, in a process of its own with one thread; return the path of its last state."""
    last = project / name / "checkpoints" / "last.ckpt"
    done = project / name / "done"
    if not done.exists():
        again = ["--ckpt", name] if last.exists() else ["--name", name, *options]
        environment = os.environ | {"RETRACE_WANDB_PROJECT": str(project), "RETRACE_STORAGE": str(storage)}
        environment |= {"WANDB_MODE": "offline", "OMP_NUM_THREADS": "1"}
        report(f"{project.parent.name}: python -m train {' '.join(again)}")
        command = [sys.executable, "-m", "train", *again]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RunError(f"{project.parent}: a training failed:\n{ended.stdout[-1000:]}{ended.stderr[-1000:]}")
        done.touch()
    return str(last)
