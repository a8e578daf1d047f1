"""From the numbers of a photograph to shares of white, [0, 1]; arrays only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.io.tiff_file import HUGE, is_no_value

CAMERA_BITS = (8, 10, 12, 14, 16)  # of sensors
TAILS = 0.001  # of the values of other photographs, at either end: clipped, so that no spike takes the range
REACHED = 1 / 8  # of a full scale of 255 or more at least; a photograph that is darker throughout has another scale


def bits_in_use(colours: NDArray[Any], bits: int) -> int:
    """Return the fewest of ``CAMERA_BITS`` that hold the largest of unsigned values; of other numbers, all of them."""
    if colours.dtype.kind != "u":
        return bits
    largest = int(colours.max())
    return min((fewer for fewer in CAMERA_BITS if largest < 2**fewer), default=bits)


def scaled(values: NDArray[Any], bits: int, no_value: float | None) -> tuple[NDArray[np.float32], list[str]]:
    """Return values in [0, 1], and what was done to them if it was more than to divide them by their full scale.

    Parameters
    ----------
    values : of any number type and shape, without opacity
    bits : of a value in the file
    no_value : what the file declares to stand for "no value"

    Raises
    ------
    ValueError
        If no pixel has a value.
    """
    if values.dtype.kind == "u" and bits <= max(CAMERA_BITS):
        used = max(bits_in_use(values, bits), 8)
        notes = [f"of its {bits} bits {used} are in use, so {2**used - 1} is taken for white"] if used < bits else []
        return np.asarray(values, np.float32) / np.float32(2**used - 1), notes
    missing = is_missing(values, no_value)
    missing |= _is_gap(values, missing)
    known, notes = values[~missing].astype(np.float64), []
    if not known.size:
        raise ValueError("no pixel has a value; export it again")
    low, high = _range(known, values.dtype)
    if high != 1 or known.min() < low or known.max() > high:
        notes.append(f"{values.dtype} values, of which {low:g} is taken for black and {high:g} for white")
    if missing.any():
        notes.append(f"{np.count_nonzero(missing)} values are missing and taken for the mean of the others")
    filled = np.where(missing, known.mean(), values)
    return np.clip((filled - low) / ((high - low) or 1.0), 0, 1).astype(np.float32), notes


def _range(known: NDArray[np.float64], stored_as: np.dtype[Any]) -> tuple[float, float]:
    """Return black and white: the same for all photographs of a set, as far as one of them can show it.

    Black is 0, and white the least full scale that holds the values: 1 of floating-point numbers, that of the bits of
    a sensor, or that of the integers' own type. Where there are negative values, or no full scale fits, they are the
    values' own quantiles.
    """
    low, high = (float(bound) for bound in np.quantile(known, (TAILS, 1 - TAILS)))
    if low < 0:
        return low, high
    if stored_as.kind == "f" and high <= 1:
        return 0.0, 1.0
    largest = np.inf if stored_as.kind == "f" else float(np.iinfo(stored_as.str).max)
    scales = (min(2.0**bits - 1, largest) for bits in CAMERA_BITS)
    full = next((scale for scale in scales if high <= scale), largest)
    return (0.0, full) if REACHED * full <= high else (low, high)


def is_missing(values: NDArray[Any], no_value: float | None) -> NDArray[np.bool_]:
    """Return where values are not finite, larger than any light, or what the file declares to be none."""
    missing = ~(np.abs(values, dtype=np.float64) < HUGE)
    return np.asarray(missing if no_value is None else missing | is_no_value(values, no_value))


def _is_gap(values: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where the one negative number of a photograph stands, which no light has: it means "no value" as well."""
    negative = (values < 0) & ~missing
    found = values[negative]
    return negative if found.size and (found == found[0]).all() else np.zeros_like(missing)
