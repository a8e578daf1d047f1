"""The models of the page, loaded once in the background; meanwhile pages open and drawing without a model works."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError, reason
from annotate.library.collection_learner import LEARNED, CollectionLearner
from data.errors import explain
from data.storage import PreparedView
from interaction.changes import Merge
from interaction.merging import WHOLE, merge_named
from interaction.refiners import NetworkRefiner
from metrics.calibration import AS_THEY_ARE, Calibration
from models.errors import ModelError
from runs.errors import MENDABLE
from runs.predicting.channels import channels_for, scale_problem
from user_config import Settings

if TYPE_CHECKING:
    from models.checkpoints import TrainedModel
    from runs.predicting.loaded_models import LoadedBase, LoadedInteractive

Progress = Callable[[float], None]


class ModelService:
    """A base model, which makes initial drawings, and an interactive one, which answers strokes.

    Both are loaded by ``runs.predicting.loaded_models`` as for ``python -m eval``, so that what it measures is what a
    person gets. Loading begins at once, on a thread of its own; ``wait`` for its end. Safe to use from several threads.

    Parameters
    ----------
    base_model, ckpt : run ids or checkpoints, or names of weights that came with the program; None: none of that kind
    config : where runs lie
    device : auto, cpu or gpu
    backend : a name in ``models.backends.BACKENDS``
    merge : what of an answer is taken over, see ``interaction.merging``; empty: the model's own
    report : called with one line when another backend computes than the one that was asked for

    Attributes
    ----------
    learner : what learns from the mirrors; None where there is no base model

    Raises
    ------
    DataError
        If there is no such merge.
    """

    def __init__(
        self,
        base_model: str | None,
        ckpt: str | None,
        config: Settings,
        device: str = "auto",
        backend: str = "auto",
        *,
        merge: str = "",
        report: Callable[[str], None] = lambda message: None,
    ) -> None:
        if merge:
            merge_named(merge)
        self._merge = merge
        self._names, self._config, self._device, self._backend = (base_model, ckpt), config, device, backend
        self.learner = (
            None if base_model is None else CollectionLearner(self._loaded_models, config.annotations / LEARNED)
        )
        self._report = report
        self._base: LoadedBase | None = None
        self._interactive: LoadedInteractive | None = None
        self.calibration: Calibration | None = None
        self.problem: str | None = None
        self._drawing = threading.Lock()
        self._loaded, self._called = threading.Event(), threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        if base_model is None and ckpt is None:
            self._loaded.set()
        else:
            threading.Thread(target=self._load, name="models", daemon=True).start()

    @property
    def base(self) -> TrainedModel | None:
        """The base model; None where there is none, and before it is loaded."""
        return self._base.trained if self._base else None

    @property
    def interactive(self) -> TrainedModel | None:
        """The interactive model; None where there is none, and before it is loaded."""
        return self._interactive.trained if self._interactive else None

    @property
    def ready(self) -> bool:
        """Whether all that was asked for is loaded; never if there is a ``problem``."""
        return self._loaded.is_set() and self.problem is None

    @property
    def draws(self) -> bool:
        """Whether there is a base model, or will be as soon as it is loaded."""
        return self._names[0] is not None and self.problem is None

    @property
    def merge(self) -> Merge:
        """What is taken over of an answer."""
        return merge_named(self.merge_name)

    @property
    def merge_name(self) -> str:
        """The name of ``merge``, see ``interaction.merging``."""
        return self._merge or (self.interactive.task.merge if self.interactive else WHOLE)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until loading has come to an end, good or bad; False if it has not within so many seconds."""
        return self._loaded.wait(timeout)

    def when_loaded(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back at the end of loading, on its thread, or at once if it is over; return what takes that back."""
        with self._called:
            if not self._loaded.is_set():
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback()
        return lambda: None

    def problem_with(self, view: PreparedView) -> str | None:
        """Return why the models cannot work on a view; None if they can, or if they are not loaded yet."""
        if self.problem or not self._loaded.is_set():
            return self.problem
        for model in (self.base, self.interactive):
            if model is None:
                continue
            try:
                channels_for(model.task, view)
            except ModelError as error:
                return f"{model.path.name}: {error}"
            if problem := scale_problem(view, model.task):
                return f"{model.path.name}: {problem}"
        return None

    def refines(self, view: PreparedView) -> bool:
        """Whether strokes on a view are answered, or will be as soon as the models are loaded."""
        return self._names[1] is not None and self.problem_with(view) is None

    def refiner(self, view: PreparedView) -> NetworkRefiner | None:
        """Return what answers strokes on a view, after waiting for the models; None if nothing does."""
        self.wait()
        if self._interactive is None or self.problem_with(view):
            return None
        return self._interactive.refiner(view.scale, _reported_before)

    def initial(self, view: PreparedView, progress: Progress = lambda share: None) -> NDArray[np.float32]:
        """Let the base model draw a view, after waiting for it; one view at a time.

        Returns
        -------
        (H, W) float32 in [0, 1], at model scale

        Raises
        ------
        AnnotateError
            If there is no base model, or it cannot draw this view.
        """
        self.wait()
        problem = self.problem_with(view)
        if self._base is None or problem:
            raise AnnotateError(problem or "no base model was chosen; start from a drawing or empty")
        with self._drawing:
            try:
                return self._base.drawing(view, self._report, progress)
            except MENDABLE as error:
                raise AnnotateError(explain(error)) from error

    def calibration_of(self, sha256: str | None) -> Calibration:
        """Return what the probabilities of a base model's drawing are worth; taken as they are if nobody knows."""
        known = self.base is not None and self.base.sha256 == sha256
        return self.calibration if known and self.calibration else AS_THEY_ARE

    def _loaded_models(self) -> tuple[LoadedBase | None, LoadedInteractive | None]:
        return self._base, self._interactive

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._called:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def _load(self) -> None:
        try:
            self._load_models()
            if self.learner is not None:
                self.learner.begin()
            _leave_alone_what_is_loaded()
        except Exception as error:  # whatever it is: nobody may wait for models that never come
            self.problem = reason(error)
        with self._called:
            self._loaded.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _load_models(self) -> None:
        from runs.device import torch_device
        from runs.predicting.loaded_models import load_base, load_interactive, require_same_task

        base_model, ckpt = self._names
        where = self._config.project, torch_device(self._device), self._backend
        base = None if base_model is None else load_base(base_model, *where)
        interactive = None if ckpt is None else load_interactive(ckpt, *where)
        if base is not None:
            if interactive is not None:
                require_same_task(base, interactive)
            self.calibration = _calibration(base.trained)
        if interactive is not None:
            interactive.predictor(self._report)  # made now, as it takes seconds
        self._base, self._interactive = base, interactive


def _leave_alone_what_is_loaded() -> None:
    """Keep the garbage collector off what lives as long as the program: 460,000 objects with models and learner.

    To look through them takes 0.4 s, in which no stroke is answered, and learning makes enough objects to bring it on.
    """
    gc.collect()
    gc.freeze()


def _reported_before(message: str) -> None:
    """Drop a message: it was reported when the model was loaded."""


def _calibration(base: TrainedModel) -> Calibration | None:
    """Read a base model's calibration; None if it was never fitted."""
    from runs.calibration import calibration_path, read_calibration

    return read_calibration(base) if calibration_path(base).exists() else None
