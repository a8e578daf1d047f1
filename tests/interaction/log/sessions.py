"""A user's session on a small view, logged as the page logs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.storage import PreparedView
from interaction.log.log import Log
from interaction.log.packing import pack_drawing, pack_step
from interaction.prompts.strokes import Stroke
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from interaction.steps import Step


class Softened(ManualRefiner):
    """Answers with the drawing, paler: so that an answer is more than its stroke."""

    def refine(self, views):
        return [view.current * np.float32(0.9) + np.float32(0.03) for view in views]


def stroke(*points, radius=6.0, sign=1):
    path = np.array(points, float)
    return Stroke(path, np.full(len(path), radius), sign)


class Session:
    """A session and its log, kept in step."""

    def __init__(self, view: PreparedView, path: Path, initial: np.ndarray | None = None) -> None:
        first = np.zeros(view.model_shape, np.float32) if initial is None else initial
        self.log = Log.open(path, view)
        body = {"source": "empty" if initial is None else "model", "base_model": None, "made_by": "a test"}
        self.log.append("start", body, pack_drawing(first))
        refiner = Softened(view.scale)
        self.session = RefinementSession(view, first, refiner, scale=view.scale, channels=())
        self.changes: list[int] = []

    @property
    def current(self):
        return self.session.current

    def draw(self, stroke: Stroke, *, bare: bool = False) -> None:
        fields = {"stroke": stroke.to_json(), "refine": not bare, "client": f"client {self.log.last}"}
        number = self.log.append("stroke", fields).number
        self.changes.append(answered(self.log, self.session, number, stroke, bare=bare, merge="whole", ms=12.5))

    def undo(self) -> None:
        self.log.append("undo", {"change": self.changes[-1]})
        self.session.undo()


def answered(
    log: Log, session: RefinementSession, number: int, stroke: Stroke, *, bare: bool, merge: str, ms: float
) -> int:
    """Answer a stroke that is in a log, and commit the change; return the number of its event."""
    change = session.unrefined_change(stroke) if bare else session.propose([stroke])[0]
    step = Step.of(change, session.current[change.region.slices])
    body = {"stroke": number, "bare": bare, "region": change.region.to_json(), "model": None, "merge": merge, "ms": ms}
    event = log.append("change", body, pack_step(step)).number
    session.commit(change)
    return event
