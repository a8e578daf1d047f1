"""A small fuzz: whatever bytes are changed, a read succeeds or raises DataError, soon and in little memory."""

from __future__ import annotations

import io
import resource
import signal
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from data.errors import DataError
from data.images import read_drawing, read_grey, read_mask, read_picture_header, read_rgb
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
    "OME": {"ome": True, "metadata": {"axes": "YX", "PhysicalSizeX": 25.0}},
    "ImageJ": {"imagej": True, "resolution": (40, 40), "metadata": {"unit": "mm"}},
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


PHOTOGRAPHS: dict[str, dict[str, Any]] = {
    "jpg": {"dpi": (1016, 1016)},
    "gif": {},
    "bmp": {},
    "webp": {"lossless": True},
    "tif": {"compression": "tiff_deflate"},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "animated"),
    [(name, animated) for name in PHOTOGRAPHS for animated in (False, True) if name != "bmp" or not animated],
)
def test_photographs(tmp_path, limits, name, animated):
    exif = Image.Exif()
    exif[274] = 6
    pictures = [Image.fromarray(np.arange(start, 2000 + start).astype(np.uint8).reshape(40, 50)) for start in (0, 9)]
    options = PHOTOGRAPHS[name] | ({"save_all": True, "append_images": pictures[1:]} if animated else {})
    stream = io.BytesIO()
    pictures[0].save(
        stream, {"jpg": "MPO" if animated else "JPEG", "tif": "TIFF"}.get(name, name), exif=exif, **options
    )
    reads = [read_grey, read_rgb, read_drawing, read_mask, read_picture_header]
    assert outcomes(tmp_path / f"p.{name}", stream.getvalue(), reads, seed=4) == {"read", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("first", ["large", "small"])
def test_pyramids(tmp_path, limits, first):
    large = np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32)
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for number, page in enumerate((large, large[::2, ::2]) if first == "large" else (large[::2, ::2], large)):
            writer.write(page, subifds=None if number else 1, tile=(16, 16), compression="zlib")
    reads = [lambda path: read_map(path, "depth"), lambda path: read_header(path, "depth"), read_grey]
    assert outcomes(tmp_path / "map.tif", stream.getvalue(), reads, seed=5) == {"read", "refused"}


def test_a_page_that_lies_below_itself_is_no_endless_tale(tmp_path, limits):
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(np.zeros((40, 50), np.float32), subifds=1)
        writer.write(np.zeros((20, 25), np.float32))
    content = bytearray(stream.getvalue())
    (first,) = struct.unpack_from("<I", content, 4)
    tag = content.index(struct.pack("<HHI", 330, 13, 1), first)
    content[tag + 8 : tag + 12] = struct.pack("<I", first)
    (tmp_path / "map.tif").write_bytes(content)
    assert read_header(tmp_path / "map.tif", "depth").shape == (40, 50)


@pytest.mark.parametrize(("format", "at", "field"), [("GIF", 6, "<HH"), ("BMP", 18, "<II"), ("WEBP", 0, "")])
def test_a_header_that_promises_more_than_its_file_can_hold(tmp_path, limits, format, at, field):
    stream = io.BytesIO()
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(stream, format, lossless=True)
    content = bytearray(stream.getvalue())
    if format == "WEBP":
        at, field, large = content.index(b"VP8L") + 9, "<I", (16383 | 16383 << 14,)  # width and height less one
    else:
        large = (65535, 65535)
    struct.pack_into(field, content, at, *large)
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(DataError, match=r"p: (\d+ bytes cannot hold \d+ x \d+ pixels|damaged \(.* exceeds limit)"):
        read_picture_header(tmp_path / "p")


def test_a_compressed_strip_that_claims_more_than_it_holds(tmp_path, limits):
    content = bytearray(tiff(np.zeros((40, 50), np.float32), compression="zstd"))
    frame = content.index(b"\x28\xb5\x2f\xfd")  # the header of a zstd frame; its fifth byte says where its size stands
    content[frame + 4 : frame + 13] = b"\xe0" + (2**40).to_bytes(8, "little")
    (tmp_path / "map.tif").write_bytes(content)
    with pytest.raises(DataError, match=r"map\.tif: cannot be read as a TIFF") as raised:
        read_map(tmp_path / "map.tif", "depth")
    assert not isinstance(raised.value.__cause__, MemoryError)
