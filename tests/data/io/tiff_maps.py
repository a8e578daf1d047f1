"""Maps that tests write as TIFFs."""

from __future__ import annotations

import numpy as np

DEPTH = np.random.default_rng(0).normal(-3, 2, (16, 24)).astype(np.float32)


def unit_vectors(seed: int, height: int, width: int) -> np.ndarray:
    """Return (3, H, W) float64 of length 1, towards the camera."""
    normals = np.random.default_rng(seed).normal(size=(3, height, width))
    normals[2] = np.abs(normals[2])
    return np.asarray(normals / np.linalg.norm(normals, axis=0))
