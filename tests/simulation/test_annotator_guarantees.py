"""What holds for every simulated user on every drawing, and what for all but those with an unsteady hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.ndimage import distance_transform_edt, label
from skimage.morphology import skeletonize

from data.regions import to_scale
from interaction.prompts.strokes import ADD, ERASE
from simulation.annotators import ANNOTATORS, annotator_named
from simulation.simulated_user import History
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import SCALE, THIN, drawn, scene

EXAMPLES = 40  # of each guarantee for each user
LENGTHS = {"short": 4, "long": 33, "human": 256}  # of others, the brush's 11
brushes = st.sampled_from([MIRROR_BRUSH, THIN])
everyone = pytest.mark.parametrize("name", ANNOTATORS)
THINNING = ("human", "rims-first")
UNSTEADY = ("unsteady", "human")
all_but_unsteady = pytest.mark.parametrize("name", [name for name in ANNOTATORS if name not in UNSTEADY])


@st.composite
def places(draw):
    """Drawings and truths: lines with errors; noise, in which skeletons are odd; either of them empty or right."""
    seed = draw(st.integers(0, 100_000))
    drawing, truth = scene(seed, (48, 56))
    if draw(st.booleans()):
        chance, (one, other) = np.random.default_rng(seed), draw(st.tuples(*[st.sampled_from([0, 0.03, 0.3, 0.9])] * 2))
        drawing, truth = chance.random((20, 26)) < one, chance.random((20, 26)) < other
    return draw(st.sampled_from([(drawing, truth)] * 4 + [(drawing, truth & drawing), (drawing & truth, truth)]))


def ask(name, brush, drawing, truth, seed):
    """Let somebody make a stroke; whoever peeks is told that strokes do what they say, no more."""

    def preview(strokes):
        marks = [(drawn(stroke, truth.shape), stroke.sign) for stroke in strokes]
        return [drawing | mark if sign == ADD else drawing & ~mark for mark, sign in marks]

    return annotator_named(name, brush)(drawing, truth, History((), preview), np.random.default_rng(seed))


def correctable(drawing, truth, brush):
    """Whether true centre line is missing, or drawn centre line lies off the truth and far from its centre line."""
    centre = skeletonize(truth)
    far = distance_transform_edt(~centre) > brush.margin if centre.any() else np.ones(truth.shape, bool)
    return bool((centre & ~drawing).any() or (skeletonize(drawing) & ~truth & far).any())


def assert_thins(stroke, drawing, truth):
    """Check that a stroke erases what is drawn two pixels or more beside the truth, and touches none of it."""
    assert stroke.sign == ERASE
    assert not (drawn(stroke, truth.shape) & truth).any()
    path = tuple(points(stroke).astype(int).T)
    assert drawing[path].all()
    assert (distance_transform_edt(~truth)[path] >= 2).all()


def points(stroke):
    return to_scale(stroke.path_px, SCALE)


@pytest.mark.slow
@everyone
@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_there_is_a_stroke_exactly_where_there_is_something_to_correct(name, place, brush):
    stroke = ask(name, brush, *place, seed=0)
    if name in THINNING and stroke is not None and not correctable(*place, brush):
        assert_thins(stroke, *place)
    else:
        assert (stroke is not None) == correctable(*place, brush)


@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_with_rims_users_go_on_with_strokes_that_only_thin(place, brush):
    with_rims, without = (ask(name, brush, *place, seed=0) for name in ("longer+rim", "longer"))
    if without is None and with_rims is not None:
        assert_thins(with_rims, *place)
    else:
        assert (with_rims and with_rims.to_json()) == (without and without.to_json())


@all_but_unsteady
@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_every_point_lies_on_an_error_of_the_strokes_kind(name, place, brush):
    drawing, truth = place
    if stroke := ask(name, brush, drawing, truth, seed=0):
        path = points(stroke)
        assert_array_equal(path, path.round())
        error = truth & ~drawing if stroke.sign == ADD else drawing & ~truth
        assert error[tuple(path.astype(int).T)].all()


@all_but_unsteady
@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_an_erase_stroke_touches_no_true_line(name, place, brush):
    drawing, truth = place
    stroke = ask(name, brush, drawing, truth, seed=0)
    if stroke and stroke.sign == ERASE:
        assert not (drawn(stroke, truth.shape) & truth).any()


@everyone
@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_a_stroke_is_one_piece_within_the_map_and_its_length(name, place, brush):
    drawing, truth = place
    if stroke := ask(name, brush, drawing, truth, seed=0):
        path = points(stroke)
        assert ((path >= 0) & (path <= np.array(truth.shape) - 1)).all()
        assert label(drawn(stroke, truth.shape), np.ones((3, 3)))[1] == 1
        assert len(path) <= LENGTHS.get(name, 11) + 2 * (name == "unsteady")
        if name not in UNSTEADY:
            steps = np.abs(np.diff(path, axis=0)).max(axis=1, initial=0)
            assert (steps == 1).all() or len(path) == 1
            assert len(np.unique(path, axis=0)) == len(path)


@everyone
@given(places(), brushes)
@settings(max_examples=EXAMPLES)
def test_the_same_generator_makes_the_same_stroke_and_the_maps_stay_as_they_are(name, place, brush):
    before = [mask.copy() for mask in place]
    one, other = (ask(name, brush, *place, seed=5) for _ in range(2))
    assert (one and one.to_json()) == (other and other.to_json())
    assert_array_equal(place[0], before[0])
    assert_array_equal(place[1], before[1])


@everyone
def test_another_generator_makes_another_stroke(name):
    place = scene(3, (64, 64))
    assert len({str(ask(name, THIN, *place, seed).to_json()) for seed in range(8)}) > 1
