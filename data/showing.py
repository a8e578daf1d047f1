"""How the photographs of a set are shown to networks: at which scale, and what of them takes the place of depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from data.line_statistics import MIRROR_LINES

LEARNED_SCALE = 0.5  # model pixels a scan pixel of mirrors, and of a photograph whose lines are as wide as theirs
MODEL_LINE_WIDTH = 2 * MIRROR_LINES.mean * LEARNED_SCALE
"""How wide, edge to edge and in model pixels, the lines of mirrors are: 6.19. Networks have learned that."""

SCALES = 0.2, 4.0  # the least and the largest scale
AS_IT_IS = 0.02  # a scale so near to 1 is 1, since resampling would blur for nothing

COLOURS = {"red": 0, "green": 1, "blue": 2}  # planes of ``rgb``
RELIEF_OF = "grey", *COLOURS
"""The channels that relief can be made of."""

POLARITIES = {"dark": 1, "bright": -1}


@dataclass(frozen=True)
class Showing:
    """How all photographs of one set are shown to networks.

    Parameters
    ----------
    line_width : of the lines, edge to edge, in pixels of the photographs
    polarity : 1 where lines are darker than their ground, -1 where they are brighter
    channel : the one of one plane that ``relief`` is made of
    given : what of these a user has given, by name; the rest was found
    notes : sentences that say how it was found; not recorded
    """

    line_width: float
    polarity: int = 1
    channel: str = "grey"
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def scale(self) -> float:
        """Model pixels a pixel: what makes lines about as wide as those of mirrors, within ``SCALES``."""
        scale = round(min(max(MODEL_LINE_WIDTH / self.line_width, SCALES[0]), SCALES[1]), 4)
        return 1.0 if abs(scale - 1) < AS_IT_IS else scale

    @property
    def named_polarity(self) -> str:
        """``dark`` or ``bright``."""
        return next(name for name, number in POLARITIES.items() if number == self.polarity)

    def has_signs_of(self, other: Showing | None) -> bool:
        """Whether lines are dark, or bright, in the same channel in both."""
        return other is not None and (self.polarity, self.channel) == (other.polarity, other.channel)

    def as_json(self) -> dict[str, Any]:
        """Return what a manifest holds."""
        polarity, given = self.named_polarity, list(self.given)
        return {"line_width": self.line_width, "polarity": polarity, "channel": self.channel, "given": given}

    @classmethod
    def of_json(cls, known: dict[str, Any]) -> Showing:
        """Return what a manifest held; raises KeyError, TypeError or ValueError for anything else."""
        polarity, given = POLARITIES[known["polarity"]], tuple(map(str, known["given"]))
        return cls(float(known["line_width"]), polarity, str(known["channel"]), given)
