"""The raw files of one view, behind one interface for all kinds of data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from data.errors import DataError
from data.preparing.writing import ViewWriter
from data.regions import Shape
from data.showing import Showing


@dataclass(frozen=True)
class Part:
    """One of the arrays that a view is made of: the files and parameters that it depends on."""

    files: tuple[Path, ...]
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PreparationReport:
    """The results of preparing a view: its size; by channel, encodings and statistics; by part, remarks."""

    shape: Shape
    encodings: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)  # by part: sentences that a user should read


class Source(Protocol):
    """The raw files of one view."""

    @property
    def view(self) -> str:
        """The view's name."""

    @property
    def object(self) -> str:
        """The object that it shows; raises DataError if the view's name does not say."""

    @property
    def pixels_per_mm(self) -> float | None:
        """Resolution of the scan, None for a photograph; raises DataError if it has to be given."""

    @property
    def parts(self) -> dict[str, Part]:
        """What there is to prepare, by name: channels, ``mask``, and ``truth`` where there is a drawing.

        Raises
        ------
        DataError
            If a file is missing, or does not say what it should.
        """

    @property
    def drawn(self) -> bool:
        """Whether there is a drawing."""

    @property
    def masked(self) -> bool:
        """Whether there is a mask of the object; without one, all of the image counts as object."""

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> Source:
        """Return the same with those channels beside its own that there are, and a resolution if nothing says one."""

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> PreparationReport:
        """Read, prepare and write some of the parts.

        Raises
        ------
        DataError
            If a file cannot be used.
        """


@runtime_checkable
class Recalling(Protocol):
    """A source with options for its scan alone, which hold for later preparations until they are given anew."""

    @property
    def given(self) -> dict[str, Any]:
        """The options that were given, as a manifest keeps them."""

    def recalling(self, given: dict[str, Any], parameters: dict[str, dict[str, Any]]) -> Source:
        """Return the same with the options given before where none is given now.

        Parameters
        ----------
        given : of an earlier preparation
        parameters : of each of its parts
        """

    def decided(self) -> Source:
        """Return the same with what follows from several of its files decided anew; raises as ``prepare`` does."""


@runtime_checkable
class Shown(Protocol):
    """A source whose scale follows from how all views of its set are shown; ``Kind.showing`` decides that."""

    @property
    def showing(self) -> Showing | None:
        """How it is shown; None: as earlier versions did, at its own size and without relief."""

    def as_shown(self, showing: Showing | None) -> Source:
        """Return the same, shown so."""


def require_shape(path: Path, found: tuple[int, ...], expected: tuple[int, ...], of: str) -> None:
    """Raise DataError unless a file's rows and columns are as expected."""
    if found != expected:
        raise DataError(
            f"{path}: {found[0]} x {found[1]} pixels, but {of}: {expected[0]} x {expected[1]}; export both alike"
        )
