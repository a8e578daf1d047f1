"""Pictures that tests write, down to single chunks of a PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

LINE = np.zeros((16, 24), bool)
LINE[6:9, 3:20] = True


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(depth: int, colour: int, samples: np.ndarray, *between: bytes, size: tuple[int, int] = LINE.shape) -> bytes:
    """Return a PNG of (H, W[, C]) bytes, of any size that its header is to claim."""
    header = struct.pack(">IIBBBBB", size[1], size[0], depth, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    chunks = [chunk(b"IHDR", header), *between, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def saved(path, image, **options):
    """Write an array as pillow stores it, and return the path."""
    Image.fromarray(image).save(path, **options)
    return path
