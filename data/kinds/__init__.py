"""The kinds of data. Each is one file of this folder, which declares it as ``KIND`` and bears its name.

A package that is installed beside this one adds kinds by entry points of the group ``retrace.kinds``, a program by
``register``. Listing names loads none of them, so that commands start at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from data.errors import DataError

if TYPE_CHECKING:
    from data.channels import Channel
    from data.findings import Findings
    from data.line_statistics import LineStatistics
    from data.preparing.source import Source
    from data.showing import Showing

DEFAULT = "mirrors"
ENTRY_POINTS = "retrace.kinds"


@dataclass(frozen=True)
class RawData:
    """The raw data that a command is asked to read.

    Parameters
    ----------
    root : absolute path of the folder of all raw files
    drawings, masks : where drawings and object masks lie, for kinds that keep them apart
    channels : to prepare of each view
    dpi : resolution of the scans, which goes before what their files say; None if it was not given
    depth_sign : 1 where depth maps are of heights, -1 where they grow inwards, 0 where drawings are to show it; None if
        it was not given
    line_width : of the lines of photographs, edge to edge, in their pixels; None if it was not given
    polarity : 1 where lines are dark, -1 where they are bright, 0 where drawings or images are to show it; None if it
        was not given
    relief_of : the channel of photographs that their relief is made of; None if none was asked for
    """

    root: Path
    drawings: Path
    masks: Path
    channels: tuple[str, ...]
    dpi: float | None = None
    depth_sign: int | None = None
    line_width: float | None = None
    polarity: int | None = None
    relief_of: str | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of data: what all commands need to know about it.

    Parameters
    ----------
    name : of its file, of its folder in STORAGE, and for ``--dataset``
    title : what it is and how its files lie, in one line
    called : name of its views in messages, in the plural
    channels : that it can prepare
    default_channels : names of those that are prepared and learned from unless others are asked for
    model_scale : model pixels a scan pixel; where ``showing`` is given, only of sets that an earlier version prepared
    sources : lists the raw views, by name; raises DataError if there are none, or an option cannot be used
    inspect : finds what is wrong with raw views by their headers or, if told so, in full; None: ``sources`` are
        prepared, each part for itself, without being written
    object_of : returns the object that a view of some name shows; raises DataError if the name does not tell
    test_views : those that are kept for testing wherever nothing else is asked for
    published_lines : how wide lines are drawn; None: measured on each set
    has_object_masks : whether views come with masks of the object; a missing one is then reported
    showing : decides how the views of a set are shown to networks, for kinds whose scale is no constant; takes the raw
        data, its sources (each a ``data.preparing.source.Shown``), the names of those kept for testing, and what was
        decided before
    """

    name: str
    title: str
    called: str
    channels: tuple[Channel, ...]
    default_channels: tuple[str, ...]
    model_scale: float
    sources: Callable[[RawData], Sequence[Source]]
    inspect: Callable[[RawData, bool], Findings] | None = None
    object_of: Callable[[str], str] = str
    test_views: tuple[str, ...] = ()
    published_lines: LineStatistics | None = None
    has_object_masks: bool = False
    showing: Callable[[RawData, Sequence[Any], Collection[str], Showing | None], Showing] | None = None

    def chosen_channels(self, option: str, note: Callable[[str], object] = lambda text: None) -> tuple[str, ...]:
        """Return the channels that ``--channels`` names, with commas; the default ones if it is empty.

        Parameters
        ----------
        option : as it was typed
        note : told where a channel is called otherwise today

        Raises
        ------
        DataError
            If this kind has no channel of such a name.
        """
        typed = option.replace(" ", "").split(",") if option.strip() else self.default_channels
        return self.known_channels(typed, note)

    def known_channels(
        self, names: Sequence[str], note: Callable[[str], object] = lambda text: None
    ) -> tuple[str, ...]:
        """Return channels by the names that they have today; see ``chosen_channels``."""
        from data.channels import current_name

        known = [channel.name for channel in self.channels]
        current = tuple(current_name(name, self.name) for name in names)
        for before, now in zip(names, current, strict=True):
            if before != now:
                note(f"Note: the channel {before} of {self.name} is called {now}.")
            if now not in known:
                raise DataError(f"no channel {before!r}; there are: {', '.join(known)}")
        return current


_registered: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind to those of this folder and of installed packages; raise ValueError if there is one of its name."""
    if kind.name in names():
        raise ValueError(f"there is a kind of data called {kind.name!r}")
    _registered[kind.name] = _with_channels(kind)


def names() -> tuple[str, ...]:
    """List the names of all kinds, in alphabetical order, without loading any."""
    found = {*_files(), *_entry_points(), *_registered}
    return tuple(sorted(found))


def kind_named(name: str) -> Kind:
    """Return a kind; raise DataError if there is none of that name, or it cannot be loaded."""
    if name in _registered:
        return _registered[name]
    if name not in names():
        raise DataError(f"no kind of data {name!r}; there are: {', '.join(names())}")
    return _loaded(name)


def every_kind() -> tuple[list[Kind], dict[str, str]]:
    """Return all kinds that can be loaded, and by the names of the others why these cannot."""
    kinds, faults = [], {}
    for name in names():
        try:
            kinds.append(kind_named(name))
        except DataError as error:
            faults[name] = str(error)
    return kinds, faults


@cache
def _loaded(name: str) -> Kind:
    module = f"{__name__}.{name}"
    declared = f"{module}:KIND" if name in _files() else _entry_points()[name].value
    try:
        kind = import_module(module).KIND if name in _files() else _entry_points()[name].load()
        if not isinstance(kind, Kind) or kind.name != name:
            raise TypeError(f"it is declared as {kind!r:.200}")
        return _with_channels(kind)
    except Exception as error:  # whatever the code of somebody else raises
        fault = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(f"the kind of data {name!r} cannot be loaded from {declared}: {fault}; mend it") from error


def _with_channels(kind: Kind) -> Kind:
    from data.channels import declare

    declare(kind.channels)
    return kind


@cache
def _files() -> tuple[str, ...]:
    return tuple(module.name for module in iter_modules(__path__))


@cache
def _entry_points() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
