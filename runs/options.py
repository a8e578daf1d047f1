"""The options of ``python -m eval`` and ``predict``, and where a run of an evaluation lies.

Each option is declared here and nowhere else; ``runs.declarations`` makes the commands' options from these classes.
Those of ``python -m train`` are in ``runs.training.options``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from data.kinds import DEFAULT
from data.options import (
    DEPTH_SIGN,
    DPI,
    LINE_WIDTH,
    POLARITY,
    POLARITY_NAMES,
    SIGNS,
    Finite,
    KindName,
    ModelName,
    UserPath,
    ViewName,
)
from runs.declarations import option

BASE = "base"  # the initial drawing that is the base model's; the others are names in ``models.classical.CLASSICAL``
ANNOTATORS = (  # names in ``simulation.annotators.ANNOTATORS``, which takes seconds to import
    "longer, best-answer, either, random, largest, centre, distance-random, unsteady, short, long, adversarial, human, "
    "rims-first"
)
ORACLE, PREDICTED = "oracle", "predicted"  # names in ``interaction.patch_selection.ORDERS``
OFF, ONLINE = LEARN = ("off", "online")
OF_LEARNING = ("learn", "places")
LEAST_SURE, EXPECTED_GAIN = "least-sure", "expected-gain"  # names in ``interaction.learning_places.PLACES``
USUAL = {
    "annotator": "longer",
    "initial": BASE,
    "operations": "both",
    "merge": "",
    "order": ORACLE,
    "learn": OFF,
    "places": LEAST_SURE,
}
SHIPPED = {"ckpt": "small-interactive", "base_model": "small-base"}  # weights that come with the program
MERGE = (
    "Which part of an answer is taken over: whole, as published; or reach, touching, one-way, sure, pieces; several "
    "with +; sure@0.95 or pieces@0.8 ask for more."
)

AT_LEAST_ONE = click.IntRange(min=1)


def dataset_option(help: str) -> Any:
    """Declare ``--dataset``."""
    return option(DEFAULT, within=KindName(), help=help)


def device_option(**attributes: Any) -> Any:
    """Declare ``--device``; ``attributes`` as ``option`` takes them."""
    choices = ("auto", "cpu", "gpu")
    return option(choices=choices, help="auto: a GPU if there is one.", **{"default": "auto", **attributes})


def backend_option(network: str) -> Any:
    """Declare ``--backend``; ``network`` says what it computes."""
    choices = ("auto", "torch", "openvino")
    return option(
        "auto", choices=choices, help=f"What computes {network}; auto: OpenVINO on a CPU, if it is installed."
    )


@dataclass(frozen=True)
class EvalOptions:
    """The options of one run of ``python -m eval``; the command makes a run of each mirror, seed and annotator."""

    mirror: str = option(
        repeated=True, within=ViewName(), metavar="VIEW", help="A view, or `test`: all kept for testing. Repeatable."
    )
    seed: int = option(0, repeated=True, within=click.IntRange(min=0), help="Fixes the strokes. Repeatable.")
    ckpt: str = option(
        "",
        within=ModelName(),
        metavar="MODEL",
        shown=SHIPPED["ckpt"],
        help="Run id, checkpoint or name of weights of the interactive model.",
    )
    base_model: str = option(
        "",
        within=ModelName(),
        metavar="MODEL",
        shown=SHIPPED["base_model"],
        help="Run id, checkpoint or name of weights of the base model that it corrects; of the two, give both or "
        "neither.",
    )
    dataset: str = dataset_option("Kind of the prepared set.")
    mode: str = option(
        "headline",
        choices=("headline", "published"),
        help="What the model is compared with. headline: an independent manual run, whose strokes are only pasted. "
        "published: the initial drawing with the strokes of the model's own run pasted in.",
    )
    annotator: str = option(
        "longer",
        repeated=True,
        metavar="NAME",
        help=f"Which simulated user makes the strokes: {ANNOTATORS}; or `all`. NAME+rim also makes lines "
        "thinner that are drawn too wide. Repeatable, or with commas.",
    )
    initial: str = option(
        BASE,
        choices=(BASE, "otsu", "sauvola", "adaptive", "sato"),
        help="What is corrected: the base model's drawing, or a classical binarization.",
    )
    operations: str = option(
        "both", choices=("both", "add", "erase"), help="Which strokes the simulated user may make."
    )
    merge: str = option("", shown="the model's own", help=MERGE)
    order: str = option(
        ORACLE,
        choices=(ORACLE, PREDICTED, "random", "reading"),
        help="Which patch comes next. oracle: the worst by the truth. predicted: the worst as far as the probabilities "
        "tell. random, reading: one after another, each finished before the next. Compared with the same manual run.",
    )
    learn: str = option(
        OFF,
        choices=LEARN,
        help="online: the user puts a few places right first, from which the models learn, and the rest is drawn anew; "
        "then goes on. Compared with the same manual run.",
    )
    places: str = option(
        LEAST_SURE,
        choices=(LEAST_SURE, EXPECTED_GAIN, "worst", "random", PREDICTED),
        help="Which places those are, for --learn online: where the model is least sure, the worst by the truth, any, "
        "or the worst as far as the probabilities tell.",
    )
    backend: str = backend_option("the networks")
    record_every: int = option(10, within=AT_LEAST_ONE, help="Interactions between rows of the table.")
    picture_every: int = option(100, within=AT_LEAST_ONE, help="Interactions between pictures.")
    device: str = device_option(default="cpu", typed="auto")
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
        return replace(self, group="", merge="", order=ORACLE, learn=OFF, places=LEAST_SURE)

    @property
    def recorded(self) -> dict[str, Any]:
        """The options as JSON values for the run's record; those of learning only where there is any.

        So runs that were recorded before there was any are still known to be the same.
        """
        values = asdict(self)
        return values if self.learn != OFF else {name: values[name] for name in values if name not in OF_LEARNING}

    @property
    def needs_calibration(self) -> bool:
        """Whether patches or places are chosen by calibrated probabilities."""
        return self.order == PREDICTED or (self.learn != OFF and self.places in (LEAST_SURE, EXPECTED_GAIN, PREDICTED))

    @property
    def title(self) -> str:
        """How messages call the run."""
        return ", ".join(filter(None, [f"{self.mirror} seed {self.seed}", self.group or self.conditions]))


@dataclass(frozen=True)
class BatchOptions:
    """The options of ``python -m eval`` beside those of each run: which runs, who computes them, what is printed."""

    seeds: int | None = option(None, within=AT_LEAST_ONE, metavar="N", help="Seeds 0 to N-1, in place of --seed.")
    ablation: str | None = option(
        None,
        choices=("inputs", "operations", "annotators"),
        help="Train and evaluate the models of a comparison, and print its table. inputs, operations: beside the "
        "published figures. annotators: a model for each --annotator, tested under each.",
    )
    train_with: str = option(
        "",
        metavar="OPTIONS",
        shown=False,
        help="For the trainings of --ablation, in quotes: '--max_epochs 5 --arch unet-slim'.",
    )
    report: Path | None = option(
        None,
        within=UserPath(exists=True, file_okay=False),
        metavar="FOLDER",
        help="Sum up the runs in a folder, in tables and plots, into FOLDER/report; takes no other option.",
    )
    workers: int | None = option(None, within=AT_LEAST_ONE, shown="one a core", help="Processes that share the runs.")
    scheduler: str | None = option(
        None,
        metavar="ADDRESS",
        help="Dask scheduler whose workers share the runs, in place of --workers; see docs/clusters.md.",
    )
    verbose: bool = option(
        False, flags=("-v", "--verbose"), is_flag=True, help="Print the scores at each row of each run's table."
    )


@dataclass(frozen=True)
class PredictOptions:
    """The options of ``python -m predict``."""

    mirror: tuple[str, ...] = option(
        repeated=True, within=ViewName(), required=True, help="A view below DIR_ROOT; may be repeated."
    )
    base_model: str = option(
        SHIPPED["base_model"],
        within=ModelName(),
        metavar="MODEL",
        help="Run id, checkpoint or name of weights of the base model; the default came with the program.",
    )
    dataset: str = dataset_option("Kind of the raw data.")
    root: Path | None = option(None, shown="DIR_ROOT", help="Where the raw data lie.")
    dpi: float | None = option(None, within=Finite(min=1), help=DPI)
    depth_sign: str | None = option(None, choices=tuple(SIGNS), shown="auto", help=DEPTH_SIGN)
    line_width: float | None = option(None, within=Finite(min=0.5, max=200), shown="measured", help=LINE_WIDTH)
    polarity: str | None = option(None, choices=tuple(POLARITY_NAMES), shown="auto", help=POLARITY)
    backend: str = backend_option("the network")
    device: str = device_option()
