"""A scan as tiles of several sizes, so that a browser loads what it shows and no more.

The last level is the scan at its own size; each other one is half of the next, down to a level of one tile. Tiles are
``TILE`` pixels wide and high without overlap, smaller at the right and lower edges.

All tiles of a layer are in one file, one behind the other, with an index at its end. A mirror of full size has about
1,300 tiles a layer. As single files they would take longer to write, copy and remove than to compute, and a missing one
would go unnoticed. The file gets its name when it is complete. So a killed process leaves no half pyramid, two
processes at once do no harm, and all tiles that are read are of one scan::

    ANNOTATIONS/<VIEW>/tiles/<layer>.tiles
        tiles    JPEG or PNG, as they came
        index    JSON: what the tiles are of ("about"), and start and length of each ("places"): levels from the
                 smallest, rows from the top, columns from the left
        tail     length of the index in 8 bytes, then MAGIC
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.images.layers import QUALITY, Stored, encode_tile, scan_rows, source_of, tiled_layers
from data.io.files import whole_file
from data.preparing.streaming_statistics import strips
from data.regions import Shape, shape_of
from data.storage import PreparedView

TILE = 256  # pixels, both sides
FORMAT = 1  # of the files; tiles of another one are made anew
MAGIC = b"retrace-tiles\r\n\x1a"
ENCODERS = 2  # threads beside the one that reads and halves, which has less to do

_TAIL_BYTES = 8 + len(MAGIC)
_making = Lock()  # a process makes one pyramid at a time: memory stays bounded, and threads share the file aside

Progress = Callable[[float], None]  # called with shares in [0, 1] that never fall


def levels(shape: Shape) -> int:
    """Return how many levels a scan of that shape has: level 0 is one tile or less, the last is the scan."""
    count = 1
    while max(level_shape(shape, 0, count)) > TILE:
        count += 1
    return count


def level_shape(shape: Shape, level: int, count: int) -> Shape:
    """Return rows and columns of a level, of ``count``: the scan's, halved and rounded up again and again."""
    height, width = (-(-length // 2 ** (count - 1 - level)) for length in shape)
    return height, width


class Pyramid:
    """The tiles of a view's layers, made once; may be asked from any number of threads, also while they are made.

    Parameters
    ----------
    view : the scan
    folder : where the files lie, ``ANNOTATIONS/<VIEW>/tiles``

    Attributes
    ----------
    layers : those that have tiles, as ``tiled_layers``
    levels : how many there are
    version : of the scan and the way of making tiles, hexadecimal; addresses with it in them may be kept for ever
    """

    def __init__(self, view: PreparedView, folder: Path) -> None:
        self.view, self.folder = view, folder
        self.layers, self.levels = tuple(tiled_layers(view)), levels(view.shape)
        self._abouts = {layer: _about(view, layer) for layer in self.layers}
        self.version = hashlib.sha256(json.dumps(self._abouts, sort_keys=True).encode()).hexdigest()
        self._grids = [_grid(view.shape, level, self.levels) for level in range(self.levels)]
        self._indices: dict[str, _Index] = {}

    @property
    def ready(self) -> bool:
        """Whether all layers are there, made from this scan as it is."""
        return all(self._is_made(layer) for layer in self.layers)

    def make(self, progress: Progress) -> None:
        """Make the layers that are not there, or are of another scan; each is kept as soon as it is whole.

        It takes the scan in bands of ``TILE`` rows: tens of megabytes, whatever its size.

        Parameters
        ----------
        progress : called from this thread, the last time with 1

        Raises
        ------
        DataError, OSError
            If the scan cannot be read, or the folder not written. Layers that were whole are kept.
        """
        with _making:
            missing = [layer for layer in self.layers if not self._is_made(layer)]
            for number, layer in enumerate(missing):
                _write(self._path(layer), self.view, layer, partial(_share_of, progress, number, len(missing)))
        progress(1.0)

    def tile(self, layer: str, level: int, column: int, row: int) -> bytes:
        """Return a tile, encoded as ``media_type(layer)`` says.

        Raises
        ------
        AnnotateError
            If there is no such layer, level or place, or the layer's tiles are not made of this scan.
        """
        if layer not in self.layers:
            raise AnnotateError(f"{self.view.name}: no layer {layer!r}; there are: {', '.join(self.layers) or 'none'}")
        number = self._number(level, column, row)
        path = self._path(layer)
        try:
            with path.open("rb", buffering=0) as file:
                index = self._index(layer, file)
                if index is not None:
                    start, length = (int(value) for value in index.places[number])
                    return _read_at(file, start, length)
        except FileNotFoundError:
            pass
        raise AnnotateError(f"{path}: the tiles of this scan are not made yet, or not to the end; make them first")

    def _is_made(self, layer: str) -> bool:
        try:
            with self._path(layer).open("rb", buffering=0) as file:
                return self._index(layer, file) is not None
        except FileNotFoundError:
            return False

    def _index(self, layer: str, file: IO[bytes]) -> _Index | None:
        """Return the index of an open file, read once a file; None if it is not whole, or of another scan."""
        index, stamp = self._indices.get(layer), _stamp(file)
        if index is None or index.stamp != stamp:
            index = _read_index(file, stamp, self._abouts[layer], _tiles_in(self._grids))
            if index is not None:
                self._indices[layer] = index
        return index

    def _number(self, level: int, column: int, row: int) -> int:
        """Return the place of a tile in the index."""
        if not 0 <= level < self.levels:
            raise AnnotateError(f"{self.view.name}: no level {level} of tiles; there are 0 to {self.levels - 1}")
        rows, columns = self._grids[level]
        if not (0 <= column < columns and 0 <= row < rows):
            raise AnnotateError(
                f"{self.view.name}: no tile in column {column}, row {row}; level {level} has {columns} columns "
                f"and {rows} rows, counted from 0"
            )
        return _tiles_in(self._grids[:level]) + row * columns + column

    def _path(self, layer: str) -> Path:
        return self.folder / f"{layer}.tiles"


@dataclass(frozen=True, eq=False)
class _Index:
    stamp: tuple[int, ...]  # of the file that it was read from
    places: NDArray[np.int64]  # (tiles, 2): start and length, in bytes


def _about(view: PreparedView, layer: str) -> dict[str, Any]:
    """Return all that a layer's tiles depend on."""
    source = source_of(view, layer)
    return {"format": FORMAT, "layer": layer, "source": source, "shape": [*view.shape], "tile": TILE, "jpeg": QUALITY}


def _grid(shape: Shape, level: int, count: int) -> tuple[int, int]:
    """Return rows and columns of tiles of a level, of ``count``."""
    height, width = level_shape(shape, level, count)
    return -(-height // TILE), -(-width // TILE)


def _tiles_in(grids: Sequence[tuple[int, int]]) -> int:
    return sum(rows * columns for rows, columns in grids)


def _write(path: Path, view: PreparedView, layer: str, progress: Progress) -> None:
    """Write a layer's file: tiles as they come, then the index."""
    shape, count = view.shape, levels(view.shape)
    places: dict[tuple[int, int, int], tuple[int, int]] = {}
    with whole_file(path) as file, ThreadPoolExecutor(ENCODERS) as pool:
        for level, row, tiles in _encoded(layer, _rows_of_tiles(view, layer), pool):
            for column, tile in enumerate(tiles):
                places[level, row, column] = file.tell(), file.write(tile)
            if level == count - 1:
                progress((row + 1) / _grid(shape, level, count)[0])
        index = {"about": _about(view, layer), "places": [places[key] for key in sorted(places)]}
        content = json.dumps(index).encode()
        file.write(content + len(content).to_bytes(8) + MAGIC)


def _rows_of_tiles(view: PreparedView, layer: str) -> Iterator[tuple[int, int, Stored]]:
    """Yield level, row and pixels (C, h, W) of each row of tiles of all levels, in one walk through the scan.

    A row of tiles, halved, is the upper or the lower half of one of the level below: the upper waits for the lower.
    """
    waiting: dict[int, Stored] = {}
    height, _ = view.shape
    for row, (top, bottom) in enumerate(strips(height, TILE)):
        band = scan_rows(view, layer, top, bottom)
        for level in reversed(range(levels(view.shape))):
            yield level, row, band
            band = _halved(band)
            if row % 2 == 0 and bottom < height:
                waiting[level] = band
                break
            if row % 2:
                band = np.concatenate([waiting.pop(level), band], axis=1)
            row //= 2


def _halved(planes: Stored) -> Stored:
    """Average 2 x 2 pixels; of an odd size the last row or column stands twice. In 16 bits, so that no level drifts."""
    height, width = shape_of(planes)
    even = [cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE) for plane in planes]
    size = (width + 1) // 2, (height + 1) // 2
    return np.stack([np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint16) for plane in even])


def _encoded(
    layer: str, bands: Iterable[tuple[int, int, Stored]], pool: ThreadPoolExecutor
) -> Iterator[tuple[int, int, list[bytes]]]:
    """Encode rows of tiles, a few ahead, and yield them in their order."""
    ahead: deque[tuple[int, int, Future[list[bytes]]]] = deque()
    for level, row, band in bands:
        ahead.append((level, row, pool.submit(_row_encoded, layer, band)))
        if len(ahead) > 2 * ENCODERS:
            first, place, tiles = ahead.popleft()
            yield first, place, tiles.result()
    for level, row, tiles in ahead:
        yield level, row, tiles.result()


def _row_encoded(layer: str, band: Stored) -> list[bytes]:
    return [encode_tile(layer, band[:, :, left:right]) for left, right in strips(band.shape[2], TILE)]


def _read_index(file: IO[bytes], stamp: tuple[int, ...], about: dict[str, Any], count: int) -> _Index | None:
    """Read the index of an open file; None if it is cut short, or not of ``count`` tiles of what ``about`` says."""
    size = os.fstat(file.fileno()).st_size
    tail = _read_at(file, max(0, size - _TAIL_BYTES), _TAIL_BYTES)
    length = int.from_bytes(tail[:8])
    if not tail.endswith(MAGIC) or len(tail) < _TAIL_BYTES or length > size - _TAIL_BYTES:
        return None
    start = size - _TAIL_BYTES - length
    try:
        index = json.loads(_read_at(file, start, length))
        places = np.array(index["places"], np.int64)
        found = index["about"]
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    inside = places.shape == (count, 2) and ((places >= 0) & (places <= start)).all()
    if found != about or not inside or (places.sum(axis=1) > start).any():
        return None
    return _Index(stamp, places)


def _read_at(file: IO[bytes], start: int, length: int) -> bytes:
    file.seek(start)  # each thread has opened its own; Windows has no ``pread``
    return file.read(length)


def _stamp(file: IO[bytes]) -> tuple[int, ...]:
    """Return values that differ once a file is replaced by another."""
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _share_of(progress: Progress, number: int, count: int, share: float) -> None:
    """Report the progress of one of ``count`` parts as that of the whole."""
    progress((number + share) / count)
