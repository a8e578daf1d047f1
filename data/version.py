"""Which version of the program this is."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

PROGRAM = "retrace"


def program_version() -> str:
    """Return this program's version: what a checkout's ``pyproject.toml`` states, or else what is installed.

    An installation in editable mode does not keep up with its checkout, so the checkout comes first.
    """
    project = Path(__file__).parents[1] / "pyproject.toml"
    if project.exists():
        return str(tomllib.loads(project.read_text())["project"]["version"])
    return version(PROGRAM)
