"""Options that several benchmarks have."""

from __future__ import annotations

import click

from data.options import ModelName, ViewName

with_base_model = click.option(
    "--base_model", type=ModelName(), required=True, metavar="MODEL", help="Run id or checkpoint of the base model."
)
with_mirrors = click.option(
    "--mirror",
    "mirrors",
    type=ViewName(),
    multiple=True,
    required=True,
    metavar="VIEW",
    help="As for eval. Repeatable.",
)
