"""Prompts: what a user gives to correct a mask, each kind in a file of its own.

To add a kind, write a class that is a ``Prompt`` and has ``from_json``, and enter it in ``PROMPTS``: the session, the
log and its replay then take it.
"""

from __future__ import annotations

from typing import Any

from interaction.prompts.clicks import Click as Click
from interaction.prompts.prompt import ADD as ADD
from interaction.prompts.prompt import ERASE as ERASE
from interaction.prompts.prompt import Effort as Effort
from interaction.prompts.prompt import Prompt as Prompt
from interaction.prompts.strokes import Stroke as Stroke

PROMPTS: dict[str, type[Stroke] | type[Click]] = {Stroke.kind: Stroke, Click.kind: Click}


def prompt_from_json(fields: dict[str, Any]) -> Prompt:
    """Return the prompt that ``to_json`` wrote; a stroke's fields say no kind.

    Raises
    ------
    ValueError
        If there is no such kind, or the prompt's constructor refuses the values.
    KeyError, TypeError
        If a field is missing, or of another type.
    """
    kind = fields.get("kind", Stroke.kind)
    if kind not in PROMPTS:
        raise ValueError(f"no prompts of kind {kind!r}; there are: {', '.join(PROMPTS)}")
    return PROMPTS[kind].from_json(fields)
