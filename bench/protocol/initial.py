"""The cost of the initial drawing of a whole mirror."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from bench.networks import computed_by, untrained
from bench.protocol.scenes import Subject, prepared_view
from models.networks import LineNetwork
from models.prediction import Planes, Predictor
from runs.predicting.drawings import WINDOWS_AT_ONCE, initial_drawing


@dataclass(frozen=True)
class Drawn:
    """The cost of a drawing.

    Parameters
    ----------
    seconds : from a network in memory to the drawing, so including the conversion of the network
    windows : number of windows that the network predicted
    """

    seconds: float
    windows: int


class Counting:
    """A predictor that counts its windows."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.windows = predictor, 0

    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``."""
        self.windows += len(inputs[0])
        return self.predictor(*inputs)


def drawn(subject: Subject, backend: str) -> Drawn:
    """Draw the mirror as the commands do: only windows that show some of the object."""
    view, model = prepared_view(subject.storage), untrained(LineNetwork, subject.arch, subject.encoder)
    started = perf_counter()
    predictor = Counting(computed_by(backend, model, subject.device, WINDOWS_AT_ONCE))
    initial_drawing(view, model, predictor)
    return Drawn(perf_counter() - started, predictor.windows)
