"""What the interactive network is shown, and what its answer replaces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.regions import Region
from interaction.changes import View
from interaction.prompts.strokes import Stroke, draw
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from models.encoders import StrokeEncoder, stroke_planes
from models.networks import IN_SESSION
from tests.photograph import Photograph


@pytest.fixture
def photograph():
    return Photograph(np.random.default_rng(0).random((1, 75, 101), dtype=np.float32))


class Recorder:
    def __init__(self):
        self.inputs = []

    def __call__(self, *inputs):
        self.inputs.append(inputs)
        return np.full(inputs[0][:, 0].shape, 0.25, np.float32)


def stroke_at(row, column, sign=1):
    return Stroke(np.array([[row, column], [row, column + 4.0]]), np.array([2.0, 2.0]), sign)


def test_the_refiner_sees_the_patch_of_the_stroke_the_initial_drawing_and_all_strokes(photograph):
    recorder = Recorder()
    initial = np.full(photograph.shape, 0.75, np.float32)
    session = RefinementSession(photograph, initial, NetworkRefiner(recorder, 32, 1.0, StrokeEncoder(32)), scale=1.0)
    session.commit(session.propose([stroke_at(40, 40)])[0])
    session.propose([stroke_at(50, 50, sign=-1)])

    image, shown, added, erased = recorder.inputs[-1]

    np.testing.assert_array_equal(image[0], photograph.planes[:, 32:64, 32:64])
    assert (shown == 0.75).all(), "the network's input stays the initial drawing"
    assert added[0, 0, 40 - 32, 40 - 32] == 1
    assert erased[0, 0, 50 - 32, 50 - 32] == 1


def test_the_answer_replaces_the_patch_and_nothing_else(photograph):
    session = RefinementSession(
        photograph,
        np.full(photograph.shape, 0.75, np.float32),
        NetworkRefiner(Recorder(), 32, 1.0, StrokeEncoder(32)),
        scale=1.0,
    )

    change = session.propose([stroke_at(40, 40)])[0]

    assert change.region == Region(32, 32, 32, 32)
    assert set(np.unique(change.after)) == {0.25, 1.0}


@pytest.mark.parametrize(("point", "corner"), [((70, 98), (43, 69)), ((0, 0), (0, 0)), ((74, 0), (43, 0))])
def test_patches_at_the_border_lie_inside(photograph, point, corner):
    region = NetworkRefiner(Recorder(), 32, 1.0, StrokeEncoder(32)).window([stroke_at(*point)], photograph.shape)

    assert (region.top, region.left, *region.shape) == (*corner, 32, 32)


class TestAroundTheStroke:
    def window(self, point, shape, patch=32):
        return NetworkRefiner(Recorder(), patch, 1.0, StrokeEncoder(patch), around_stroke=True).window(
            [stroke_at(*point)], shape
        )

    def test_the_strokes_centre_is_in_the_middle(self):
        assert self.window((40, 50), (75, 101)) == Region(24, 38, 32, 32), "which begins at column 50 and centres at 54"

    @given(
        st.tuples(st.integers(1, 90), st.integers(1, 90)),
        st.tuples(st.floats(-50, 150), st.floats(-50, 150)),
        st.sampled_from([32, 64]),
    )
    def test_it_lies_inside_the_map_around_the_stroke_as_far_as_the_map_reaches(self, shape, point, patch):
        window = self.window(point, shape, patch)

        corner, end = (window.top, window.left), (window.bottom, window.right)
        for start, stop, side, centre in zip(corner, end, shape, (point[0], point[1] + 4), strict=True):
            assert stop - start == min(patch, side)
            assert 0 <= start <= stop <= side
            middle = int(np.floor(centre + 0.5))
            assert start <= np.clip(middle, 0, side - 1) < stop
            if patch // 2 <= middle <= side - patch // 2:
                assert start == middle - patch // 2

    def test_places_are_those_of_the_model_and_not_of_the_scan(self):
        refiner = NetworkRefiner(Recorder(), 32, 0.5, StrokeEncoder(32), around_stroke=True)

        assert refiner.window([stroke_at(80.5, 96.5)], (75, 101)) == Region(24, 34, 32, 32)

    def test_the_newest_stroke_counts(self):
        refiner = NetworkRefiner(Recorder(), 32, 1.0, StrokeEncoder(32), around_stroke=True)

        assert refiner.window([stroke_at(20, 20), stroke_at(50, 50)], (75, 101)).top == 34

    def test_the_answer_replaces_that_window_and_nothing_else(self, photograph):
        initial = np.full(photograph.shape, 0.75, np.float32)
        refiner = NetworkRefiner(recorder := Recorder(), 32, 1.0, StrokeEncoder(32), around_stroke=True)
        session = RefinementSession(photograph, initial, refiner, scale=1.0)

        session.commit(session.propose([stroke_at(40, 50)])[0])

        np.testing.assert_array_equal(recorder.inputs[-1][0][0], photograph.planes[:, 24:56, 38:70])
        changed = np.argwhere(session.current != initial)
        assert (changed.min(axis=0).tolist(), changed.max(axis=0).tolist()) == ([24, 38], [55, 69])

    def test_a_map_smaller_than_the_patch_is_seen_whole_and_answered_whole(self):
        photograph = Photograph(np.random.default_rng(0).random((1, 20, 90), dtype=np.float32))
        initial = np.full(photograph.shape, 0.75, np.float32)
        refiner = NetworkRefiner(recorder := Recorder(), 32, 1.0, StrokeEncoder(32, IN_SESSION), around_stroke=True)
        session = RefinementSession(photograph, initial, refiner, scale=1.0)

        change = session.propose([stroke_at(19, 86)])[0]

        assert change.region == Region(0, 58, 20, 32)
        assert {planes.shape for planes in recorder.inputs[-1]} == {(1, 1, 32, 32)}
        image, *drawn = (planes[0, 0] for planes in recorder.inputs[-1])
        np.testing.assert_array_equal(image[:20], photograph.planes[0, :, 58:])

        assert (image[20:] == image[19]).all()
        shown = dict(zip(IN_SESSION, drawn, strict=True))
        assert {name for name, plane in shown.items() if plane[19].any()} == {"initial", "current", "added", "newest"}
        assert not any(plane[20:].any() for plane in drawn), "beyond the rim there is nothing, as in training"


class TestWhatANetworkIsShown:
    STROKES = (stroke_at(4, 4), stroke_at(8, 4, sign=-1), stroke_at(8, 6), stroke_at(4, 6, sign=-1))

    def view(self, *strokes):
        rng = np.random.default_rng(0)
        image, initial, current = rng.random((1, 16, 16)), rng.random((16, 16)), rng.random((16, 16))
        return View(image.astype(np.float32), initial, current, strokes, Region(0, 0, 16, 16), 1.0)

    def test_drawings_all_strokes_and_the_newest_one(self):
        view = self.view(*self.STROKES)
        marks = [draw(stroke, view.region, 1.0) for stroke in self.STROKES]

        planes = stroke_planes(view)

        np.testing.assert_array_equal(planes["initial"][0], view.initial.astype(np.float32))
        np.testing.assert_array_equal(planes["current"][0], view.current.astype(np.float32))
        np.testing.assert_array_equal(planes["added"][0], ((marks[0] & ~marks[1]) | marks[2]) & ~marks[3])
        np.testing.assert_array_equal(planes["erased"][0], (marks[1] & ~marks[2]) | marks[3])
        np.testing.assert_array_equal(planes["newest"][0], -1.0 * marks[3])
        assert {(plane.dtype, plane.shape) for plane in planes.values()} == {(np.dtype(np.float32), (1, 16, 16))}

    def test_a_newest_stroke_that_adds_is_positive(self):
        planes = stroke_planes(self.view(*self.STROKES[:3]))

        assert set(np.unique(planes["newest"])) == {0, 1}

    @pytest.mark.parametrize("inputs", [("initial", "added", "erased"), IN_SESSION, ("newest",), ()])
    def test_the_image_and_what_it_takes_besides_in_that_order(self, inputs):
        views = [self.view(self.STROKES[0]), self.view(*self.STROKES)]
        recorder = Recorder()

        NetworkRefiner(recorder, 16, 1.0, StrokeEncoder(16, inputs)).refine(views)

        (shown,) = recorder.inputs
        assert len(shown) == 1 + len(inputs)
        for view, sample in zip(views, zip(*shown, strict=True), strict=True):
            expected = [view.image, *(stroke_planes(view)[name] for name in inputs)]
            for plane, wanted in zip(sample, expected, strict=True):
                np.testing.assert_array_equal(plane, wanted)
