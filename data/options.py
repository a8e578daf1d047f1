"""Options and help texts of the commands that work on one kind of data."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from data.kinds import Kind, every_kind, names

DPI = "Resolution of the scans, in dots an inch; it goes before what their files say."
DEPTH_SIGN = (
    "What depth maps hold. height: engraved lines are low. depth: the map grows inwards. auto: height, unless the "
    "drawing beside a map shows the other."
)
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


def sign_of(name: str | None) -> int | None:
    """Return the number that ``RawData`` has for a name of ``--depth_sign``; None where it was not given."""
    return None if name is None else SIGNS[name]


def _channels(kind: Kind) -> str:
    return ", ".join(channel.name for channel in kind.channels)
