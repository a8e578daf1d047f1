"""Meshes: streets, crackle, nets. Their lines meet everywhere and enclose cells."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.paths import resample, shaken
from data.synthetic.photographs.strokes import Stroke, uneven


def crackle(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """The edges of Voronoi cells, as of dried mud, glaze or leaves; some are missing."""
    from scipy.spatial import Voronoi

    cell = line_px * rng.uniform(7, 20)
    rows, cols = np.mgrid[-1 : height / cell + 1, -1 : width / cell + 1]
    seeds = np.stack([rows.ravel(), cols.ravel()], axis=1)
    seeds = cell * (seeds + rng.uniform(-0.5, 0.5, seeds.shape) * rng.uniform(0.5, 1.0))
    cells = Voronoi(seeds)
    missing, wide = rng.uniform(0, 0.25), rng.uniform(0.1, 0.45)
    strokes = []
    for first, last in cells.ridge_vertices:
        if first < 0 or rng.random() < missing:
            continue
        ends = cells.vertices[[first, last]]
        if (ends < -cell).any() or (ends > (height + cell, width + cell)).any():
            continue
        path = shaken(resample(ends), rng, 0.25 * line_px, 4 * line_px)
        path[[0, -1]] = ends
        radius = 0.5 * line_px * np.exp(wide * rng.standard_normal())
        strokes.append(Stroke(path, uneven(len(path), radius, rng, 0.15, 4 * line_px)))
    return strokes


def streets(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Roads of several widths: a turned grid with gaps, and a few long ones across it."""
    long = float(np.hypot(height, width))
    turn, middle = rng.uniform(0, np.pi), np.array([height, width]) / 2
    bend = rng.uniform(0.0, 1.5) * line_px
    strokes = []
    for angle in (turn, turn + 0.5 * np.pi + rng.normal(0, 0.08)):
        along = np.array([np.sin(angle), np.cos(angle)])
        across = np.array([along[1], -along[0]])
        gap, at = line_px * rng.uniform(7, 14), -0.5 * long
        while at < 0.5 * long:
            line = resample(middle + at * across + 0.5 * long * np.stack([-along, along]))
            line = shaken(line, rng, bend, 40 * line_px)
            radius = 0.5 * line_px * rng.choice([0.75, 1.0, 1.3], p=[0.3, 0.5, 0.2])
            strokes += [_even(piece, radius, rng, line_px) for piece in _with_gaps(line, gap, rng)]
            at += gap * rng.uniform(0.6, 1.5)
    for _ in range(int(rng.integers(0, 3))):
        angle = rng.uniform(0, np.pi)
        along = np.array([np.sin(angle), np.cos(angle)])
        line = resample(rng.uniform(0.2, 0.8, 2) * [height, width] + long * np.stack([-along, along]))
        line = shaken(line, rng, 6 * line_px, 60 * line_px)
        strokes.append(_even(line, 0.5 * line_px * rng.uniform(1.3, 2.0), rng, line_px))
    return strokes


def net(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Two families of winding lines that cross, as of wire, nets or weave."""
    strokes = []
    turn, gap = rng.uniform(0, np.pi), line_px * rng.uniform(4.5, 10)
    long, middle = float(np.hypot(height, width)), np.array([height, width]) / 2
    swing, wave = rng.uniform(0, 0.3) * gap, gap * rng.uniform(2, 5)
    for angle in (turn, turn + rng.uniform(0.9, np.pi - 0.9)):
        along = np.array([np.sin(angle), np.cos(angle)])
        across = np.array([along[1], -along[0]])
        for at in np.arange(-0.5 * long, 0.5 * long, gap):
            line = resample(middle + at * across + 0.5 * long * np.stack([-along, along]))
            phase = rng.uniform(0, 2 * np.pi)
            line = line + swing * np.sin(2 * np.pi * np.arange(len(line)) / wave + phase)[:, None] * across
            strokes.append(_even(line, 0.5 * line_px * rng.uniform(0.85, 1.15), rng, line_px))
    return strokes


def _with_gaps(line: np.ndarray, gap_px: float, rng: Generator) -> list[np.ndarray]:
    """The pieces of a line between some of the places where others cross it."""
    edges = np.cumsum(rng.uniform(1, 6, 40) * gap_px).astype(int)
    pieces = np.split(line, edges[edges < len(line)])
    return [piece for piece in pieces if len(piece) > 2 and rng.random() < 0.8]


def _even(path: np.ndarray, radius: float, rng: Generator, line_px: float) -> Stroke:
    return Stroke(path, uneven(len(path), radius, rng, 0.05, 10 * line_px))
