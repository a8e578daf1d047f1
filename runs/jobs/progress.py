"""One progress bar for many jobs, with their lines above it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import monotonic
from types import TracebackType

import click
from tqdm import tqdm

LINE_SECONDS = 60.0  # between the lines that stand for the bar where it cannot be drawn

Heard = str | float  # of a job: a line of it, or the share of it that is done


class ProgressBar:
    """A bar on standard error while it is a context; where that is no terminal, a line a minute instead.

    Parameters
    ----------
    names : of the jobs, which have equal parts of the bar
    say : prints the lines of the jobs
    """

    def __init__(self, names: Collection[str], say: Callable[[str], None]) -> None:
        self._say = say
        self._shares = dict.fromkeys(names, 0.0)
        self._ended = 0
        self._began = self._told = monotonic()
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

    def hear(self, name: str, heard: Heard) -> None:
        """Print a line of a job, or show the share of it that is done, in [0, 1]."""
        if isinstance(heard, str):
            self.say(heard)
        else:
            self._shares[name] = heard
            self._draw()
            self.tick()

    def end(self, name: str) -> None:
        """Show that a job has ended, well or not."""
        self._ended += 1
        self._shares[name] = 1.0
        self._draw()

    def say(self, line: str) -> None:
        """Print a line."""
        with tqdm.external_write_mode():
            self._say(line)

    def warn(self, line: str) -> None:
        """Print a line on standard error."""
        with tqdm.external_write_mode():
            click.echo(line, err=True)

    def tick(self) -> None:
        """Keep the time; to be called now and then."""
        if not self._bar.disable:
            self._bar.refresh()
        elif monotonic() - self._told >= LINE_SECONDS:
            self._told = monotonic()
            share = self._done / len(self._shares)
            spent = monotonic() - self._began
            left = f", {tqdm.format_interval(spent / share - spent)} to go" if share else ""
            self.warn(f"{share:.0%} done, {self._count} [{tqdm.format_interval(spent)}{left}]")

    @property
    def _count(self) -> str:
        return f"{self._ended} of {len(self._shares)} jobs"

    @property
    def _done(self) -> float:
        return sum(self._shares.values())

    def _draw(self) -> None:
        self._bar.n = self._done
        self._bar.set_description_str(self._count)
