"""Load models by name, ready to draw or refine: the one way for the evaluation, the page and the benchmarks.

::

    base = load_base("small-base", config.project, "cpu", "auto")
    interactive = load_interactive("small-interactive", config.project, "cpu", "auto")
    require_same_task(base, interactive)
    initial = base.drawing(view, print)
    refiner = interactive.refiner(view.scale, print)

Nothing is kept between two calls of ``load_base`` or ``load_interactive``: a caller that needs a model again keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from data.storage import PreparedView
from interaction.refiners import NetworkRefiner
from models.backends import make_predictor
from models.checkpoints import TrainedModel, find_checkpoint, load_model
from models.encoders import StrokeEncoder
from models.errors import ModelError
from models.prediction import Planes, Predictor
from models.task import STROKE
from runs.predicting.drawings import WINDOWS_AT_ONCE, Progress, initial_drawing

Report = Callable[[str], None]


class SharedPredictor:
    """A predictor for several threads, which take turns.

    Parameters
    ----------
    predictor : what computes
    messages : tell why another backend computes than the one that was asked for
    """

    def __init__(self, predictor: Predictor, messages: list[str]) -> None:
        self.predictor, self._turn = predictor, Lock()
        self.messages = messages

    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``."""
        with self._turn:
            return self.predictor(*inputs)


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model and its device and backend; it keeps its predictors, since converting a network takes seconds.

    Parameters
    ----------
    trained : the network with its weights, and what it was trained for
    device : PyTorch's name of one
    backend : a name in ``models.backends.BACKENDS``
    parent : the model that its weights were learned from, if any: a predictor is made in a fraction of the time of one
        that the parent has
    """

    trained: TrainedModel
    device: str
    backend: str
    parent: LoadedModel | None = field(default=None, repr=False)
    _predictors: dict[tuple[int, bool], SharedPredictor] = field(default_factory=dict, init=False, repr=False)

    def predictor(self, report: Report, *, batch: int = 1, repeatable: bool = True) -> Predictor:
        """Return what computes the network, made at the first call.

        Parameters
        ----------
        report : called, at each call, with a line where another backend computes than the one that was asked for
        batch : samples that PyTorch computes at once
        repeatable : whether results must be the same however many threads there are, for which PyTorch takes one
        """
        predictor = self._predictors.get((batch, repeatable))
        if predictor is None:
            predictor = self._predictors[batch, repeatable] = self._made(batch, repeatable)
        for message in predictor.messages:
            report(message)
        return predictor

    def _made(self, batch: int, repeatable: bool) -> SharedPredictor:
        messages: list[str] = []
        kept = self.parent._predictors.get((batch, repeatable)) if self.parent else None
        predictor = make_predictor(
            self.trained.network,
            torch.device(self.device),
            backend=self.backend,
            patch=self.trained.task.side,
            batch=batch,
            repeatable=repeatable,
            report=messages.append,
            like=kept.predictor if kept else None,
        )
        return SharedPredictor(predictor, messages)


class LoadedBase(LoadedModel):
    """A base model, which makes initial drawings."""

    def drawing(
        self, view: PreparedView, report: Report, progress: Progress = lambda share: None
    ) -> NDArray[np.float32]:
        """Draw a whole view; the result is the same however many threads compute it.

        Parameters
        ----------
        view : what to draw
        report : as for ``predictor``
        progress : called with the share that is done

        Returns
        -------
        (H, W) float32 in [0, 1], at model scale, zero off the object

        Raises
        ------
        ModelError
            If the view lacks a channel that the model sees, or shows lines otherwise than the model learned them.
        """
        return initial_drawing(view, self.trained, self.predictor(report, batch=WINDOWS_AT_ONCE), progress)


class LoadedInteractive(LoadedModel):
    """An interactive model, which refines a drawing by prompts."""

    def refiner(self, scale: float, report: Report, *, batch: int = 1) -> NetworkRefiner:
        """Return a refiner that shows the network what it was trained to see.

        Parameters
        ----------
        scale : model pixels a scan pixel
        report : as for ``predictor``
        batch : prompts that PyTorch answers at once
        """
        return NetworkRefiner(
            self.predictor(report, batch=batch),
            self.trained.task.side,
            scale,
            StrokeEncoder(self.trained.task.side, self.trained.network.inputs),
            around_stroke=self.trained.task.window == STROKE,
        )


def load_base(name: str, project: Path, device: str, backend: str) -> LoadedBase:
    """Load a base model.

    Parameters
    ----------
    name : run id, checkpoint or name of weights, see ``models.checkpoints.find_checkpoint``
    project : where runs lie
    device, backend : see ``LoadedModel``

    Raises
    ------
    ModelError
        If it cannot be found or loaded, or is an interactive model.
    """
    return LoadedBase(load_model(find_checkpoint(name, project), "base"), device, backend)


def load_interactive(name: str, project: Path, device: str, backend: str) -> LoadedInteractive:
    """Load an interactive model; parameters and errors as of ``load_base``."""
    return LoadedInteractive(load_model(find_checkpoint(name, project), "interactive"), device, backend)


def require_same_task(base: LoadedBase, interactive: LoadedInteractive) -> None:
    """Raise ModelError unless the interactive model sees what the base model sees."""
    refining, drawing = interactive.trained, base.trained
    if not refining.task.sees_as(drawing.task):
        raise ModelError(
            f"{refining.path} and {drawing.path} were trained for different tasks: {refining.task}, {drawing.task}; "
            "give the base model that the interactive one was trained with"
        )
