"""What a network is for: what of an image it sees, at which size, and how its answers are used."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from data.channels import DEPTH, RELIEF, current_name
from data.kinds import kind_named, names

CELL, STROKE = WINDOWS = ("cell", "stroke")
WIDTHS_AGREE = 1.25  # lines that differ by more are not what a network has learned


@dataclass(frozen=True)
class Task:
    """The input of a network and the use of its predictions: the same in training, evaluation and on the page.

    Parameters
    ----------
    dataset : kind of the prepared set, a name in ``data.kinds``
    channels : of the image
    scale : model pixels a scan pixel
    patch : side of a patch, in model pixels
    window : which part of a mirror an interactive network predicts: the grid's ``cell`` that holds the stroke, as
        published, or a window around the ``stroke``
    merge : the merge rule for its predictions, see ``interaction.merging``; published weights may have another one than
        the training had
    window_size : side of a window around the stroke, in model pixels; 0: a patch's
    line_width : of the lines that it has learned on, edge to edge, in model pixels; 0 where a checkpoint doesn't say it

    Raises
    ------
    ValueError
        If the window is unknown.
    """

    dataset: str
    channels: tuple[str, ...]
    scale: float
    patch: int
    window: str = CELL  # in checkpoints that don't say it
    merge: str = "whole"
    window_size: int = 0
    line_width: float = 0.0

    def __post_init__(self) -> None:
        if self.window not in WINDOWS:
            raise ValueError(f"no window {self.window!r}; there are: {', '.join(WINDOWS)}")

    @property
    def side(self) -> int:
        """Side of what the network is shown, in model pixels."""
        return self.window_size or self.patch

    def sees_as(self, other: Task) -> bool:
        """Whether networks for both tasks have the same input; windows and merge rule may differ.

        The input is the same, too, if one sees the depth of mirrors and the other the relief of photographs, with lines
        about as wide.
        """
        same = replace(
            self, window=other.window, merge=other.merge, window_size=other.window_size, line_width=other.line_width
        )
        if same == other:
            return True
        ours, theirs = self.shown_line_width, other.shown_line_width
        if self.patch != other.patch or ours is None or theirs is None or not self.widths_agree(theirs):
            return False
        return self._stand_ins == other._stand_ins

    @property
    def shown_line_width(self) -> float | None:
        """How wide lines were that it has learned on, edge to edge, in model pixels; None if nothing says it."""
        if self.line_width:
            return self.line_width
        published = kind_named(self.dataset).published_lines if self.dataset in names() else None
        return 2 * published.mean * self.scale if published else None

    def widths_agree(self, shown: float) -> bool:
        """Whether lines ``shown`` model pixels wide are about as wide as those that it has learned on."""
        learned = self.shown_line_width
        return learned is not None and 1 / WIDTHS_AGREE <= shown / learned <= WIDTHS_AGREE

    @property
    def _stand_ins(self) -> tuple[str, ...]:
        """Its channels, those of mirrors standing for those of photographs that are made to look alike."""
        return tuple(DEPTH.name if name == RELIEF.name else name for name in self.channels)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for a checkpoint."""
        fields = {**asdict(self), "channels": list(self.channels)}
        return {name: value for name, value in fields.items() if name != "line_width" or value}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Task:
        """Return the task that ``as_dict`` gave, in this version or in an earlier one."""
        channels = tuple(current_name(name, fields["dataset"]) for name in fields["channels"])
        return cls(**{**fields, "channels": channels})
