"""The check of masks that all scores share."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def checked(**arrays: Mask) -> list[Mask]:
    """Check that the named arrays are masks of one shape; return them with all bytes 0 or 1."""
    masks = [_mask(name, array) for name, array in arrays.items()]
    if len({mask.shape for mask in masks}) > 1:
        shapes = ", ".join(f"{name} {mask.shape}" for name, mask in zip(arrays, masks, strict=True))
        raise ValueError(f"masks of different shapes: {shapes}; crop or resize them to the same pixels")
    return masks


def _mask(name: str, array: Mask) -> Mask:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is a {type(array).__name__}; give a numpy array of bool, of shape (H, W)")
    if array.dtype != np.bool_:
        raise TypeError(f"{name} holds {array.dtype}; give bool, for example {name} > 0.5")
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; give one image of shape (H, W)")
    # A 1-bit PNG opened by PIL gives True as byte 255. NumPy's logic accepts that, but `thin` reads the
    # bytes as they are and its neighbourhood codes overflow: a wrong skeleton without an error.
    ones: Mask = np.asarray(array).view(np.uint8) != 0
    return ones
