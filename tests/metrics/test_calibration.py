"""What probabilities are worth, on shares that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.calibration import AS_THEY_ARE, Calibration, calibration


def pixels(*groups):
    """Probabilities and truth of (probability, pixels, line pixels)."""
    probability = np.concatenate([np.full(number, value) for value, number, _ in groups])
    truth = np.concatenate([np.arange(number) < line for _, number, line in groups])
    return [probability], [truth]


def test_a_probability_is_worth_the_share_of_line_among_its_pixels():
    fitted = calibration(*pixels((0.1, 10, 2), (0.5, 10, 3), (0.95, 20, 15)))
    np.testing.assert_allclose(fitted.probability, (0.1, 0.5, 0.95))
    np.testing.assert_allclose(fitted.share, (0.2, 0.3, 0.75))


def test_between_entries_it_is_linear_and_beyond_them_held():
    table = Calibration((0.2, 0.6), (0.1, 0.5))
    np.testing.assert_allclose(table(np.array([[0.0, 0.2], [0.3, 1.0]])), [[0.1, 0.1], [0.2, 0.5]])


def test_neighbours_out_of_order_get_their_common_share():
    """8 of 10 and then 2 of 30: together 10 of 40."""
    fitted = calibration(*pixels((0.1, 10, 0), (0.4, 10, 8), (0.6, 30, 2)))
    np.testing.assert_allclose(fitted.share, (0, 0.25, 0.25))


def test_several_drawings_count_as_one():
    probabilities, truths = pixels((0.1, 10, 2), (0.95, 20, 15))
    halves = [probabilities[0][::2], probabilities[0][1::2]], [truths[0][::2], truths[0][1::2]]
    np.testing.assert_allclose(calibration(*halves).share, calibration(probabilities, truths).share)


@pytest.mark.slow
@given(seed=st.integers(0, 1000), power=st.floats(0.3, 3))
def test_what_was_bent_is_straightened(seed, power):
    rng = np.random.default_rng(seed)
    share = rng.random(20_000)
    truth = rng.random(share.shape) < share
    fitted = calibration([share**power], [truth])
    middle = np.linspace(0.1, 0.9, 9)
    assert np.abs(fitted(middle**power) - middle).max() < 0.12


def test_it_rises_and_stays_within_bounds():
    rng = np.random.default_rng(0)
    fitted = calibration([rng.random(500)], [rng.random(500) < 0.5])
    shares = fitted(np.linspace(0, 1, 200))
    assert (np.diff(shares) >= 0).all()
    assert 0 <= shares.min() <= shares.max() <= 1


def test_a_probability_taken_at_its_word():
    np.testing.assert_allclose(AS_THEY_ARE(np.array([0, 0.25, 1])), [0, 0.25, 1])


@pytest.mark.parametrize(
    ("probability", "share"),
    [((), ()), ((0.1, 0.2), (0.5,)), ((0.2, 0.1), (0, 1)), ((0.1, 0.2), (0.6, 0.5)), ((0, 1), (0, 1.5))],
)
def test_no_calibration(probability, share):
    with pytest.raises(ValueError, match=r"rising in \[0, 1\]"):
        Calibration(probability, share)


def test_refusals():
    with pytest.raises(ValueError, match="not a single pixel"):
        calibration([], [])
    with pytest.raises(ValueError, match="the same pixels of both"):
        calibration([np.zeros(3)], [np.zeros(2, bool)])
