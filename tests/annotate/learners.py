"""A learner that is told what comes of lessons."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import torch

from annotate.library.collection_learner import CollectionLearner
from annotate.library.taught import Taught
from data.regions import Region
from models.versions import Version
from tests.simulation.fakes import Told

PARENT = "p" * 64


class FakeLearner:
    """Learns nothing: says whether it has, and draws what it is given.

    ``teaches`` holds it back while it is cleared; ``given`` keeps what it was given, ``gone`` what it was to forget.
    With ``answers`` its versions are of the interactive model alone.
    """

    def __init__(
        self, drawing: np.ndarray, *, proved: bool = True, answer: float = 0.75, answers: bool = False
    ) -> None:
        self.proved, self._drawing, self._answer, self.answers = proved, drawing, answer, answers
        self.shipped, self.for_next, self.collection = Version(PARENT), None, "told"
        self.given: list[tuple[str, Region, np.ndarray]] = []
        self.gone: list[int] = []
        self.forgotten = 0
        self.teaches = threading.Event()
        self.teaches.set()

    def lesson(self, session, view, region, reference):
        self.given.append((view.name, region, session.current[region.slices].copy()))
        return len(self.given), SimpleNamespace(number=len(self.given))

    def teach(self, view, lessons, gone, progress):
        progress(0.5)
        while not self.teaches.wait(0.05):
            progress(0.5)
        self.gone += gone
        if not lessons:
            return None
        version = self.version(len(self.given))
        return Taught(version, self.proved, "Told to have learned.", {"tests": 2, "gain": 0.1}, version)

    def version(self, number):
        numbers = tuple(range(1, number + 1))
        change = {"weight": torch.full((2,), number, dtype=torch.float16)}
        networks = {"interactive": change} if self.answers else {"base": change}
        return Version(PARENT, "told", **networks, lessons=numbers)

    def drawing(self, version, view, progress):
        progress(0.9)
        return self._drawing.copy()

    def refiner(self, version, view):
        return Told(lambda view: np.full(view.current.shape, self._answer, np.float32), patch=64)

    def of_log(self, content):
        return Version.from_bytes(content)

    def forget(self):
        self.forgotten += 1

    words = CollectionLearner.words

    def _models(self):
        return SimpleNamespace(trained=SimpleNamespace(path=SimpleNamespace(stem="told"))), None
