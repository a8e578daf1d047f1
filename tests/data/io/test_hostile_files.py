"""A small fuzz: whatever bytes are changed, a read succeeds or raises DataError, soon and in little memory."""

from __future__ import annotations

import io
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile

from data.errors import DataError
from data.images import read_drawing, read_grey, read_mask, read_picture_header
from data.io.tiffs import encoding, pixels_per_mm, read_header, read_map

CASES = 120  # a kind of file
HEADER = 400  # bytes at either end, where headers lie and half of the changes fall
LIMIT_BYTES = 2**30  # that reading may add to the process
LIMIT_S = 60

TIFFS = {
    "zlib": {"compression": "zlib", "predictor": True, "resolution": (1016, 1016)},
    "tiled lzw": {"compression": "lzw", "tile": (16, 16)},
    "zstd strips": {"compression": "zstd", "rowsperstrip": 7},
    "big": {"bigtiff": True},
    "big-endian": {"byteorder": ">", "compression": "packbits"},
}
EXTREMES = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x80", b"\xff\xff\xff\x7f", b"\0\0\1\0"]


@pytest.fixture
def limits():
    """Memory and time beyond which reading a small file has failed."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else None
    before = resource.getrlimit(resource.RLIMIT_AS)
    if pages is not None:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + LIMIT_BYTES, before[1]))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, before)


def harmed(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a file cut short, or with a few bytes changed, put in, or set to what counters run over at."""
    kind = rng.choice(["cut", "change", "insert", "extreme"])
    if kind == "cut":
        return content[: rng.integers(len(content))]
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(min(HEADER, len(damaged))))
        at = at if rng.random() < 0.5 else len(damaged) - 1 - at
        if kind == "change":
            damaged[at] = int(rng.integers(256))
        elif kind == "insert":
            damaged[at:at] = rng.bytes(int(rng.integers(1, 9)))
        else:
            damaged[at : at + 4] = EXTREMES[rng.integers(len(EXTREMES))]
    return bytes(damaged)


def outcomes(path: Path, content: bytes, reads: list[Callable[[Path], object]], seed: int) -> set[str]:
    """Read damaged copies of a file; every error but a DataError that names it goes up, and so does lack of memory."""
    rng = np.random.default_rng(seed)
    outcome = set()
    for _ in range(CASES):
        path.write_bytes(harmed(content, rng))
        for read in reads:
            try:
                read(path)
                outcome.add("read")
            except DataError as error:
                if str(path) not in str(error) or "memory" in f"{error} {error.__cause__!r}".lower():
                    raise
                outcome.add("refused")
    return outcome


def tiff(array: np.ndarray, **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("options", TIFFS.values(), ids=TIFFS.keys())
def test_depth(tmp_path, limits, options):
    content = tiff(np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32), **options)
    reads = [lambda path: read_map(path, "depth"), lambda path: read_header(path, "depth"), pixels_per_mm, encoding]
    assert outcomes(tmp_path / "map.tif", content, reads, seed=1) == {"read", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("planes", ["separate", "contig"])
def test_normals(tmp_path, limits, planes):
    shape = (3, 40, 50) if planes == "separate" else (40, 50, 3)
    words = np.random.default_rng(0).integers(0, 65535, shape).astype(np.uint16)
    content = tiff(words, photometric="rgb", planarconfig=planes, compression="zlib")
    reads = [lambda path: read_map(path, "normals"), lambda path: read_header(path, "normals")]
    assert outcomes(tmp_path / "map.tif", content, reads, seed=2) == {"read", "refused"}


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures(tmp_path, limits, channels):
    image = np.zeros((40, 50, channels), np.uint8)
    image[5:9] = 255
    content = cv2.imencode(".png", image)[1].tobytes()
    reads = [read_drawing, read_mask, read_grey, read_picture_header]
    (tmp_path / "d.png").write_bytes(content)
    for read in reads:
        read(tmp_path / "d.png")
    assert "refused" in outcomes(tmp_path / "d.png", content, reads, seed=3)


def test_photographs(tmp_path, limits):
    content = cv2.imencode(".jpg", np.arange(2000, dtype=np.uint8).reshape(40, 50))[1].tobytes()
    assert outcomes(tmp_path / "p.jpg", content, [read_grey], seed=4) == {"read", "refused"}


def test_a_compressed_strip_that_claims_more_than_it_holds(tmp_path, limits):
    content = bytearray(tiff(np.zeros((40, 50), np.float32), compression="zstd"))
    frame = content.index(b"\x28\xb5\x2f\xfd")  # the header of a zstd frame; its fifth byte says where its size stands
    content[frame + 4 : frame + 13] = b"\xe0" + (2**40).to_bytes(8, "little")
    (tmp_path / "map.tif").write_bytes(content)
    with pytest.raises(DataError, match=r"map\.tif: cannot be read as a TIFF") as raised:
        read_map(tmp_path / "map.tif", "depth")
    assert not isinstance(raised.value.__cause__, MemoryError)
