"""One made-up photograph: lines of a family on a ground, what looks like them, light and camera put together."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.maps import Map, Mask, grain
from data.synthetic.photographs.camera import Colours, photographed, uneven_light
from data.synthetic.photographs.distractors import DISTRACTORS
from data.synthetic.photographs.families import FAMILIES, Family
from data.synthetic.photographs.grounds import GROUNDS, Ground
from data.synthetic.photographs.strokes import Stroke, coverage, strengthened, strengths

LEAST_SIDE_PX = 32  # below, hardly a line finds room
LINE_WIDTHS_PX = (1.0, 20.0)  # of a photograph, median; 1 to 20, the thin ones as often as twice as wide ones
CONTRAST = (0.14, 0.65)  # of the lines, as a share of the ground's lightness
TEXTURE = (0.03, 0.35)  # of the ground, as a share of the lines' contrast
BRIGHT_ODDS = 0.3  # how often lines are lighter than their ground
FAINTEST_LINE = 0.5  # of the boldest one's contrast


@dataclass(frozen=True)
class Photograph:
    """A made-up photograph.

    Attributes
    ----------
    image : (H, W, 3) uint8, red, green, blue
    mask : (H, W) bool, its lines
    kind : what is on it, in words
    line_px : median width of its lines
    """

    image: NDArray[np.uint8]
    mask: Mask
    kind: str
    line_px: float


def make_photograph(
    height: int, width: int, rng: Generator, family: str | None = None, line_px: float | None = None
) -> Photograph:
    """Make a photograph of ``height`` x ``width`` pixels, each at least 32.

    ``family`` is a name in ``FAMILIES`` and ``line_px`` the median width of its lines; without them, chance decides.

    Raises
    ------
    ValueError
        If the photograph is too small.
    """
    require_room(height, width)
    name, line_px = family or any_family(rng), line_px or any_width(rng)
    chosen = FAMILIES[name]
    lines = lines_of(chosen, height, width, line_px, rng)
    cover = coverage(lines, height, width)
    bright = rng.random() < BRIGHT_ODDS
    signed = inked(cover, lines, line_px, rng) * np.float32(1.0 if bright else -1.0)
    image, on = put_together(signed, chosen, line_px, rng)
    return Photograph(image, cover >= 0.5, f"{'bright' if bright else 'dark'} {name} on {on}", line_px)


def require_room(height: int, width: int) -> None:
    """Raise ValueError if a photograph is too small."""
    if min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"a photograph of {height} x {width} is too small: each side needs {LEAST_SIDE_PX} or more")


def any_family(rng: Generator) -> str:
    """Draw the name of a family by its odds."""
    odds = np.array([family.odds for family in FAMILIES.values()])
    return str(rng.choice(list(FAMILIES), p=odds / odds.sum()))


def any_width(rng: Generator) -> float:
    """Draw a median width of lines, in pixels."""
    return float(np.exp(rng.uniform(*np.log(LINE_WIDTHS_PX))))


def lines_of(family: Family, height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """The lines of a picture, some fainter than others; there is a line on it, if chance needs some tries."""
    for _ in range(8):
        lines = strengthened(family.draw(height, width, line_px, rng), rng, rng.uniform(FAINTEST_LINE, 1.0))
        if (coverage(lines, height, width) >= 0.5).mean() > 0.006:
            break
    return lines


def inked(cover: Map, lines: list[Stroke], line_px: float, rng: Generator) -> Map:
    """How strongly the ink of lines shows, (H, W) in [0, 1]: fainter in places, soft at the edges."""
    height, width = cover.shape
    uneven = grain(height, width, 4 * line_px, rng)
    uneven = np.clip(1 + np.float32(rng.uniform(0, 0.25)) * uneven, 0.35, 1.0)
    soft = cv2.GaussianBlur(cover, (0, 0), max(line_px * rng.uniform(0.02, 0.22), 0.3))
    return np.asarray(soft * uneven * strengths(lines, height, width), np.float32)


def put_together(signed: Map, family: Family, line_px: float, rng: Generator) -> tuple[NDArray[np.uint8], str]:
    """The picture of lines (their ink, negative where darker) on a ground that suits them, and the ground's name."""
    height, width = signed.shape
    on = str(rng.choice(family.grounds))
    grain_px = float(np.clip(line_px * rng.uniform(0.1, 0.5), 0.5, 6.0))
    ground = GROUNDS[on](height, width, grain_px, rng)
    contrast = rng.uniform(*CONTRAST) * float(ground.light.mean())
    rough = contrast * float(np.exp(rng.uniform(*np.log(TEXTURE))))
    light = ground.light + np.float32(rough) * ground.texture
    for name in rng.choice(list(DISTRACTORS), int(rng.integers(0, 4)), replace=False):
        light = light + np.float32(contrast) * DISTRACTORS[str(name)](height, width, line_px, rng)
    scene = coloured(light, np.float32(contrast) * signed, ground, rng)
    scene *= uneven_light(height, width, rng)[..., None]
    return photographed(scene, line_px, rng), on


def coloured(light: Map, ink: Map, ground: Ground, rng: Generator) -> Colours:
    """Reflectances of red, green and blue (H, W, 3): the ground in its tint, the ink in one of its own."""
    shades = np.clip(1 + rng.normal(0, 0.25, 3), 0.4, 1.6)
    shades /= shades @ (0.299, 0.587, 0.114)  # the contrast in grey is as asked for
    tint = np.array(ground.tint) / (np.array(ground.tint) @ (0.299, 0.587, 0.114))
    planes = [light * np.float32(tint[k]) + ink * np.float32(shades[k]) for k in range(3)]
    return np.asarray(np.stack(planes, axis=-1), np.float32)
