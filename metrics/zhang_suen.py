"""Skeletons as the binarization contests' evaluation makes them: Zhang and Suen's, cleaned up as by Lee and Chen."""

from collections.abc import Sequence
from heapq import heappop, heappush

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

Words = NDArray[np.uint64]

NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""Rows and columns to the eight neighbours, clockwise from the top; neighbour n is bit n of a code."""


def thin(mask: Mask) -> Mask:
    """Thin a drawing by Zhang and Suen's rules.

    Two passes take turns until neither takes a pixel: one takes pixels from the lower right, one from the upper left.
    A pass decides on each pixel by its eight neighbours as they were before the pass; beyond the border there is
    nothing. Squares of two by two pixels vanish.

    Sixty-four pixels of a row are decided on at once, as the bits of a word, and only words near one that the last two
    passes changed are looked at again: that makes it fast for the wide gaps of a drawing as for its lines.

    Parameters
    ----------
    mask : bool array (H, W)
        True on the line, stored as bytes 0 and 1.

    Returns
    -------
    bool array (H, W)

    References
    ----------
    T. Y. Zhang, C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", Communications of the ACM 27(3),
    1984, pages 236-239.
    """
    words = _packed(mask)
    flat, row = words.reshape(-1), words.shape[1]
    before = last = np.ones(words.shape, np.uint8)
    lower_right = True
    while before.any() or last.any():
        near = cv2.dilate(before | last, np.ones((3, 3), np.uint8)).view(np.bool_)
        places = np.flatnonzero(near & (words != 0))
        old = flat[places]
        new = old & ~_taken(_neighbours(flat, places, row), lower_right)
        flat[places] = new
        changed = np.zeros(words.shape, np.uint8)
        changed.reshape(-1)[places] = new != old
        before, last, lower_right = last, changed, not lower_right
    return _unpacked(words, mask.shape)


def clean(skeleton: Mask) -> Mask:
    """Take the corners from a skeleton: pixels without which its neighbours still hang together.

    Pixels are looked at row by row, and one that is taken is gone for the next; this is repeated until none is taken.
    Ends stay, and so does the middle of a T that lies on its side, but not of an upright one. What thinning would
    have taken stays too, where it only arises here.

    Parameters
    ----------
    skeleton : bool array (H, W)
        What `thin` leaves.

    Returns
    -------
    bool array (H, W)

    References
    ----------
    H.-J. Lee, B. Chen, "Recognition of handwritten Chinese characters via short line segments", Pattern Recognition
    25(5), 1992, pages 543-552: table 1, as the contests' tool has it.
    """
    framed = np.pad(skeleton, 1).astype(np.uint8)
    steps = [row * framed.shape[1] + column for row, column in NEIGHBOURS]
    flat = framed.reshape(-1)
    pixels = np.flatnonzero(flat)
    codes = sum(flat[pixels + step].astype(np.int64) << bit for bit, step in enumerate(steps))
    line = bytearray(flat)
    waiting = pixels[np.array(_CORNERS)[codes]].tolist()
    while waiting:
        waiting = _swept(line, waiting, steps)
    return np.frombuffer(line, np.uint8).reshape(framed.shape)[1:-1, 1:-1] != 0


def _swept(line: bytearray, waiting: list[int], steps: Sequence[int]) -> list[int]:
    """Take corners from `line` in one sweep; return the pixels that the next sweep has to look at, in order."""
    behind = set()
    while waiting:  # sorted, so a heap
        pixel = heappop(waiting)
        code = sum(line[pixel + step] << bit for bit, step in enumerate(steps))
        if line[pixel] and _CORNERS[code]:
            line[pixel] = 0
            for neighbour in (pixel + step for step in steps if line[pixel + step]):
                if neighbour > pixel:
                    heappush(waiting, neighbour)
                else:
                    behind.add(neighbour)
    return sorted(behind)


def _corners() -> list[bool]:
    """Whether a pixel of each of the 256 codes is a corner."""
    codes = np.arange(256, dtype=np.uint64)
    near = [codes >> np.uint64(bit) & np.uint64(1) for bit in range(8)]
    thinned = ((_taken(near, True) | _taken(near, False)) & np.uint64(1)).astype(bool)
    thinned[list(_COLUMNS)] = False
    return [
        _groups(code) == 1 and code.bit_count() >= 2 and code not in _SIDEWAYS and not thinned[code]
        for code in range(256)
    ]


def _groups(code: int) -> int:
    """Groups of neighbours that hang together, straight or aslant; 0 also where all four sides are taken."""
    near = [code >> bit & 1 for bit in range(8)]
    return sum(not near[bit] and (near[bit + 1] or near[(bit + 2) % 8]) for bit in range(0, 8, 2))


def _packed(mask: Mask) -> Words:
    """Pack 64 pixels of a row into each word, the leftmost in the lowest bit, with a frame of empty words."""
    height, width = mask.shape
    columns = -(-width // 64)
    words = np.zeros((height + 2, columns + 2), "<u8")
    bits = np.packbits(mask, axis=1, bitorder="little")
    words.view(np.uint8)[1:-1, 8 : 8 + bits.shape[1]] = bits
    return words


def _unpacked(words: Words, shape: tuple[int, ...]) -> Mask:
    bits = np.ascontiguousarray(words[1:-1, 1:-1]).view(np.uint8)
    return np.unpackbits(bits, axis=1, count=shape[1], bitorder="little").view(np.bool_)


def _neighbours(flat: Words, places: NDArray[np.intp], row: int) -> list[Words]:
    """Words of the eight neighbours of the pixels in the words at `places`, in the order of `NEIGHBOURS`."""
    near = []
    for down, right in NEIGHBOURS:
        here = flat[places + down * row]
        if right > 0:
            here = here >> np.uint64(1) | flat[places + down * row + 1] << np.uint64(63)
        elif right < 0:
            here = here << np.uint64(1) | flat[places + down * row - 1] >> np.uint64(63)
        near.append(here)
    return near


def _taken(near: list[Words], lower_right: bool) -> Words:
    """Pixels with such neighbours as a pass takes, as bits."""
    once, twice, pair, no_gap = (np.full_like(near[0], value) for value in (0, 0, 0, _ALL))
    for bit in range(8):
        this, following = near[bit], near[(bit + 1) % 8]
        both = this & following
        begins = following ^ both  # a group of neighbours begins here
        twice |= once & begins
        once |= begins
        pair |= both
        no_gap &= this | following
    top, right, bottom, left = near[::2]
    inside = right & bottom & (top | left) if lower_right else top & left & (right | bottom)
    # One group, of two neighbours at least, with two free places side by side: so of six at most.
    return once & ~twice & pair & ~no_gap & ~inside


_ALL = np.uint64(2**64 - 1)

_SIDEWAYS = (0b00010101, 0b01010001)
"""Middles of a T on its side: neighbours at top, right and bottom; at top, bottom and left."""

_COLUMNS = (0b00001110, 0b11100000)
"""Three neighbours to the right, or to the left: the only codes that both tables take."""

_CORNERS = _corners()
