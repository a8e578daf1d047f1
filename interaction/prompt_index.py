"""An index of prompts by place: a mirror has thousands, and each new prompt needs those near it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from data.regions import Region, Shape
from interaction.prompts import Prompt

SQUARE = 256  # model pixels; about what a network sees


class PromptIndex:
    """The prompts of a drawing, in their order, and those near a region.

    Parameters
    ----------
    scale : model pixels a scan pixel
    shape : of the drawing, in model pixels
    """

    def __init__(self, scale: float, shape: Shape) -> None:
        self._scale, self._shape = scale, shape
        self._all: list[tuple[Prompt, Region]] = []
        self._in_square: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Prompt]:
        return (prompt for prompt, _ in self._all)

    def append(self, prompt: Prompt) -> None:
        """Add a prompt behind the others."""
        bounds = prompt.bounds(self._scale, self._shape)
        for square in _squares(bounds):
            self._in_square[square].append(len(self._all))
        self._all.append((prompt, bounds))

    def pop(self) -> Prompt:
        """Remove the last prompt and return it."""
        prompt, bounds = self._all.pop()
        for square in _squares(bounds):
            self._in_square[square].pop()
        return prompt

    def near(self, region: Region) -> tuple[Prompt, ...]:
        """Return the prompts that reach into a region, in their order."""
        numbers = sorted({number for square in _squares(region) for number in self._in_square.get(square, ())})
        return tuple(self._all[number][0] for number in numbers if self._all[number][1].overlaps(region))


def _squares(region: Region) -> Iterator[tuple[int, int]]:
    for row in range(region.top // SQUARE, (region.bottom - 1) // SQUARE + 1):
        for column in range(region.left // SQUARE, (region.right - 1) // SQUARE + 1):
            yield row, column
