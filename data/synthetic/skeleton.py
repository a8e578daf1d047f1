"""The joints of a human figure in a pose, facing right; scan pixels, (row, column)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, curve, polyline, reach
from data.synthetic.paths import Path

# Lengths in figure heights.
TORSO, THIGH, SHANK, ANKLE = 0.285, 0.25, 0.235, 0.045
UPPER_ARM, FOREARM, HEAD = 0.165, 0.145, 0.145
TIPTOE = 0.09  # of an ankle above the ground when the heel is off it
HEEL_OFF = -0.3  # a shank that leans back by more lifts its heel
POSES = {"standing": 0.5, "striding": 0.2, "seated": 0.2, "resting": 0.1}
# Angles of upper arm and forearm from straight down, away from the body.
ARMS = {
    "hanging": (0.15, 0.3), "akimbo": (0.75, -0.75), "raised": (1.5, 2.75), "stretched": (1.25, 1.6),
    "bent": (0.3, 1.7), "greeting": (0.7, 2.3), "offering": (0.55, 1.25),
}  # fmt: skip


@dataclass(frozen=True)
class Skeleton:
    """Joints ``(2,)`` or pairs of them ``(2, 2)``: arms behind and in front, legs near and far.

    ``nod`` turns the head and ``toes_up`` ``(2,)`` the feet, in radians; ``seat`` is what the figure sits on.
    """

    height_px: float
    pelvis: Path
    neck: Path
    head: Path
    nod: float
    shoulders: Path
    elbows: Path
    wrists: Path
    hips: Path
    knees: Path
    ankles: Path
    toes_up: Path
    seat: Picture = field(default_factory=list)

    @property
    def head_px(self) -> float:
        """Height of the head."""
        return HEAD * self.height_px

    @property
    def ground_px(self) -> float:
        """The row on which the figure stands."""
        return 0.5 * self.height_px

    def on_torso(self, points: Sequence[tuple[float, float]]) -> Path:
        """Scan pixels of points (share of the way from pelvis to neck, figure heights forward)."""
        up = self.neck - self.pelvis
        forward = np.array([up[1], -up[0]]) / np.hypot(*up) * self.height_px
        table = np.asarray(points)
        return np.asarray(self.pelvis + table[:, :1] * up + table[:, 1:] * forward)

    def arm_spine(self, side: int) -> Path:
        """The middle of an arm, from shoulder to wrist."""
        return _bent(self.shoulders[side], self.elbows[side], self.wrists[side])

    def leg_spine(self, side: int) -> Path:
        """The middle of a leg, from hip to ankle."""
        return _bent(self.hips[side], self.knees[side], self.ankles[side])

    def hand_angle(self, side: int) -> float:
        """Where a hand points, that is, along the forearm."""
        along = self.wrists[side] - self.elbows[side]
        return float(np.arctan2(along[1], along[0]))

    def foot_angle(self, side: int) -> float:
        """How far a foot is turned up or down from the ground."""
        return float(self.toes_up[side])


def _bent(first: Path, joint: Path, last: Path) -> Path:
    """A smooth path along two bones: nearly straight along each, rounded at the joint."""
    points = [
        first,
        0.5 * first + 0.5 * joint,
        0.12 * first + 0.88 * joint,
        0.88 * joint + 0.12 * last,
        0.5 * joint + 0.5 * last,
        last,
    ]
    return curve(points)


def draw_skeleton(height_px: float, rng: Generator, pose: str | None = None) -> Skeleton:
    """A figure of ``height_px`` in one of ``POSES``, by default any, the ground at half its height below the origin."""
    pose = pose or str(rng.choice(list(POSES), p=list(POSES.values())))
    jitter = rng.normal(0.0, 1.0, 12)
    thighs, shanks = _legs(pose, rng)
    lean = 0.05 * jitter[0] + {"striding": 0.12, "seated": 0.04, "resting": -0.06}.get(pose, 0.0)

    hips = np.array([[0.0, -0.035], [0.0, 0.03]])
    knees = np.array([reach(hip, angle, THIGH) for hip, angle in zip(hips, thighs, strict=True)])
    ankles = np.array([reach(knee, angle, SHANK) for knee, angle in zip(knees, shanks, strict=True)])
    toes_up = np.where(shanks < HEEL_OFF, -0.6, 0.0)  # a leg far back stands on its toes
    down = 0.5 - (ankles[:, 0] + np.where(toes_up < 0, TIPTOE, ANKLE)).max()
    pelvis = np.array([down - 0.01, 0.0])
    neck = reach(pelvis, np.pi - lean, TORSO)
    head = reach(neck, np.pi - lean - 0.1 + 0.05 * jitter[1], 0.105)
    up = (neck - pelvis) / TORSO
    across = np.array([up[1], -up[0]])
    middle = pelvis + 0.88 * TORSO * up
    shoulders = np.array([middle - 0.1 * across, middle + 0.095 * across])
    elbows, wrists = _arms(shoulders, rng)
    shift = np.array([down, 0.0])
    seat = _seat(pelvis, height_px, rng) if pose == "seated" else []
    return Skeleton(
        height_px=height_px,
        pelvis=height_px * pelvis,
        neck=height_px * neck,
        head=height_px * head,
        nod=0.12 * jitter[2],
        shoulders=height_px * shoulders,
        elbows=height_px * elbows,
        wrists=height_px * wrists,
        hips=height_px * (hips + shift),
        knees=height_px * (knees + shift),
        ankles=height_px * (ankles + shift),
        toes_up=toes_up,
        seat=seat,
    )


def _legs(pose: str, rng: Generator) -> tuple[Path, Path]:
    """Angles of both thighs and both shanks."""
    sway = rng.normal(0.0, 0.05, 4)
    if pose == "striding":
        thighs, shanks = np.array([-0.32, 0.5]), np.array([-0.5, 0.12])
    elif pose == "seated":
        thighs, shanks = np.array([1.35, 1.2]), np.array([-0.05, -0.25])
    elif pose == "resting":  # one leg crossed before the other
        thighs, shanks = np.array([0.3, -0.05]), np.array([-0.05, -0.02])
    else:
        thighs, shanks = np.array([0.0, 0.18]), np.array([-0.03, -0.08])
    swap = rng.random() < 0.5 and pose != "seated"
    thighs, shanks = thighs + sway[:2], shanks + np.minimum(sway[2:], 0.05)
    return (thighs[::-1], shanks[::-1]) if swap else (thighs, shanks)


def _arms(shoulders: Path, rng: Generator) -> tuple[Path, Path]:
    """Elbows and wrists of the arm behind and of the one in front."""
    elbows, wrists = [], []
    for side, shoulder in enumerate(shoulders):
        upper, fore = ARMS[str(rng.choice(list(ARMS)))] + rng.normal(0.0, 0.12, 2)
        sign = 1.0 if side == 1 or rng.random() < 0.15 else -1.0
        elbows.append(reach(shoulder, sign * upper, UPPER_ARM))
        wrists.append(reach(elbows[-1], sign * fore, FOREARM))
    return np.array(elbows), np.array(wrists)


def _seat(pelvis: Path, height_px: float, rng: Generator) -> Picture:
    """A folding stool with a cushion, or a block, below a seated figure."""
    top, back, front = pelvis[0] + 0.05, pelvis[1] - 0.1, pelvis[1] + 0.13
    cushion = curve([[top, back], [top - 0.012, back + 0.05], [top - 0.005, front]], scale=height_px)
    board = polyline(
        [
            [top, back - 0.015],
            [top, front + 0.015],
            [top + 0.03, front + 0.015],
            [top + 0.03, back - 0.015],
            [top, back - 0.015],
        ],
        scale=height_px,
    )
    slab = Layer([cushion, board], [board])
    if rng.random() < 0.4:
        sides = [
            polyline([[top + 0.03, at], [0.5, at]], scale=height_px)
            for at in (back, back + 0.025, front - 0.025, front)
        ]
        rails = [polyline([[at, back], [at, front]], scale=height_px) for at in (0.47, 0.5)]
        box = polyline([[top, back], [top, front], [0.5, front], [0.5, back], [top, back]], scale=height_px)
        return [slab, Layer([*sides, *rails], [box])]
    legs: Picture = []
    for first, last in ((back, front), (front, back)):
        edges = [polyline([[top + 0.03, first + s], [0.5, last + s]], scale=height_px) for s in (-0.009, 0.009)]
        legs.append(Layer(edges, [np.concatenate([edges[0], edges[1][::-1]])]))
    return [slab, *legs]
