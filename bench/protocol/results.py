"""The results of ``bench.protocol``: its tables, and all figures as JSON values."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import torch

from bench.measure import Measured, Row, table
from bench.protocol.growth import TARGET_MS, Size
from bench.protocol.hardware import GIGA, Rates, Work
from bench.protocol.initial import Drawn
from bench.protocol.interaction import answers_at_once
from bench.protocol.seeds import INTERACTIONS, ShortProtocol
from runs.report.markdown import markdown_table

LIBRARIES = ("numpy", "opencv-python-headless", "torch", "openvino")
TARGET_HOURS = {"cpu": "1", "cuda": "1/6"}  # of the published protocol


class Both(NamedTuple):
    """The same work done by the backend that the commands choose and by PyTorch, each in a process of its own."""

    auto: Measured
    torch: Measured


@dataclass(frozen=True)
class Limit:
    """A time that was measured, beside the least that the hardware allows.

    Parameters
    ----------
    what : the work
    gigaflop, megabytes : that it takes
    least_ms : its lower limit
    measured_ms : what it took
    """

    what: str
    gigaflop: float
    megabytes: float
    least_ms: float
    measured_ms: float

    @property
    def reached(self) -> float:
        """Share of the limit's speed that was reached."""
        return self.least_ms / self.measured_ms


@dataclass(frozen=True)
class Results:
    """All that was measured.

    Parameters
    ----------
    drawing : of ``bench.protocol.initial.Drawn``
    interactions : of ``bench.protocol.interaction.Timing``, by annotator
    short : the short protocol
    sizes : the growth
    rates, work : the device's, and the networks' by name
    device : that computed them, by PyTorch's name
    """

    drawing: Both
    interactions: dict[str, Both]
    short: ShortProtocol
    sizes: Sequence[Size]
    rates: Rates
    work: dict[str, Work]
    device: str

    @property
    def rows(self) -> list[Row]:
        """The table's lines."""
        drawing, short = self.drawing, self.short
        return [
            _compared("initial drawing", "s", [way.result.seconds for way in drawing], "45"),
            Row("its windows", "answers", drawing.auto.result.windows),
            _compared("its memory", "MiB", [way.peak_mib for way in drawing]),
            *(
                _compared(
                    f"one interaction, {annotator}",
                    "ms",
                    [way.result.medians_ms["whole"] for way in both],
                    f"{TARGET_MS:.0f}",
                )
                for annotator, both in self.interactions.items()
            ),
            Row("short protocol", "interactions/s", short.interactions_a_second),
            Row(
                f"extrapolated to {INTERACTIONS:,} interactions",
                "h",
                short.published_hours(drawing.auto.result.seconds),
                TARGET_HOURS[self.device],
            ),
            Row("memory of all its processes", "MiB", short.peak_mib, "6144"),
        ]

    @property
    def parts_ms(self) -> dict[str, dict[str, float]]:
        """Median milliseconds of the parts of interactions, by annotator."""
        return {annotator: both.auto.result.medians_ms for annotator, both in self.interactions.items()}

    @property
    def limits(self) -> list[Limit]:
        """What the device allows, a CPU with all its cores; with OpenVINO one of them computes a single answer."""
        drawn: Drawn = self.drawing.auto.result
        answers = [
            self._limit(f"the network's part, {annotator}", "interactive", answers_at_once(annotator), parts["network"])
            for annotator, parts in self.parts_ms.items()
        ]
        return [*answers, self._limit("initial drawing", "base", drawn.windows, 1e3 * drawn.seconds)]

    def as_json(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return all figures.

        Parameters
        ----------
        settings : options of the command
        """
        return {
            "settings": settings,
            "machine": machine(self.device),
            "rows": [{**asdict(row), "better_by": row.better_by} if row.than else _alone(row) for row in self.rows],
            "parts_ms": self.parts_ms,
            "short": {
                "processes": self.short.processes,
                "aside_s": self.short.aside,
                "interactions_a_second": self.short.interactions_a_second,
            },
            "growth": [asdict(size) for size in self.sizes],
            "rates": asdict(self.rates),
            "limits": [{**asdict(limit), "reached": limit.reached} for limit in self.limits],
        }

    def text(self) -> str:
        """Return all tables as Markdown."""
        heads = [["median ms of an interaction", "whole", "network", "strokes", "scores, pasting, reading"]]
        parts = [
            [annotator, *(f"{values[name]:.1f}" for name in ("whole", "network", "strokes", "rest"))]
            for annotator, values in self.parts_ms.items()
        ]
        growth = [["megapixels", "ms", "MiB"]] + [
            [f"{size.megapixels:g}", *(f"{value:,.0f}" for value in list(asdict(size).values())[1:])]
            for size in self.sizes
        ]
        limits = [["", "GFLOP", "MB", "at least, ms", "measured, ms", "of the limit's speed"]] + [
            [
                limit.what,
                f"{limit.gigaflop:,.1f}",
                f"{limit.megabytes:,.0f}",
                f"{limit.least_ms:,.1f}",
                f"{limit.measured_ms:,.1f}",
                f"{limit.reached:.0%}",
            ]
            for limit in self.limits
        ]
        flops, moved = self.rates.flops / GIGA, self.rates.bytes / GIGA
        rates = f"matrix product {flops:.0f} GFLOP/s, copy {moved:.1f} GB/s"
        if self.device == "cpu":
            rates = f"By all cores: {rates}. With OpenVINO one core computes a single answer."
        else:
            rates = f"By the GPU: {rates}. Memory is the processes' own, without the GPU's."
        return "\n\n".join([table(self.rows), *map(markdown_table, (heads + parts, growth, limits)), rates])

    def _limit(self, what: str, network: str, answers: int, measured_ms: float) -> Limit:
        work = self.work[network]
        least_ms = 1e3 * answers * work.least_seconds(self.rates)
        return Limit(what, answers * work.flops / GIGA, answers * work.bytes / 1e6, least_ms, measured_ms)


def machine(device: str) -> dict[str, Any]:
    """Describe the machine: cores, processor, GPU if it computed, versions of libraries."""
    gpu = {"gpu": torch.cuda.get_device_name()} if device == "cuda" else {}
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "none"
    processor = {"cores": os.cpu_count(), "processor": platform.machine(), **gpu}
    return {**processor, "python": platform.python_version(), **versions}


def _compared(what: str, unit: str, ways: Sequence[float], target: str = "") -> Row:
    auto, torch = ways
    return Row(what, unit, auto, target, "PyTorch", torch)


def _alone(row: Row) -> dict[str, Any]:
    return {"what": row.what, "unit": row.unit, "value": row.value, "target": row.target}
