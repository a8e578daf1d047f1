"""Measuring one call in a process of its own, and tables of what was measured."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import nan
from pathlib import Path
from time import perf_counter
from typing import Any

from runs.report.markdown import markdown_table

MIB = 2**20


@dataclass(frozen=True)
class Measured:
    """The result of a call, its seconds, and the peak memory of its process."""

    result: Any
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Parameters
    ----------
    what, unit : what ``value`` measures, and in which unit
    target : for the value; empty if there is none
    than, other : name of another way of doing the same, and its value in the same run; empty if none was measured
    more_is_better : whether a larger value is better
    """

    what: str
    unit: str
    value: float
    target: str = ""
    than: str = ""
    other: float = nan
    more_is_better: bool = False

    @property
    def better_by(self) -> float:
        """How many times the value is better than the other way's, NaN if there is none."""
        return self.value / self.other if self.more_is_better else self.other / self.value

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's texts: what, value, target, comparison."""
        better = f"{_figure(self.better_by)} x {self.than} ({_figure(self.other)})" if self.than else ""
        return f"{self.what}, {self.unit}", _figure(self.value), self.target, better


class Stopwatch:
    """A function that adds up the seconds spent in it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.seconds = function, 0.0

    def __call__(self, *arguments: Any) -> Any:
        """Call the function."""
        started = perf_counter()
        result = self.function(*arguments)
        self.seconds += perf_counter() - started
        return result


def measured(call: Callable[..., Any], *arguments: Any) -> Measured:
    """Make a call in a fresh process, so that neither memory nor caches of another call count.

    Parameters
    ----------
    call : a function at the top of a module
    arguments : what can be pickled
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measure, call, arguments).result()


def table(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table."""
    return markdown_table([("", "measured", "target", "better by"), *(row.cells for row in rows)])


def _measure(call: Callable[..., Any], arguments: tuple[Any, ...]) -> Measured:
    started = perf_counter()
    result = call(*arguments)
    return Measured(result, perf_counter() - started, peak_mib())


def peak_mib() -> float:
    """Return the most memory that this process held; getrusage alone counts what its parent held when it began, too."""
    status = Path("/proc/self/status")
    if status.exists():
        kib = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak / 1024


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.3g}"


def megabytes(folder: Path) -> float:
    """Return the size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
