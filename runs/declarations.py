"""Options declared once: the fields of a dataclass, from which the options of a command are made.

A field that is an option is written ``name: type = option(default, help=...)``; fields without are none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import click
from click.core import ParameterSource

from data.options import UserPath

Command = TypeVar("Command", bound=Callable[..., Any])

_DECLARED = "option"  # where a field's metadata hold what click is told


class DeclaredOption(click.Option):
    """An option of a command that is a dataclass's field, of the same name.

    Parameters
    ----------
    accepts : the types that the field may hold; of a repeated option, each of its values
    usual : its value where it is not given
    """

    def __init__(self, *arguments: Any, accepts: tuple[type, ...], usual: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.accepts, self.usual = accepts, usual


def option(
    default: Any = MISSING,
    *,
    help: str,
    choices: Sequence[str] | None = None,
    within: click.ParamType | None = None,
    shown: str | bool | None = None,
    typed: Any = MISSING,
    repeated: bool = False,
    **attributes: Any,
) -> Any:
    """Declare a dataclass's field that is an option of a command.

    Parameters
    ----------
    default : of the field; a field without one must be given
    help : text for ``--help``
    choices : the words that it may be
    within : the click type that checks it, where the field's own type does not say all, such as a range
    shown : default that the help shows, where it is not ``default``; False: none
    typed : default of the command, where it is not ``default``
    repeated : whether the command takes it several times; the field then has the type of one value, or of a tuple
    attributes : further ones of ``click.Option``, such as ``metavar``; ``flags``: how it is typed, where that is not
        ``--name``
    """
    if choices is not None:
        within = click.Choice(choices)
    told: dict[str, Any] = {"help": help, "multiple": repeated, **attributes}
    if within is not None:
        told["type"] = within
    if shown is not None:
        told["show_default"] = shown
    value = default if typed is MISSING else typed
    if value is not MISSING and value is not None:
        told["default"] = (value,) if repeated else value
    return field(default=default, metadata={_DECLARED: told})


def options_from(*declared: type) -> Callable[[Command], Command]:
    """Return a decorator that gives a click command the options of some dataclasses, in the order of their fields."""
    made = [(each, _types(cls)[each.name]) for cls in declared for each in fields(cls) if _DECLARED in each.metadata]

    def decorate(command: Command) -> Command:
        for each, accepts in reversed(made):
            command = _decorator(each, accepts)(command)
        return command

    return decorate


def given(context: click.Context) -> set[str]:
    """Return the names of the options that are typed, or set by a configuration and not to the default."""
    return {name for name in context.params if context.get_parameter_source(name) != ParameterSource.DEFAULT}


def _decorator(each: Field[Any], accepts: tuple[type, ...]) -> Callable[[Command], Command]:
    told = dict(each.metadata[_DECLARED])
    if "type" not in told and not told.get("is_flag"):
        told["type"] = UserPath() if Path in accepts else accepts[0]
    usual = told.get("default", () if told["multiple"] else None)
    flags = told.pop("flags", [f"--{each.name}"])
    return click.option(*flags, cls=DeclaredOption, accepts=accepts, usual=usual, **told)


def _types(cls: type) -> dict[str, tuple[type, ...]]:
    """Return the types that one value of each field may have."""
    return {name: _alternatives(hint) for name, hint in get_type_hints(cls).items()}


def _alternatives(hint: Any) -> tuple[type, ...]:
    parts = tuple(part for part in get_args(hint) if part not in (type(None), Ellipsis))
    return parts or (hint,)
