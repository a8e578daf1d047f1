"""Scans whose tiles are made, and tiles put together."""

from __future__ import annotations

import cv2
import numpy as np

from annotate.images.pyramid import TILE, level_shape
from data.channels import FULL_SCALE

SHAPE = (700, 1030)  # three levels; odd sizes on the way


def ignore(share):
    """Hear of progress, and do nothing."""


def decoded(content):
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def whole_level(pyramid, layer, level):
    """Put the tiles of a level together."""
    height, width = level_shape(pyramid.view.shape, level, pyramid.levels)
    columns, rows = range(-(-width // TILE)), range(-(-height // TILE))
    return np.vstack([np.hstack([decoded(pyramid.tile(layer, level, x, y)) for x in columns]) for y in rows])


def blobs(shape):
    """Return (1, H, W) uint16 without detail that a JPEG would lose."""
    rough = np.random.default_rng(0).random((5, 7), np.float32)
    smooth = cv2.resize(rough, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return (FULL_SCALE * smooth[None]).astype(np.uint16)
