"""What the commands share: one message instead of a traceback, and batches in which one failure stops no other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from data.errors import explain
from runs.errors import MENDABLE

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def one_message() -> Iterator[None]:
    """Turn what a user can mend into click's one line and exit status."""
    try:
        yield
    except MENDABLE as error:
        raise click.ClickException(explain(error)) from error


def for_each(items: Sequence[Item], work: Callable[[Item], Result]) -> tuple[list[Result], list[str]]:
    """Do some work for each item; where a user has to mend something, the others go on.

    Returns
    -------
    results, skipped
        What the work returned, and why it could not be done for other items, each reason once.
    """
    results, skipped = [], []
    for item in items:
        try:
            results.append(work(item))
        except MENDABLE as error:
            skipped.append(explain(error))
            click.echo(f"SKIPPED: {skipped[-1]}", err=True)
    return results, list(dict.fromkeys(skipped))


def conclude(skipped: Sequence[str]) -> None:
    """List what was skipped and exit with status 1; do nothing if nothing was."""
    if skipped:
        click.echo("Skipped:\n  " + "\n  ".join(skipped), err=True)
        sys.exit(1)
