"""Where things lie on this machine. Edit the constants, or set the environment variable ``RETRACE_<NAME>``.

``settings()`` is what programs read: the constants below, each overridden by its environment variable.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from data.errors import DataError
from data.paths import expanded

WANDB_ENTITY = ""  # the team or user that runs are logged under; empty: the account's default
WANDB_PROJECT = "retrace"  # the project at Weights & Biases, and the folder that holds the checkpoints
STORAGE = "storage"  # prepared, memory-mappable views
DIR_ROOT = "mirrors"  # the raw scans, one folder an object
GT_REL = "drawings"  # the drawings, relative to DIR_ROOT
MASKS_REL = "masks"  # the object masks, relative to DIR_ROOT
DIR_EVAL = "out"  # what eval and predict write, one folder a mirror
ANNOTATIONS = "annotations"  # what a person draws on the annotation page, one folder a mirror


@dataclass(frozen=True)
class Settings:
    """The configuration in force; ``~`` and variables are replaced, relative folders are in the working directory."""

    wandb_entity: str
    project: Path  # WANDB_PROJECT: where checkpoints lie; its last part is the project at Weights & Biases
    storage: Path
    root: Path
    gt_rel: Path  # below whichever root is used; an absolute one stands for itself
    masks_rel: Path  # likewise
    eval: Path
    annotations: Path


def settings() -> Settings:
    """Read the constants of this file and the ``RETRACE_*`` variables that override them.

    Raises
    ------
    click.ClickException
        If a path names a variable that is not set.
    """

    def value(name: str) -> str:
        return os.environ.get(f"RETRACE_{name}", globals()[name])

    def path(name: str) -> Path:
        try:
            return Path(expanded(value(name)))
        except DataError as error:
            raise click.ClickException(f"{name} of user_config.py or RETRACE_{name}: {error}") from error

    return Settings(
        wandb_entity=value("WANDB_ENTITY"),
        project=path("WANDB_PROJECT"),
        storage=path("STORAGE"),
        root=path("DIR_ROOT"),
        gt_rel=path("GT_REL"),
        masks_rel=path("MASKS_REL"),
        eval=path("DIR_EVAL"),
        annotations=path("ANNOTATIONS"),
    )
