"""Garments over a skeleton: their edges, the folds between them, belts, hems in zigzag."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, blend, curve, hatching, part, polyline, shifted, sides
from data.synthetic.paths import LINE_WIDTH_PX, Path
from data.synthetic.skeleton import Skeleton

FOLD_PX = 56.0  # between folds; those of the clean real patch lie 50 to 70 apart
WAIST = 0.38  # share of the way from pelvis to neck


def dress(bones: Skeleton, rng: Generator, length: float = 0.93) -> Picture:
    """A belted chiton that falls to ``length`` of the legs: bodice, belt, skirt and hem."""
    front, back = skirt_sides(bones, rng, length)
    skirt = Layer([front, back, *hatching(back, front, FOLD_PX * rng.uniform(0.8, 1.3), rng, loose=0.4)])
    edge = hem(back[-1], front[-1], rng, 0.012 * bones.height_px)
    skirt.lines.append(edge)
    skirt.covers.append(np.concatenate([front, edge[::-1], back[::-1]]))
    overfall = _overfall(bones, rng) if rng.random() < 0.35 else []
    return [*belt(bones), *overfall, *bodice(bones, rng), skirt]


def tunic(bones: Skeleton, rng: Generator) -> Picture:
    """A short chiton, to the middle of the thigh."""
    return dress(bones, rng, length=rng.uniform(0.3, 0.42))


def skirt_sides(bones: Skeleton, rng: Generator, length: float, top: float = WAIST) -> tuple[Path, Path]:
    """The edges of what hangs around both legs, in front and behind, from the waist to ``length`` of the legs."""
    near, far = bones.leg_spine(0), bones.leg_spine(1)
    legs = part(blend(near, far, 0.5), 0.06, length)
    apart = np.hypot(*(near[int(length * (len(near) - 1))] - far[int(length * (len(far) - 1))]))
    spine = curve(
        np.concatenate([bones.on_torso([(top, 0.0), (top / 2, 0.0)]), legs[:: max(len(legs) // 8, 1)], legs[-1:]])
    )
    flare = (apart / 2) / bones.height_px + rng.uniform(0.035, 0.06)
    thigh = 0.5 * (0.075 + flare)
    table = ((0, 0.058, 0.058), (0.22, 0.083, 0.083), (0.55, max(thigh, 0.075), max(thigh, 0.075)), (1, flare, flare))
    return sides(spine, [(at, a * bones.height_px, b * bones.height_px) for at, a, b in table])


def hem(first: Path, last: Path, rng: Generator, depth_px: float) -> Path:
    """A lower edge in soft zigzag from one point to another, its folds about ``FOLD_PX`` wide and ``depth_px`` deep."""
    along = last - first
    waves = max(int(np.hypot(*along) / (1.6 * FOLD_PX)), 2)
    down = np.array([along[1], -along[0]]) / max(float(np.hypot(*along)), 1e-9)
    at = np.linspace(0, 1, 2 * waves + 1) + np.concatenate([[0], rng.normal(0, 0.12 / waves, 2 * waves - 1), [0]])
    rise = (
        max(depth_px, 1.2 * LINE_WIDTH_PX)
        * np.where(np.arange(2 * waves + 1) % 2, 1.0, 0.0)
        * rng.uniform(0.6, 1.2, 2 * waves + 1)
    )
    return curve(first + at[:, None] * along + rise[:, None] * down)


def belt(bones: Skeleton) -> Picture:
    """A band around the waist."""
    rows = [
        curve(bones.on_torso([(WAIST + d, -0.06), (WAIST + d - 0.02, 0.0), (WAIST + d, 0.06)])) for d in (0.0, 0.055)
    ]
    return [Layer(rows, [np.concatenate([rows[0], rows[1][::-1]])])]


def bodice(bones: Skeleton, rng: Generator) -> Picture:
    """The upper part of a chiton: neckline, sides, folds that gather at the belt, sometimes a dotted seam."""
    there = bones.on_torso
    edges = [
        curve(there([(0.95, s * 0.055), (0.9, s * 0.105), (0.74, s * 0.088), (0.56, s * 0.066), (WAIST, s * 0.058)]))
        for s in (-1.0, 1.0)
    ]
    deep = rng.uniform(0.7, 0.88)
    neckline = curve(
        there(
            [
                (0.96, -0.055),
                (0.5 * (deep + 0.96) - 0.02, -0.03),
                (deep, 0.0),
                (0.5 * (deep + 0.96) - 0.02, 0.03),
                (0.96, 0.055),
            ]
        )
    )
    outer = [curve(there([(0.93, s * 0.07), (0.68, s * 0.072), (WAIST + 0.05, s * 0.05)])) for s in (-1.0, 1.0)]
    folds = hatching(outer[0], outer[1], FOLD_PX, rng, loose=0.2)
    folds = [fold[(fold - neckline[len(neckline) // 2])[:, 0] > 0.01 * bones.height_px] for fold in folds]
    folds = [fold for fold in folds if len(fold) > 2 * LINE_WIDTH_PX]
    second = [blend(neckline, shifted(neckline, 0.018 * bones.height_px, 0), 1.0)] if rng.random() < 0.5 else []
    sleeves = [curve(there([(0.95, s * 0.06), (0.9, s * 0.112), (0.8, s * 0.118)])) for s in (-1.0, 1.0)]
    cover = np.concatenate([edges[0], edges[1][::-1], neckline[::-1]])
    return [Layer([*edges, neckline, *second, *folds, *sleeves], [cover])]


def _overfall(bones: Skeleton, rng: Generator) -> Picture:
    """The bloused fold below the belt, in scallops."""
    edge = hem(bones.on_torso([(0.12, -0.078)])[0], bones.on_torso([(0.12, 0.078)])[0], rng, 0.02 * bones.height_px)
    top = polyline(bones.on_torso([(WAIST, -0.058), (WAIST, 0.058)]))
    lines = [edge, *hatching(polyline([top[0], edge[0]]), polyline([top[-1], edge[-1]]), FOLD_PX, rng)]
    return [Layer(lines, [np.concatenate([top, edge[::-1]])])]


def wrapped_cloak(bones: Skeleton, rng: Generator) -> Picture:
    """A himation: around the hips with a rolled edge, its folds sagging from back to front, one end over a shoulder."""
    front, back = skirt_sides(bones, rng, rng.uniform(0.72, 0.92), top=0.3)
    edge = hem(back[-1], front[-1], rng, 0.01 * bones.height_px)
    count = max(int(len(back) / (1.15 * FOLD_PX)), 3)
    upward = rng.random() < 0.5
    folds = [front, back, edge]
    for i in range(count):
        at = 0.08 + 0.8 * (i + rng.uniform(-0.2, 0.2)) / count
        ends = (min(at + 0.24, 1.0), max(at - 0.04, 0.0)) if upward else (max(at - 0.04, 0.0), min(at + 0.24, 1.0))
        first, last = (line[int(a * (len(line) - 1))] for line, a in zip((back, front), ends, strict=True))
        sag = (0.035 * bones.height_px, 0.0)
        fold = curve([first, 0.6 * first + 0.4 * last + sag, 0.25 * first + 0.75 * last + sag, last])
        folds.append(part(fold, 0.3 * rng.random(), 1.0 - 0.3 * rng.random()))
    skirt = Layer(folds, [np.concatenate([front, edge[::-1], back[::-1]])])
    return [*_roll(bones, rng), *_shoulder_end(bones, rng), skirt]


def _roll(bones: Skeleton, rng: Generator) -> Picture:
    """The rolled upper edge around the hips."""
    low, high = rng.uniform(0.0, 0.1), rng.uniform(0.2, 0.3)
    upper = curve(bones.on_torso([(high + 0.14, -0.065), (high, 0.0), (high - 0.08, 0.082)]))
    lower = curve(bones.on_torso([(low + 0.14, -0.08), (low, 0.0), (low - 0.08, 0.088)]))
    return [Layer([upper, lower, *hatching(upper, lower, 0.75 * FOLD_PX, rng)], [np.concatenate([upper, lower[::-1]])])]


def _shoulder_end(bones: Skeleton, rng: Generator) -> Picture:
    """The end of a cloak that hangs from the shoulder behind, in front of the chest or down the back."""
    long = rng.uniform(0.25, 0.5)
    inner = curve(bones.on_torso([(0.99, -0.035), (0.7, -0.05), (0.3, -0.055)]))
    outer = curve(bones.on_torso([(0.96, -0.1), (0.6, -0.115), (0.3 - long, -0.12)]))
    edge = hem(outer[-1], inner[-1], rng, 0.015 * bones.height_px)
    folds = hatching(inner, outer, 0.8 * FOLD_PX, rng, loose=0.2)
    return [Layer([inner, outer, edge, *folds], [np.concatenate([inner, edge[::-1], outer[::-1]])])]


def hanging_cloak(bones: Skeleton, rng: Generator) -> Picture:
    """A short cloak that hangs down behind the back, fastened at the throat."""
    long, wide = rng.uniform(-1.1, -0.3), rng.uniform(0.13, 0.2)
    back = curve(bones.on_torso([(0.97, -0.04), (0.9, -0.11), (0.4, -0.8 * wide), (long, -wide)]))
    front = curve(bones.on_torso([(0.97, 0.04), (0.9, 0.11), (0.4, 0.8 * wide), (long + 0.1, wide)]))
    edge = hem(back[-1], front[-1], rng, 0.02 * bones.height_px)
    folds = hatching(back, front, FOLD_PX, rng, loose=0.3)
    clasp = curve(bones.on_torso([(0.95, -0.05), (0.9, 0.0), (0.95, 0.05)]))
    return [Layer([back, front, edge, clasp, *folds], [np.concatenate([back, edge, front[::-1]])])]
