"""Each way of storing a map in a TIFF reads as the same values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.io.tiffs import open_map, read_map
from tests.data.io.tiff_maps import DEPTH, unit_vectors

NUMBERS = ["uint8", "uint16", "uint32", "int16", "float16", "float32", "float64"]
COMPRESSIONS = [None, "zlib", "lzw", "zstd", "packbits", "lzma"]


@st.composite
def storages(draw):
    """Options of one way to write a TIFF, and whether its planes lie apart."""
    apart = draw(st.booleans())
    compression = draw(st.sampled_from(COMPRESSIONS))
    options = {
        "compression": compression,
        "predictor": compression in ("zlib", "lzw", "zstd") and draw(st.booleans()),
        "byteorder": draw(st.sampled_from("<>")),
        "bigtiff": draw(st.booleans()),
    }
    if draw(st.booleans()):
        options["tile"] = draw(st.sampled_from([(16, 16), (32, 16)]))
    else:
        options["rowsperstrip"] = draw(st.integers(1, 5))
    return options, apart


def stored_as(values: np.ndarray, number: str) -> np.ndarray:
    """Return [0, 1] in a type's own range, rounded."""
    kind = np.dtype(number)
    return (values * np.iinfo(kind).max).round().astype(kind) if kind.kind in "iu" else values.astype(kind)


def precision(number: str) -> float:
    kind = np.dtype(number)
    return 2 * max(1 / np.iinfo(kind).max if kind.kind in "iu" else float(np.finfo(kind).eps), 2**-23)


class TestEveryWayOfStoring:
    """Values are the same within the type's precision, however they are stored."""

    unshared = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

    @given(storages(), st.sampled_from(NUMBERS), st.integers(0, 99), st.integers(1, 40), st.integers(1, 40))
    @unshared
    def test_one_plane(self, tif, storage, number, seed, height, width):
        values = np.random.default_rng(seed).random((height, width))
        path = tif(stored_as(values, number), photometric="minisblack", **storage[0])
        for channel in ("depth", "albedo", "published_depth"):
            assert_allclose(read_map(path, channel), values[None], atol=precision(number))

    @pytest.mark.slow
    @given(
        storages(), st.sampled_from(NUMBERS), st.booleans(), st.integers(0, 99), st.integers(1, 40), st.integers(1, 40)
    )
    @unshared
    def test_normals(self, tif, storage, number, signed, seed, height, width):
        options, apart = storage
        normals = unit_vectors(seed, height, width)
        if number == "int16":
            stored = (normals * 32767).round().astype(np.int16)
        else:
            signed = signed and number.startswith("float")
            stored = stored_as(normals if signed else (normals + 1) / 2, number)
        layout = {"photometric": "rgb", "planarconfig": "separate" if apart else "contig"}
        path = tif(stored if apart else np.moveaxis(stored, 0, -1), **layout, **options)
        assert_allclose(read_map(path, "normals"), normals, atol=2 * precision(number))

    @given(st.sampled_from(["float16", "float32"]), st.integers(0, 8), st.integers(1, 8))
    @unshared
    def test_rows_are_those_of_the_whole(self, tif, number, start, count):
        path = tif(np.moveaxis(unit_vectors(0, 17, 5), 0, -1).astype(number), photometric="rgb")
        opened = open_map(path, "normals")
        assert opened.shape == (3, 17, 5)
        part = opened.rows(start, start + count)
        assert_array_equal(part, read_map(path, "normals")[:, start : start + count])
        part[:] = 7  # a copy: what was read stays what it was
        assert opened.rows(0, 17).max() <= 1


class TestSamples:
    """The file states how many planes there are; that is never guessed from a side of three pixels."""

    @pytest.mark.parametrize("shape", [(3, 5), (5, 3), (3, 3), (1, 3), (1, 1)])
    @pytest.mark.parametrize("apart", [False, True])
    def test_pictures_of_three_rows_or_columns(self, tif, shape, apart):
        normals = unit_vectors(1, *shape).astype(np.float32)
        layout = {"photometric": "rgb", "planarconfig": "separate" if apart else "contig"}
        path = tif(normals if apart else np.moveaxis(normals, 0, -1), **layout)
        assert_array_equal(read_map(path, "normals"), normals)

    def test_planes_may_be_pages(self, tif):
        normals = unit_vectors(1, 16, 24).astype(np.float32)
        assert_array_equal(read_map(tif(normals, photometric="minisblack"), "normals"), normals)

    @pytest.mark.parametrize("apart", [False, True])
    def test_an_opacity_beside_the_normals_is_left_out(self, tif, apart):
        normals = unit_vectors(1, 16, 24).astype(np.float32)
        with_opacity = np.concatenate([normals, np.ones_like(normals[:1])])
        layout = {
            "photometric": "rgb",
            "planarconfig": "separate" if apart else "contig",
            "extrasamples": ["unassalpha"],
        }
        path = tif(with_opacity if apart else np.moveaxis(with_opacity, 0, -1), **layout)
        assert_array_equal(read_map(path, "normals"), normals)

    def test_an_opacity_beside_the_depth_is_left_out(self, tif):
        two = np.dstack([DEPTH, np.ones_like(DEPTH)])
        path = tif(two, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
        assert_array_equal(read_map(path, "depth"), DEPTH[None])

    def test_four_equal_planes_are_no_normals(self, tif):
        four = np.zeros((16, 24, 4), np.float32)
        with pytest.raises(DataError, match="the normals map has 3"):
            read_map(tif(four, photometric="minisblack", planarconfig="contig"), "normals")


class TestFloatingPointNormals:
    def test_a_flat_plate_is_signed(self, tif):
        flat = np.zeros((16, 24, 3), np.float32)
        flat[..., 2] = 1  # within [0, 1], yet of unit length as it stands
        assert_array_equal(read_map(tif(flat, photometric="rgb"), "normals")[:, 0, 0], [0, 0, 1])

    def test_a_flat_plate_is_halved(self, tif):
        flat = np.full((16, 24, 3), 0.5, np.float32)
        flat[..., 2] = 1
        assert_array_equal(read_map(tif(flat, photometric="rgb"), "normals")[:, 0, 0], [0, 0, 1])

    def test_what_was_not_measured_has_no_say(self, tif):
        normals = np.moveaxis((unit_vectors(3, 16, 24) + 1) / 2, 0, -1).astype(np.float32)
        expected = normals[-1, -1] * 2 - 1
        normals[:8] = np.nan
        normals[8:14] = 0
        assert_allclose(read_map(tif(normals, photometric="rgb"), "normals")[:, -1, -1], expected, atol=1e-6)
