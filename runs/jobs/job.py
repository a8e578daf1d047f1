"""A job, how it reports, and how a process performs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import click

from data.progress import Update
from runs.commands import one_message

SHARE_SECONDS = 1.0  # between two shares that a job reports


@dataclass(frozen=True)
class Job:
    """One task of a batch.

    Parameters
    ----------
    name : unique among the jobs; used in messages
    work : a function of a module, where other processes find it, called as ``work(*arguments, report=reporter)``
        with a ``Reporter``; what it returns is small, such as a path
    arguments : can be pickled
    needs : names of the jobs that must have ended well before
    """

    name: str
    work: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    needs: tuple[str, ...] = ()


class Reporter:
    """Sends the lines and the progress of a job to the terminal, also from another process.

    Parameters
    ----------
    send : takes lines and shares to the process at the terminal
    verbose : whether details are wanted there
    """

    def __init__(self, send: Callable[[Update], None], *, verbose: bool = False) -> None:
        self._send, self._verbose = send, verbose
        self._reported = -SHARE_SECONDS

    def __call__(self, line: str) -> None:
        """Print a line."""
        self._send(line)

    def detail(self, line: str) -> None:
        """Print a line if details are wanted."""
        if self._verbose:
            self._send(line)

    def share(self, done: float) -> None:
        """Show the share of this job that is done, in [0, 1]; once a second, however often it is called."""
        if monotonic() - self._reported >= SHARE_SECONDS:
            self._reported = monotonic()
            self._send(float(done))


@dataclass(frozen=True)
class Refused:
    """The result of a job that failed for a reason that the user can repair."""

    message: str


def perform(job: Job, reporter: Reporter) -> Any:
    """Do a job in this process; return its result or a ``Refused``. A bug is raised."""
    try:
        with one_message():
            return job.work(*job.arguments, report=reporter)
    except click.ClickException as error:
        return Refused(error.message)
    except Exception as error:
        error.add_note(f"in the job {job.name!r}")
        raise
