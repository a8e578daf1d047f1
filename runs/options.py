"""What one run of ``python -m train`` or ``python -m eval`` is told, and where that puts it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from interaction.patch_selection import ORACLE
from runs.errors import RunError

BASE = "base"  # the initial drawing that is the base model's; the others are names in ``models.classical.CLASSICAL``
USUAL = {"annotator": "longer", "initial": BASE, "operations": "both", "merge": "", "order": ORACLE}

INTERACTIVE = (  # options of a training that say nothing about a base model
    "base_model",
    "start_from_base",
    "start_from",
    "prompts",
    "strokes",
    "annotators",
    "window",
    "window_size",
    "merge",
)


def refuse_interactive(given: Collection[str]) -> None:
    """Raise RunError if the options given for the training of a base model are an interactive one's."""
    for name in INTERACTIVE:
        if name in given:
            raise RunError(f"--{name} is for the interactive model; leave it out, or add --is_interactive True")


@dataclass(frozen=True)
class EvalOptions:
    """The options of one run of ``python -m eval``; see its help."""

    mirror: str
    seed: int
    ckpt: str
    base_model: str
    dataset: str = "mirrors"
    mode: str = "headline"
    annotator: str = "longer"
    initial: str = BASE
    operations: str = "both"
    merge: str = ""  # in place of the interactive model's own
    order: str = ORACLE
    backend: str = "auto"
    record_every: int = 10
    picture_every: int = 100
    device: str = "cpu"
    group: str = ""  # folder below DIR_EVAL for one of several models; their manual runs lie where they lie without it

    @property
    def conditions(self) -> str:
        """The folder of runs under these conditions, below DIR_EVAL; empty for the usual ones."""
        return "-".join(getattr(self, name) for name, value in USUAL.items() if getattr(self, name) != value)

    @property
    def manual(self) -> EvalOptions:
        """The options of the independent manual run that this one is compared with.

        It takes the worst patch first in whichever order this one goes, so that runs in several orders share one manual
        curve, and their areas differ by what the order does for them alone.
        """
        return replace(self, group="", merge="", order=ORACLE)

    @property
    def title(self) -> str:
        """How messages call the run."""
        return ", ".join(filter(None, [f"{self.mirror} seed {self.seed}", self.group or self.conditions]))


@dataclass(frozen=True)
class TrainOptions:
    """The options of ``python -m train``; see its help."""

    dataset: str
    channels: str
    is_interactive: bool
    base_model: str
    start_from_base: bool
    start_from: str
    arch: str
    enc_str: str
    prompts: str
    patch_size: int
    batch_train: int
    batch_val: int
    lr: float
    schedule: str
    loss: str
    augment: bool
    strokes: int | str  # how many, or logs of real ones
    annotators: str
    window: str
    window_size: int
    merge: str
    crops: int | None
    val_share: float
    max_epochs: int
    max_minutes: float | None
    seed: int
    name: str
    device: str
    gpu: str
    precision: str
    workers: int
    debug: bool
