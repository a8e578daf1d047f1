"""A cache of models for the jobs of one process: successive jobs mostly use the same ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from models.checkpoints import find_checkpoint
from runs.options import EvalOptions
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive, load_base, load_interactive, require_same_task

MOST = 4  # models; two pairs

Loaded = TypeVar("Loaded", LoadedBase, LoadedInteractive)


class ModelPair(NamedTuple):
    """An interactive model, and the base model whose drawing it refines."""

    base: LoadedBase
    interactive: LoadedInteractive


class KeptModels:
    """Loads models and keeps those that were used last; one whose file has changed since is loaded again.

    A process that runs jobs owns one, see ``runs.evaluation.evaluation.MODELS``. For one thread at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], LoadedBase | LoadedInteractive] = {}  # the one used last comes last

    def pair(self, options: EvalOptions, project: Path) -> ModelPair:
        """Return the two models of an evaluation.

        Parameters
        ----------
        options : name the models, the device and the backend
        project : where runs lie

        Raises
        ------
        ModelError
            If one of them cannot be found or loaded, or they were trained for different tasks.
        """
        base = self._loaded(load_base, options.base_model, project, options)
        interactive = self._loaded(load_interactive, options.ckpt, project, options)
        require_same_task(base, interactive)
        return ModelPair(base, interactive)

    def _loaded(
        self, load: Callable[[str, Path, str, str], Loaded], name: str, project: Path, options: EvalOptions
    ) -> Loaded:
        path = find_checkpoint(name, project)
        key = load, path, path.stat().st_mtime_ns, options.device, options.backend
        model: Any = self._kept.pop(key, None) or load(str(path), project, options.device, options.backend)
        self._kept[key] = model
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return model
