"""Options and help texts of the commands that work on one kind of data."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from data.errors import DataError
from data.kinds import Kind, every_kind, names
from data.paths import composed, expanded

DPI = "Resolution of the scans, in dots an inch; it goes before what their files say."
DEPTH_SIGN = (
    "What depth maps hold. height: engraved lines are low. depth: the map grows inwards. auto: height, unless the "
    "drawing beside a map shows the other."
)
LINE_WIDTH = (
    "How wide the lines of photographs are, edge to edge, in their pixels; 6.19 leaves images as they are. Otherwise "
    "measured in the drawings that are not kept for testing."
)
POLARITY = (
    "Whether the lines of photographs are darker or brighter than their ground. auto: as drawings show it; without "
    "one, as the images look."
)
POLARITY_NAMES = {"auto": 0, "dark": 1, "bright": -1}  # see ``data.kinds.RawData``
SIGNS = {"auto": 0, "height": 1, "depth": -1}  # see ``data.kinds.RawData``


class KindName(click.ParamType):
    """The type of an option that names a kind of data; the names are looked up when the command is called."""

    name = "kind"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the names, as of any choice."""
        return f"[{'|'.join(names())}]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a name for itself."""
        if value not in names():
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names()))}.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete a name that is half typed."""
        return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


class ExplainsKinds(click.Command):
    """A command whose help ends with a line about each kind of data, which are loaded for it, or why they are not."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write those lines."""
        with formatter.section("Kinds of data"):
            kinds, faults = every_kind()
            lines = {kind.name: f"{kind.title}. Channels: {_channels(kind)}." for kind in kinds} | faults
            formatter.write_dl(sorted(lines.items()))


class Finite(click.FloatRange):
    """The type of an option that is a number in a range, and neither infinite nor NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        return number if isfinite(number) else self.fail(f"{number} is no finite number.", param, ctx)


class UserPath(click.Path):
    """The type of each option that is a path: ``~`` and variables are replaced."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(path_type=Path, **attributes)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; a variable that is not set is a usage error."""
        return super().convert(_expanded(self, str(value), param, ctx), param, ctx)


class ViewName(click.ParamType):
    """The type of an option that names a view: in the composed form of Unicode, whichever way it was typed."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a name for itself."""
        return composed(str(value))


class ModelName(click.ParamType):
    """The type of an option that names a model: a run id, the name of weights, or a path; see ``UserPath``."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name or the path; a variable that is not set is a usage error."""
        return _expanded(self, str(value), param, ctx)


def _expanded(kind: click.ParamType, text: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
    try:
        return expanded(text)
    except DataError as error:
        return kind.fail(str(error), param, ctx)


def sign_of(name: str | None) -> int | None:
    """Return the number that ``RawData`` has for a name of ``--depth_sign``; None where it was not given."""
    return None if name is None else SIGNS[name]


def polarity_of(name: str | None) -> int | None:
    """Return the number that ``RawData`` has for a name of ``--polarity``; None where it was not given."""
    return None if name is None else POLARITY_NAMES[name]


def _channels(kind: Kind) -> str:
    return ", ".join(channel.name for channel in kind.channels)
