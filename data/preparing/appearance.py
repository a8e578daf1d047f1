"""How the photographs of a set are shown: what is given, else what drawings say, else what the images look like.

All photographs of a set are shown alike. Drawings that are kept for testing are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.channels import GREY
from data.errors import DataError
from data.kinds import RawData
from data.line_statistics import LineStatistics, fit_radii, line_radii
from data.preparing.looking import (
    Look,
    Photographed,
    contrast_sign,
    estimated_width,
    looks_at,
    separation,
    skewness_sign,
)
from data.showing import COLOURS, MODEL_LINE_WIDTH, Showing

AS_BEFORE = 0.15  # a width that differs by no more from that of an earlier preparation changes nothing
FEWER = (
    0.9  # another channel than before, or than grey, is taken if it confuses line and ground in so many of the pairs,
)
GAIN = 0.005  # or fewer, and if its AUC is larger by that; less is chance where hardly any are confused
ABOUT = 0.05  # lines are shown as wide as those of mirrors if their widths differ by no more


def showing_of(
    raw: RawData, photographs: Sequence[Photographed], test: Collection[str], before: Showing | None
) -> Showing:
    """Decide how the photographs of a set are shown to networks.

    Parameters
    ----------
    raw : with what is given
    photographs : of the set
    test : names of those kept for testing
    before : of an earlier preparation; what was given then holds, and a width that is about the same, too
    """
    return _Decision(raw, photographs, [one for one in photographs if one.drawn and one.view not in test], before).made


@dataclass(frozen=True, eq=False)
class _Decision:
    """What is decided, one thing after the other; each with words that say how.

    ``drawn`` are the photographs whose drawings may be looked at.
    """

    raw: RawData
    photographs: Sequence[Photographed]
    drawn: Sequence[Photographed]
    before: Showing | None

    @property
    def made(self) -> Showing:
        """All of it."""
        (width, of_width), (channel, of_channel), (polarity, of_polarity) = self.width, self.channel, self.polarity
        asked = {
            "line_width": self.raw.line_width or self._was_given("line_width"),
            "channel": self.raw.relief_of or self._was_given("channel"),
            "polarity": self.raw.polarity or (self.raw.polarity is None and self._was_given("polarity")),
        }
        given = tuple(sorted(name for name, value in asked.items() if value))
        plain = Showing(width, polarity, channel, given)
        note = (
            f"Lines are {width:g} pixels wide ({of_width}) and {plain.named_polarity} ({of_polarity}); relief is made "
            f"of {channel} ({of_channel}); networks see the photographs at {plain.scale:g} of their size."
        )
        return Showing(width, polarity, channel, given, (note, *_shown_otherwise(plain)))

    @cached_property
    def width(self) -> tuple[float, str]:
        """Width of lines, edge to edge, in pixels."""
        if self.raw.line_width:
            return self.raw.line_width, "given"
        if self.before and self._was_given("line_width"):
            return self.before.line_width, "given before"
        if self._measured:
            width, many = round(2 * self._measured.mean, 2), f"{len(self._lined)} drawing{'s' * (len(self._lined) > 1)}"
            if self.before and abs(width / self.before.line_width - 1) <= AS_BEFORE:
                return self.before.line_width, f"as before; {width:g} in {many}"
            return width, f"measured in {many}"
        if self.before:
            return self.before.line_width, "as before"
        found = estimated_width(self._undrawn_looks, self.channel[0], self.polarity[0])
        if found is None:
            return round(MODEL_LINE_WIDTH, 2), "not known; give --line_width"
        return round(found, 2), "estimated from the images, which may be wrong by half; better give --line_width"

    @cached_property
    def channel(self) -> tuple[str, str]:
        """The channel that relief is made of."""
        if self.raw.relief_of:
            return self.raw.relief_of, "asked for"
        if self.before and self._was_given("channel"):
            return self.before.channel, "asked for before"
        if not self._looks:
            return (self.before.channel, "as before") if self.before else (GREY.name, "none asked for")
        found = {name: separation(self._looks, name) for name in (GREY.name, *COLOURS)}
        best = max(found, key=lambda name: found[name])
        kept = self.before.channel if self.before else GREY.name
        if 1 - found[best] <= FEWER * (1 - found[kept]) and found[best] >= found[kept] + GAIN:
            return (
                best,
                f"which tells drawn lines best from their ground: AUC {found[best]:.2f}, {kept} {found[kept]:.2f}",
            )
        if kept != GREY.name:
            return kept, f"as before: AUC {found[kept]:.2f}"
        return kept, f"no colour tells drawn lines better from their ground: AUC {found[kept]:.2f}"

    @cached_property
    def polarity(self) -> tuple[int, str]:
        """1 where lines are dark, -1 where they are bright."""
        if self.raw.polarity:
            return self.raw.polarity, "given"
        if self.before and self.raw.polarity is None and self._was_given("polarity"):
            return self.before.polarity, "given before"
        if self._looks:
            return contrast_sign(self._looks, self.channel[0]), "as drawn"
        if self.before and self.raw.polarity is None:
            return self.before.polarity, "as before"
        return skewness_sign(self._undrawn_looks, self.channel[0]), "as the images look; else give --polarity"

    @cached_property
    def _lined(self) -> list[Photographed]:
        """The drawn ones with a line in the drawing; those that cannot be read are left out."""
        return [one for one in self.drawn if _has_line(one)]

    @cached_property
    def _measured(self) -> LineStatistics | None:
        return fit_radii([line_radii(one.lines()) for one in self._lined]) if self._lined else None

    @cached_property
    def _looks(self) -> list[Look]:
        """Some with lines and ground near them, as networks will see them."""
        if not self._lined:
            return []
        return [look for look in looks_at(self._lined, Showing(self.width[0]).scale, drawn=True) if look.tells]

    @cached_property
    def _undrawn_looks(self) -> list[Look]:
        """Any of them, at their own size."""
        return looks_at(self.photographs, 1.0, drawn=False)

    def _was_given(self, name: str) -> bool:
        return self.before is not None and name in self.before.given


def _has_line(photograph: Photographed) -> bool:
    try:
        return bool(photograph.lines().any())
    except DataError:  # which is said when it is prepared
        return False


def _shown_otherwise(showing: Showing) -> list[str]:
    """Return a remark if the limits of the scale leave lines wider or narrower than those of mirrors."""
    seen = showing.line_width * showing.scale
    if abs(seen / MODEL_LINE_WIDTH - 1) <= ABOUT:
        return []
    return [f"They see lines {seen:.3g} pixels wide, not {MODEL_LINE_WIDTH:.3g}; no image is scaled by more or less."]
