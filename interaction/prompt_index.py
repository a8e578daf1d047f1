"""The prompts of a drawing, found by place: a mirror holds thousands, and each new one asks for those near it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from data.regions import Region, Shape


class Bounded(Protocol):
    """Something that draws within bounds."""

    def bounds(self, scale: float, shape: Shape) -> Region:
        """Return the region of a map of ``shape`` at ``scale`` outside of which it draws nothing."""


Mark = TypeVar("Mark", bound=Bounded)
SQUARE = 256  # model pixels; about what a network sees


class PromptIndex(Generic[Mark]):
    """Prompts in their order.

    Parameters
    ----------
    scale : model pixels a scan pixel
    shape : of the drawing, in model pixels
    """

    def __init__(self, scale: float, shape: Shape) -> None:
        self._scale, self._shape = scale, shape
        self._all: list[tuple[Mark, Region]] = []
        self._in_square: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Mark]:
        return (mark for mark, _ in self._all)

    def append(self, mark: Mark) -> None:
        """Add a prompt behind the others."""
        bounds = mark.bounds(self._scale, self._shape)
        for square in _squares(bounds):
            self._in_square[square].append(len(self._all))
        self._all.append((mark, bounds))

    def pop(self) -> Mark:
        """Take the last prompt away and return it."""
        mark, bounds = self._all.pop()
        for square in _squares(bounds):
            self._in_square[square].pop()
        return mark

    def near(self, region: Region) -> tuple[Mark, ...]:
        """Return the prompts that reach into a region, in their order."""
        numbers = sorted({number for square in _squares(region) for number in self._in_square.get(square, ())})
        return tuple(self._all[number][0] for number in numbers if self._all[number][1].overlaps(region))


def _squares(region: Region) -> Iterator[tuple[int, int]]:
    for row in range(region.top // SQUARE, (region.bottom - 1) // SQUARE + 1):
        for column in range(region.left // SQUARE, (region.right - 1) // SQUARE + 1):
            yield row, column
