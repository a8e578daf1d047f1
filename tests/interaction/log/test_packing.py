"""Packing: exact to the bit, and nothing damaged or hostile is believed."""

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from data.errors import DataError
from data.regions import Region
from interaction.log.packing import (
    pack_drawing,
    pack_line,
    pack_step,
    unpack_drawing,
    unpack_line,
    unpack_pixels,
)
from interaction.steps import Pixels, Step
from tests.simulation.fakes import stroke_at

STROKE = stroke_at([(3, 4), (5, 8)])
REGION = Region(2, 3, 6, 8)


def floats(shape):
    """Any floats there are, with signs of zero and the bits of NaN."""
    return arrays(np.uint32, shape).map(lambda bits: bits.view(np.float32))


def bits(values):
    return values.view(np.uint32)


def step_of(where, before, after):
    pixels = Pixels(where, before, after)
    return Step(STROKE, REGION, False, lambda: pixels)


@st.composite
def steps(draw, region=REGION):
    pixels = region.height * region.width
    where = np.flatnonzero(draw(arrays(bool, pixels))).astype(np.int32)
    return step_of(where, draw(floats(len(where))), draw(floats(len(where))))


class TestExactly:
    @given(array_shapes(min_dims=2, max_dims=2, max_side=9).flatmap(floats))
    def test_drawings(self, drawing):
        found = unpack_drawing(pack_drawing(drawing), drawing.shape)
        assert found.flags.writeable
        assert_array_equal(bits(found), bits(drawing))

    def test_a_part_of_a_drawing(self):
        drawing = np.random.default_rng(0).random((9, 9), dtype=np.float32)
        assert_array_equal(unpack_drawing(pack_drawing(drawing[2:5, 1:8]), (3, 7)), drawing[2:5, 1:8])

    @given(steps())
    def test_steps(self, step):
        found = unpack_pixels(pack_step(step), REGION)
        assert_array_equal(found.where, step.pixels.where)
        assert found.where.dtype == np.int32
        for name in ("before", "after"):
            assert_array_equal(bits(getattr(found, name)), bits(getattr(step.pixels, name)))

    @given(array_shapes(min_dims=2, max_dims=2, max_side=9).flatmap(lambda shape: st.tuples(*[floats(shape)] * 2)))
    def test_differences(self, drawings):
        drawing, earlier = drawings
        before = earlier.copy()
        found = unpack_drawing(pack_drawing(drawing, earlier), drawing.shape, earlier)
        assert_array_equal(bits(found), bits(drawing))
        assert_array_equal(bits(earlier), bits(before))

    def test_little_changed_is_little_to_keep(self):
        earlier = np.random.default_rng(0).random((500, 500), dtype=np.float32)
        drawing = earlier.copy()
        drawing[100:110, 200:220] = 1
        assert len(pack_drawing(drawing, earlier)) < len(pack_drawing(drawing)) / 50


def packed(count, *planes):
    """A blob made by hand."""
    parts = [zlib.compress(plane) for plane in planes]
    return struct.pack("<I", count) + b"".join(struct.pack("<I", len(part)) + part for part in parts)


def planes_of(columns):
    return [np.array(column, "<u4").view(np.uint8)[byte::4].tobytes() for column in columns for byte in range(4)]


BOMBS = {count: packed(count, *[bytes(10_000_000)] * 12) for count in (48, 100_000_000, 2**32 - 1)}
READERS = {
    "drawing": lambda blob: unpack_drawing(blob, (6, 8)),
    "step": lambda blob: unpack_pixels(blob, REGION),
    "difference": lambda blob: unpack_drawing(blob, (6, 8), np.ones((6, 8), np.float32)),
}


def arrays_of(found):
    return (found.where, found.before, found.after) if isinstance(found, Pixels) else (found,)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
class TestRefused:
    @given(blob=st.binary(max_size=200))
    def test_any_bytes(self, read, blob):
        with pytest.raises(DataError, match="damaged"):
            read(blob)

    @pytest.mark.slow
    @given(data=st.data())
    def test_any_damage_that_changes_a_pixel(self, read, data):
        drawing = np.random.default_rng(0).random((6, 8), dtype=np.float32)
        where = np.arange(48, dtype=np.int32)
        good = {
            READERS["drawing"]: pack_drawing(drawing),
            READERS["step"]: pack_step(step_of(where, drawing.ravel(), drawing.ravel())),
            READERS["difference"]: pack_drawing(drawing, drawing - 1),
        }[read]
        damaged = bytearray(good)
        place = data.draw(st.integers(0, len(good) - 1))
        if data.draw(st.booleans()):
            damaged[place] ^= data.draw(st.integers(1, 255))
        else:
            del damaged[place:]
        try:
            found = read(bytes(damaged))
        except DataError:
            return
        assert len(damaged) == len(good)  # a bit between two blocks, which says nothing
        for one, other in zip(arrays_of(found), arrays_of(read(good)), strict=True):
            assert_array_equal(bits(one), bits(other))

    def test_most_damage(self, read):
        good = pack_drawing(np.random.default_rng(0).random((6, 8), dtype=np.float32))
        for place in range(len(good)):
            damaged = bytearray(good)
            damaged[place] ^= 0xFF
            with pytest.raises(DataError, match="damaged"):
                read(bytes(damaged))

    def test_more_behind_its_end(self, read):
        count, columns = {READERS["drawing"]: (48, 1), READERS["step"]: (2, 3), READERS["difference"]: (48, 1)}[read]
        good = packed(count, *planes_of([[1] * count] * columns))
        read(good)
        with pytest.raises(DataError, match="damaged"):
            read(good + b"!")

    @pytest.mark.parametrize("count", BOMBS)
    def test_a_bomb_costs_no_memory(self, read, count):
        bomb = BOMBS[count]
        tracemalloc.start()
        with pytest.raises(DataError, match="damaged"):
            read(bomb)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000


@pytest.mark.parametrize("ways", [[48], [47, 1], [2**32 - 1], [2**31, 2**31], [3, 0], [5, 2**32 - 1]])
def test_places_out_of_bounds_or_out_of_turn_are_refused(ways):
    with pytest.raises(DataError, match="outside"):
        unpack_pixels(packed(len(ways), *planes_of([ways] * 3)), REGION)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (256, 256)])
def test_a_line_comes_out_as_it_went_in(shape):
    line = np.random.default_rng(0).random(shape) < 0.3
    assert_array_equal(unpack_line(pack_line(line), shape), line)


def test_a_line_of_another_shape_or_damaged_is_refused():
    good = pack_line(np.ones((16, 16), bool))
    for blob, shape in (
        (good, (16, 32)),
        (good, (8, 8)),
        (good[:-1], (16, 16)),
        (b"", (16, 16)),
        (b"?" * 20, (16, 16)),
    ):
        with pytest.raises(DataError, match="damaged"):
            unpack_line(blob, shape)
