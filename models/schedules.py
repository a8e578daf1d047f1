"""Schedules of the learning rate: their names, and the course of the one that is known from its start."""

from __future__ import annotations

from math import cos, pi

WARM_UP = 0.05  # share of a training's steps in which a cosine's learning rate rises

PLATEAU, COSINE = SCHEDULES = ("plateau", "cosine")


def rise_and_fall(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: a line up to 1, then half a cosine down to 0."""
    rise = max(1, round(WARM_UP * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + cos(pi * min(1.0, (step - rise) / max(1, steps - rise))))
