"""The events of a log that hold a prompt. The kind of event, and the field of the prompt, bear the prompt's kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from interaction.log.events import Event
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


def prompts_in_force(events: Iterable[Event]) -> list[int]:
    """Return the events of the prompts that are in the drawing after all events: those that were undone are not."""
    done, undone = dict[int, int](), dict[int, int]()  # prompts, by the events of their changes
    for event in events:
        if event.kind == "change":
            done[event.number] = int(event.body["stroke"])
        elif event.kind == "undo" and event.body["change"] in done:
            undone[event.body["change"]] = done.pop(event.body["change"])
        elif event.kind == "redo" and event.body["change"] in undone:
            done[event.body["change"]] = undone.pop(event.body["change"])
    return list(done.values())
