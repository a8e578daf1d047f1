"""Whole human figures: a skeleton in a pose, the body around it, hands and feet, garments, wings, things held.

Figures face right and stand upright; shapes are given about the origin in figure heights, (down, forward).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic import drapery, held
from data.synthetic.heads import head
from data.synthetic.layers import (
    Layer,
    Picture,
    cap,
    closed,
    curve,
    ellipse,
    limb,
    moved,
    part,
    polyline,
    reach,
    shifted,
    sides,
)
from data.synthetic.paths import LINE_WIDTH_PX, Path
from data.synthetic.skeleton import Skeleton, draw_skeleton

Garment = Callable[[Skeleton, Generator], Picture]

UPPER_ARM = (
    (0, 0.026, 0.026),
    (0.12, 0.031, 0.03),
    (0.3, 0.026, 0.027),
    (0.52, 0.021, 0.021),
    (0.62, 0.025, 0.024),
    (1, 0.014, 0.014),
)
LEG = (
    (0, 0.052, 0.056),
    (0.2, 0.05, 0.055),
    (0.48, 0.031, 0.03),
    (0.56, 0.03, 0.029),
    (0.7, 0.028, 0.036),
    (0.85, 0.018, 0.022),
    (1, 0.016, 0.016),
)
FINGER_LEAST_PX = 2.6 * LINE_WIDTH_PX  # a finger narrower than this is not drawn by itself
DETAIL_PX = 900.0  # figures of less height go without muscles, toes and fingers
# What is worn over the body, by name, with its odds.
GARMENTS: dict[str, tuple[Garment, float]] = {
    "nude": (lambda bones, rng: [], 0.3),
    "tunic": (drapery.tunic, 0.15),
    "dress": (drapery.dress, 0.35),
    "cloak": (drapery.wrapped_cloak, 0.2),
}
WING_ODDS = 0.15


def figure(height_px: float, rng: Generator, pose: str | None = None, garment: str | None = None) -> Picture:
    """A person of ``height_px`` when upright, the ground at half of it below the origin.

    ``pose`` is one of those of `skeleton.draw_skeleton`, ``garment`` one of ``GARMENTS``; by default any.
    """
    garment = garment or str(rng.choice(list(GARMENTS), p=[odds for _, odds in GARMENTS.values()]))
    female = garment == "dress" or (garment == "nude" and rng.random() < 0.3)
    bones = draw_skeleton(height_px, rng, pose)
    thing = str(rng.choice(list(held.HELD))) if rng.random() < 0.75 else None
    grip = bones.wrists[1] + reach((0, 0), bones.hand_angle(1), 0.045 * height_px)

    picture: Picture = []
    picture += arm(bones, 1, rng, fist=thing is not None)
    picture += held.HELD[thing][0](grip, height_px, rng) if thing else []
    rear_arm = arm(bones, 0, rng, fist=False)
    behind = rng.random() < 0.3
    picture += [] if behind else rear_arm
    picture += moved(
        head(bones.head_px, rng, bearded=not female and rng.random() < 0.4, female=female), bones.head, bones.nod
    )
    picture += GARMENTS[garment][0](bones, rng)
    picture += torso(bones, rng, female)
    picture += leg(bones, 0, rng) + leg(bones, 1, rng)
    picture += rear_arm if behind else []
    if rng.random() < WING_ODDS:
        picture += wing(bones.shoulders[0], height_px, rng)
    if garment in ("nude", "tunic") and rng.random() < 0.4:
        picture += drapery.hanging_cloak(bones, rng)
    return picture + bones.seat


def torso(bones: Skeleton, rng: Generator, female: bool) -> Picture:
    """Neck, chest and belly from the front, with the lines of the muscles or the breasts."""
    broad, hips = (0.9, 1.12) if female else (1.0, 1.0)
    right = [
        (1.0, 0.027), (0.945, 0.06), (0.93, 0.095 * broad), (0.86, 0.112 * broad), (0.7, 0.083 * broad),
        (0.36, 0.06), (0.12, 0.073 * hips), (-0.06, 0.078 * hips), (-0.2, 0.055), (-0.26, 0.0),
    ]  # fmt: skip
    there = bones.on_torso
    outline = closed(there([(u, s) for u, s in right] + [(u, -s) for u, s in right[-2::-1]]))
    lines = []
    for side in (1.0, -1.0):
        lines.append(curve(there([(u, side * s) for u, s in right[:4]])))
        lines.append(curve(there([(u, side * s) for u, s in right[4:8]])))
        lines.append(curve(there([(0.1, side * 0.062), (-0.1, side * 0.04), (-0.24, side * 0.006)])))
    if bones.height_px > DETAIL_PX:
        lines += _breasts(bones, rng) if female else _muscles(bones, rng)
        lines.append(ellipse(there([(0.22, 0.0)])[0], (0.005 * bones.height_px, 0.004 * bones.height_px)))
    neck_line = limb(
        curve([bones.neck, bones.head]),
        ((0, 0.032 * bones.height_px, 0.032 * bones.height_px), (1, 0.026 * bones.height_px, 0.028 * bones.height_px)),
    )
    collar = [curve(there([(0.93, s * 0.012), (0.9, s * 0.04), (0.905, s * 0.07)])) for s in (1.0, -1.0)]
    return [neck_line, Layer([*lines, *collar], [outline])]


def _muscles(bones: Skeleton, rng: Generator) -> list[Path]:
    """Chest, the middle line, ribs and belly."""
    low = 0.66 + rng.normal(0.0, 0.015)
    lines = [
        curve(
            bones.on_torso([(low + 0.1, s * 0.085), (low - 0.02, s * 0.06), (low - 0.01, s * 0.02), (low + 0.05, 0.0)])
        )
        for s in (1.0, -1.0)
    ]
    lines.append(curve(bones.on_torso([(0.86, 0.0), (0.6, 0.004), (0.28, 0.0)])))
    lines += [curve(bones.on_torso([(0.5, s * 0.058), (0.53, s * 0.035), (0.48, s * 0.008)])) for s in (1.0, -1.0)]
    if rng.random() < 0.6:
        lines.append(curve(bones.on_torso([(0.38, -0.035), (0.36, 0.0), (0.38, 0.035)])))
    return lines


def _breasts(bones: Skeleton, rng: Generator) -> list[Path]:
    """Two arcs, and the fold of the belly."""
    lines = []
    for s in (1.0, -1.0):
        lines.append(curve(bones.on_torso([(0.76, s * 0.078), (0.63, s * 0.075), (0.6, s * 0.045), (0.66, s * 0.012)])))
        lines.append(ellipse(bones.on_torso([(0.67, s * 0.05)])[0], (0.006 * bones.height_px, 0.006 * bones.height_px)))
    return [*lines, curve(bones.on_torso([(0.1, -0.045), (0.07, 0.0), (0.1, 0.045)]))]


def arm(bones: Skeleton, side: int, rng: Generator, fist: bool) -> Picture:
    """An arm with its hand; ``side`` 0 is behind, 1 in front of a figure that faces right."""
    scale = bones.height_px
    inner = bones.arm_spine(side)
    widths = [(at, scale * a, scale * b) for at, a, b in UPPER_ARM]
    shape = limb(inner, widths, shown=0.02)
    shoulder = cap(*(line[0] for line in sides(inner, widths)[::-1]))
    shape.lines.append(part(shoulder, 0.35, 1.0) if side == 1 else part(shoulder, 0.0, 0.65))
    if scale > DETAIL_PX and rng.random() < 0.5:
        at = int(0.5 * len(inner))
        shape.lines.append(polyline([inner[at] + (0, -0.012 * scale), inner[at] + (0.004 * scale, 0.006 * scale)]))
    bangles: Picture = []
    if rng.random() < 0.35:
        bangles = [_bangle(inner, at, 0.0155 * scale) for at in (0.93, 0.965)]
    fingers = hand(bones.wrists[side], bones.hand_angle(side), 0.088 * scale, rng, fist, turned=side == 0)
    return [*bangles, *fingers, shape]


def _bangle(spine: Path, at: float, half_px: float) -> Layer:
    """A bracelet: a slightly bent stroke across a limb."""
    middle, ahead = spine[int(at * (len(spine) - 1))], spine[min(int(at * (len(spine) - 1)) + 3, len(spine) - 1)]
    along = (ahead - middle) / max(float(np.hypot(*(ahead - middle))), 1e-9)
    across = half_px * np.array([-along[1], along[0]])
    return Layer([curve([middle - across, middle + 0.35 * half_px * along, middle + across])])


def hand(wrist: Path, angle: float, length_px: float, rng: Generator, fist: bool, turned: bool = False) -> Picture:
    """A hand that hangs from ``wrist`` and points along ``angle``: open, or closed around something."""
    width = 0.2 * length_px
    if width < FINGER_LEAST_PX / 2:
        palm = closed(
            [[0, -0.16], [0.4, -0.26], [0.9, -0.16], [1.0, 0.05], [0.6, 0.26], [0.3, 0.24], [0, 0.16]], scale=length_px
        )
        return moved([Layer([palm], [palm])], wrist, angle, mirrored=turned)
    layers = _fist(length_px, rng) if fist else _open_hand(length_px, rng)
    return moved(layers, wrist, angle, mirrored=turned)


def _fist(length_px: float, rng: Generator) -> Picture:
    """Four fingers bent around a shaft, and the thumb over them."""
    thick = 0.085 * length_px
    thumb_spine = curve([[0.25, 0.2], [0.4, 0.34], [0.58, 0.3]], scale=length_px)
    layers: Picture = [limb(thumb_spine, ((0, thick, thick), (1, 0.8 * thick, 0.8 * thick)), tip=True, shown=0.15)]
    for i in range(4):
        down = 0.36 + 0.145 * i + rng.normal(0.0, 0.01)
        spine = curve([[down, -0.2], [down + 0.02, 0.05], [down + 0.03, 0.2 - 0.03 * i]], scale=length_px)
        layers.append(limb(spine, ((0, thick, thick), (1, 0.9 * thick, 0.9 * thick)), tip=True))
    back = curve([[0.0, -0.16], [0.2, -0.24], [0.45, -0.3], [0.75, -0.28], [0.9, -0.18]], scale=length_px)
    front = curve([[0.0, 0.16], [0.2, 0.22], [0.4, 0.2]], scale=length_px)
    return [*layers, Layer([back, front], [np.concatenate([back, front[::-1]])])]


def _open_hand(length_px: float, rng: Generator) -> Picture:
    """Four fingers, more or less spread and bent, a thumb, and the palm; some hands point."""
    thick = 0.075 * length_px
    spread, bend = rng.uniform(0.05, 0.16), rng.uniform(-0.5, 0.5)
    pointing = rng.random() < 0.3
    thumb = curve([[0.12, 0.17], [0.33, 0.34], [0.52, 0.42 + 0.1 * rng.random()]], scale=length_px)
    layers: Picture = [limb(thumb, ((0, 1.1 * thick, 1.1 * thick), (1, 0.8 * thick, 0.8 * thick)), tip=True, shown=0.2)]
    for i in range(4):
        root = np.array([0.47 - 0.02 * i, 0.2 - 0.135 * i])
        heading = (1.5 - i) * spread
        curl = bend if not pointing or i == 0 else 1.6
        long = (0.48, 0.53, 0.49, 0.38)[i] * (1.0 if not pointing or i == 0 else 0.75)
        knuckle = reach(root, heading, 0.45 * long)
        spine = curve([root, knuckle, reach(knuckle, heading + curl, 0.55 * long)], scale=length_px)
        layers.append(
            limb(
                spine, ((0, thick, thick), (0.6, 0.95 * thick, 0.95 * thick), (1, 0.65 * thick, 0.65 * thick)), tip=True
            )
        )
    near = curve([[0.0, 0.15], [0.15, 0.2], [0.47, 0.28]], scale=length_px)
    far = curve([[0.0, -0.15], [0.2, -0.24], [0.43, -0.29]], scale=length_px)
    crease = curve([[0.2, 0.1], [0.33, 0.02], [0.38, -0.12]], scale=length_px)
    return [*layers, Layer([near, far, crease], [np.concatenate([near, far[::-1]])])]


def leg(bones: Skeleton, side: int, rng: Generator) -> Picture:
    """A leg with its foot; ``side`` 0 is the near one."""
    scale = bones.height_px
    spine = bones.leg_spine(side)
    shape = limb(spine, [(at, scale * a, scale * b) for at, a, b in LEG], shown=0.05)
    if scale > DETAIL_PX:
        knee = bones.knees[side]
        shape.lines.append(curve([[-0.018, 0.018], [0.0, 0.004], [0.02, 0.014]], knee, scale))
        shape.lines.append(part(shifted(spine, 0, -0.006 * scale), 0.64, rng.uniform(0.75, 0.85)))
    return [*foot(bones.ankles[side], bones.foot_angle(side), scale, rng), shape]


def foot(ankle: Path, angle: float, height_px: float, rng: Generator) -> Picture:
    """A foot in profile, its toes forward, bare or in sandals; ``height_px`` is the figure's."""
    sole = curve(
        [[0.0, -0.018], [0.02, -0.03], [0.04, -0.03], [0.046, -0.01], [0.04, 0.035], [0.046, 0.08], [0.045, 0.105]],
        scale=height_px,
    )
    top = curve(
        [[0.0, 0.017], [0.012, 0.03], [0.022, 0.06], [0.028, 0.095], [0.036, 0.112], [0.045, 0.105]], scale=height_px
    )
    lines = [sole, top]
    if height_px > DETAIL_PX:
        for i in range(3 if 0.012 * height_px > 2 * LINE_WIDTH_PX else 1):
            lines.append(
                curve(
                    [[0.029, 0.087 - 0.013 * i], [0.036, 0.094 - 0.013 * i], [0.043, 0.09 - 0.013 * i]], scale=height_px
                )
            )
        lines.append(
            ellipse((0.006 * height_px, -0.002 * height_px), (0.008 * height_px, 0.007 * height_px), (-2.2, 1.2))
        )
    if rng.random() < 0.4:
        lines += [
            curve([[0.043, at - 0.02], [0.03, at - 0.006], [0.01 + 0.25 * at, at + 0.012]], scale=height_px)
            for at in (0.02, 0.045)
        ]
    return moved([Layer(lines, [np.concatenate([sole, top[::-1]])])], ankle, angle)


def wing(root: Path, height_px: float, rng: Generator, backwards: bool = True) -> Picture:
    """A raised wing: rows of scales at the shoulder, then long feathers, the lower over the upper."""
    span = height_px * rng.uniform(0.42, 0.55)
    lift = rng.uniform(0.2, 0.6)
    layers: Picture = []
    for row, (share, first) in enumerate(((0.36, 0.16), (0.64, 0.25), (1.0, 0.42))):
        count = max(int(1.1 * share * span / rng.uniform(75, 95)), 4)
        for i in range(count):
            along = i / (count - 1)
            angle = np.pi + lift + 0.1 + 1.35 * (1 - along) * rng.uniform(0.97, 1.03)
            base = reach((0, 0), angle, first * span)
            length = share * span * (0.62 + 0.38 * along**0.7)
            tip = reach((0, 0), angle + 0.08, length)
            spine = curve([base, (base + tip) / 2 + 0.03 * span * np.array([-0.5, 1.0]), tip])
            half = 0.45 * span * 1.35 * share / count
            feather = limb(
                spine, ((0, 0.5 * half, 0.5 * half), (0.8, half, half), (1, 0.7 * half, 0.7 * half)), tip=True
            )
            if row == 2 and half > 2.5 * LINE_WIDTH_PX:
                feather.lines.append(part(spine, 0.1, 0.9))
            layers.append(feather)
    return moved(layers, root, mirrored=not backwards)
