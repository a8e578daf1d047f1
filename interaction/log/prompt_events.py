"""The events of a log that hold a prompt. The kind of event, and the field of the prompt, bear the prompt's kind."""

from __future__ import annotations

from typing import Any

from interaction.log.log import Event
from interaction.prompts import Prompt, prompt_from_json


def prompt_entry(prompt: Prompt, *, refine: bool, client: str) -> tuple[str, dict[str, Any]]:
    """Return kind and body of the event that holds a prompt, for ``Log.append``.

    Parameters
    ----------
    prompt : in scan pixels
    refine : whether a refiner is to be asked
    client : the name that the page gave the prompt; a second one of the same name is the same one
    """
    return prompt.kind, {prompt.kind: prompt.to_json(), "refine": refine, "client": client}


def prompt_of(event: Event) -> Prompt:
    """Return the prompt of an event that holds one; raises what ``prompt_from_json`` raises."""
    return prompt_from_json({**event.body[event.kind], "kind": event.kind})
