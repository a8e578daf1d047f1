"""Shared by the commands: one message instead of a traceback, and batches in which one failure stops no other item."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import click

from data.errors import explain
from data.progress import ProgressBar
from runs.errors import MENDABLE

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def one_message() -> Iterator[None]:
    """Turn errors that a user can repair into click's one line and exit status."""
    try:
        yield
    except MENDABLE as error:
        raise click.ClickException(_message(error)) from error


def for_each(
    items: Sequence[Item], work: Callable[[Item], Result], progress: ProgressBar | None = None
) -> tuple[list[Result], list[str]]:
    """Do some work for each item; if it fails for a reason that the user can repair, continue with the next.

    A single item has no others: its message ends the command, as in ``one_message``.

    Parameters
    ----------
    items, work : ``work`` is called with each of ``items``
    progress : shows how many of the items, which are its names, have been worked on

    Returns
    -------
    results, skipped
        What the work returned, and why it could not be done for other items, each reason once.
    """
    if len(items) == 1:
        with one_message():
            return [work(items[0])], []
    results, skipped = [], []
    warn = progress.warn if progress else partial(click.echo, err=True)
    for item in items:
        try:
            results.append(work(item))
        except MENDABLE as error:
            skipped.append(_message(error))
            warn(f"SKIPPED: {skipped[-1]}")
        finally:
            if progress:
                progress.end(str(item))
    return results, list(dict.fromkeys(skipped))


def conclude(skipped: Sequence[str]) -> None:
    """List what was skipped and exit with status 1; do nothing if nothing was."""
    if skipped:
        click.echo("Skipped:\n  " + "\n  ".join(skipped), err=True)
        sys.exit(1)


_REFUSED = re.compile(r"\[Errno (\d+)\] (.*?)(?:: ['\"](.*)['\"])?")  # as an OSError with a number reads


def _message(error: Exception) -> str:
    """Return the message of an error, without the traceback that PyTorch adds to errors of loading processes."""
    text, kind = str(error), type(error)
    if not re.match(r"Caught \w+ in DataLoader worker process \d+\.\n", text):
        return explain(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    message = text.rpartition(f"\n{name}: ")[2].rstrip()
    if refused := _REFUSED.fullmatch(message):
        number, reason, path = refused.groups()
        return explain(OSError(int(number), reason, path))
    return message
