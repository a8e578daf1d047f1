"""Progress of a command: one bar for several tasks, with the lines that they print above it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import monotonic
from types import TracebackType

import click
from tqdm import tqdm

LINE_SECONDS = 30.0  # the least between two of the lines that stand for the bar where it cannot be drawn
LINE_SHARE = 0.1  # of all work that has to be done between two of them, unless
LONG_SECONDS = 300.0  # have passed

Update = str | float  # of a piece of work: a line that it prints, or the share of it that is done


def echo_above(line: str) -> None:
    """Print a line above all progress bars on screen."""
    with tqdm.external_write_mode():
        click.echo(line)


class ProgressBar:
    """A progress bar on standard error, used as a context manager; without a terminal, a line now and then instead.

    Parameters
    ----------
    names : of the tasks; each has an equal part of the bar
    report : prints the lines of the tasks
    unit : what the tasks are called, in the plural
    verbose : whether tasks should print details
    """

    def __init__(
        self, names: Collection[str], report: Callable[[str], object], *, unit: str = "jobs", verbose: bool = False
    ) -> None:
        self.verbose = verbose
        self._report, self._unit = report, unit
        self._shares = dict.fromkeys(names, 0.0)
        self._ended = 0
        self._began = self._printed = monotonic()
        self._share_printed = 0.0
        self._bar = tqdm(
            total=len(self._shares),
            disable=None,  # unless standard error is a terminal
            leave=False,
            dynamic_ncols=True,
            bar_format="{percentage:3.0f} %|{bar}| {desc} [{elapsed}, {remaining} to go]",
        )
        self._draw()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def update(self, name: str, update: Update) -> None:
        """Print a line of a piece of work, or show the share of it that is done, in [0, 1]."""
        if isinstance(update, str):
            self.echo(update)
        else:
            self._shares[name] = update
            self._draw()
            self.tick()

    def end(self, name: str) -> None:
        """Show that a piece of work has ended, well or not."""
        self._ended += 1
        self._shares[name] = 1.0
        self._draw()

    def echo(self, line: str) -> None:
        """Print a line."""
        with tqdm.external_write_mode():
            self._report(line)

    def warn(self, line: str) -> None:
        """Print a line on standard error."""
        with tqdm.external_write_mode():
            click.echo(line, err=True)

    def tick(self) -> None:
        """Keep the time; to be called now and then."""
        if not self._bar.disable:
            self._bar.refresh()
        elif self._line_is_due():
            self._printed, self._share_printed = monotonic(), self._share
            spent = monotonic() - self._began
            left = f", {tqdm.format_interval(spent / self._share - spent)} to go" if self._share else ""
            self.warn(f"{self._share:.0%} done, {self._count} [{tqdm.format_interval(spent)}{left}]")

    def _line_is_due(self) -> bool:
        waited = monotonic() - self._printed
        advanced = self._share - self._share_printed >= LINE_SHARE
        return waited >= (LINE_SECONDS if advanced else LONG_SECONDS)

    @property
    def _share(self) -> float:
        return sum(self._shares.values()) / len(self._shares)

    @property
    def _count(self) -> str:
        return f"{self._ended} of {len(self._shares)} {self._unit}"

    def _draw(self) -> None:
        self._bar.n = sum(self._shares.values())
        self._bar.set_description_str(self._count)
