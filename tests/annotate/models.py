"""An models of no network: its answers are told, and how it loads and fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from annotate.errors import AnnotateError
from interaction.merging import merge_named
from metrics.calibration import AS_THEY_ARE
from tests.simulation.fakes import Told, erratic, stroke_at

BASE, INTERACTIVE = "b" * 64, "1" * 64


class FakeModels:
    """Answers patch by patch of 64 model pixels what a function of the view says.

    ``answers`` holds them back while it is cleared; ``calls`` counts them.
    """

    def __init__(self, answer: Callable = erratic, *, loaded: bool = True, drawing: np.ndarray | None = None) -> None:
        self.problem, self.merge_name = None, "whole"
        self.merge = merge_named(self.merge_name)
        self.base = SimpleNamespace(sha256=BASE, path=Path("told.ckpt"))
        self.interactive = SimpleNamespace(
            sha256=INTERACTIVE, task=SimpleNamespace(dataset="mirrors", channels=("depth",))
        )
        self.answers = threading.Event()
        self.answers.set()
        self.calls = 0
        self._answer, self._drawing = answer, drawing
        self._loaded = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        if loaded:
            self.load()

    @property
    def ready(self) -> bool:
        return self._loaded.is_set()

    draws = True
    learner = None

    def load(self) -> None:
        self._loaded.set()
        for callback in self._callbacks:
            callback()

    def wait(self, timeout: float | None = None) -> bool:
        return self._loaded.wait(timeout)

    def when_loaded(self, callback: Callable[[], None]) -> Callable[[], None]:
        if self.ready:
            callback()
        else:
            self._callbacks.append(callback)
        return lambda: None

    def problem_with(self, view: object) -> str | None:
        return self.problem

    def refines(self, view: object) -> bool:
        return True

    def refiner(self, view: object) -> Told:
        return Told(self._told, patch=64)

    def _told(self, view: object) -> np.ndarray:
        self.calls += 1
        assert self.answers.wait(20)
        return self._answer(view)

    def initial(self, view: object, progress: Callable[[float], None]) -> np.ndarray:
        progress(0.5)
        if self._drawing is None:
            raise AnnotateError("told to draw nothing")
        return self._drawing.copy()

    def calibration_of(self, sha256: str | None) -> object:
        return AS_THEY_ARE


def strokes(number: int, seed: int, shape: tuple[int, int]) -> list:
    """Return strokes here and there on a drawing of a shape, in model pixels."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(2, np.array(shape) - 12, (number, 2))
    return [stroke_at([end, end + rng.uniform(0, 10, 2)], 1.5, int(rng.choice([1, -1]))) for end in ends]
