"""The pFM to expect without a truth, worked out by hand."""

import numpy as np
import pytest

from metrics import pfm
from metrics.expected import EVIDENCE, WIDTH, expected_astray, expected_counts, expected_pfm, expected_wrong


def test_counts_by_hand():
    """A line of four pixels, two of them drawn, and a drawn pixel beyond that is hardly line."""
    share = np.zeros((5, 8))
    share[2, 1:5] = (1.0, 0.75, 0.5, 0.25)
    share[4, 7] = 0.125
    drawing = np.zeros(share.shape, bool)
    drawing[2, 1:3] = drawing[4, 7] = True
    np.testing.assert_allclose(expected_counts(share, drawing), [3, 1.875, 2.5, 1.75])


def test_pfm_by_hand():
    """Alone, with nothing from the mirror: precision 0.8 and pseudo-recall 0.5."""
    (found,) = expected_pfm(np.array([[100.0, 80, 20, 10]]), evidence=0)
    assert found == pytest.approx(2 * 0.8 * 0.5 / 1.3)


def test_a_mirror_of_one_patch_is_its_own_mean():
    counts = np.array([[100.0, 80, 20, 10]])
    np.testing.assert_allclose(expected_pfm(counts), expected_pfm(counts, evidence=0))


def test_a_little_line_is_mixed_with_the_mirrors_mean():
    large, little = [940.0, 700, 150, 100], [60.0, 50, 50, 20]
    precision = (50 + WIDTH * EVIDENCE * 750 / 1000) / (60 + WIDTH * EVIDENCE)
    recall = (20 + EVIDENCE * 120 / 200) / (50 + EVIDENCE)
    found = expected_pfm(np.array([large, little]))
    assert found[1] == pytest.approx(2 * precision * recall / (precision + recall))


def test_where_everything_is_certain_it_is_the_pfm():
    truth, drawing = np.zeros((2, 20, 30), bool)
    truth[8:13, 2:25], drawing[7:12, 6:29] = True, True
    (found,) = expected_pfm(expected_counts(truth.astype(float), drawing)[None], evidence=0)
    assert found == pytest.approx(pfm(drawing, truth))


def test_an_empty_patch_is_all_right():
    empty, full = expected_counts(np.zeros((8, 8)), np.zeros((8, 8), bool)), [100, 80, 20, 10]
    assert expected_pfm(np.array([empty, full]))[0] == 1
    assert expected_pfm(np.array([empty, empty])).tolist() == [1, 1]


def test_a_line_that_nobody_drew_is_all_wrong():
    assert expected_pfm(np.array([[0.0, 0, 20, 0]]), evidence=0).tolist() == [0]
    assert expected_pfm(np.array([[0.0, 0, 20, 0], [0, 0, 2, 0]])).tolist() == [0, 0]


def test_size_alone_moves_no_patch():
    """Patches of the mirror's own quality, from one pixel to many: one estimate for all."""
    sizes = np.array([1.0, 3, 10, 100, 1000, 10_000])
    found = expected_pfm(sizes[:, None] * np.array([6, 4.8, 1, 0.6]))
    np.testing.assert_allclose(found, found[0])


def test_the_smallest_patch_is_neither_first_nor_last():
    """Two pixels, as bad or as good as can be, beside a bad and a good patch with much line."""
    bad, good = [1000.0, 300, 200, 60], [1000.0, 980, 200, 196]
    for worst_or_best in ([2.0, 0.1, 0.5, 0.01], [2.0, 2, 0.5, 0.5]):
        found = expected_pfm(np.array([bad, worst_or_best, good]))
        assert found[0] < found[1] < found[2]


def test_mean_estimates_do_not_depend_on_size():
    """Many patches of one quality, whose pixels are right or wrong by chance."""
    rng = np.random.default_rng(0)
    sizes = np.repeat([1, 2, 4, 16, 64], 2000)
    covered = rng.binomial(sizes, 0.7)
    found = expected_pfm(np.stack([6 * sizes, 6 * 0.8 * sizes, sizes, covered], axis=1).astype(float))
    means = [found[sizes == size].mean() for size in np.unique(sizes)]
    assert max(means) - min(means) < 0.02


def test_mirrored_and_turned_patches_count_the_same_drawn_and_right():
    rng = np.random.default_rng(1)
    share = rng.random((24, 24))
    there = expected_counts(share, share > 0.5)
    for turned in (share[::-1], share[:, ::-1], share.T):
        np.testing.assert_allclose(expected_counts(turned, turned > 0.5)[:2], there[:2])


class TestWrong:
    def test_a_drawn_pixel_is_wrong_as_far_as_it_is_no_line_and_another_as_far_as_it_is(self):
        share, drawing = np.array([[0.25, 0.25, 1, 0]]), np.array([[True, False, True, False]])
        assert expected_wrong(share, drawing).tolist() == [[0.75, 0.25, 0, 0]]

    def test_of_a_truth_it_is_what_is_wrong(self):
        truth, drawing = np.random.default_rng(0).random((2, 30, 40)) < 0.2
        assert (expected_wrong(truth.astype(float), drawing) == (truth != drawing)).all()


class TestAstray:
    def test_an_edge_may_lie_off_by_the_tolerance(self):
        """A line three pixels wide, drawn so much too low, and a pixel more."""
        truth, near, far = np.zeros((3, 30, 20), bool)
        truth[10:13, :], near[12:15, :], far[13:16, :] = True, True, True
        assert expected_astray(truth.astype(float), near).sum() == 0
        assert expected_astray(truth.astype(float), far).sum() == 2 * 20  # the truth's first row, the drawing's last

    def test_what_is_missing_or_superfluous_counts_whole(self):
        line, nothing = np.zeros((2, 30, 20), bool)
        line[10:16, :] = True
        assert expected_astray(line.astype(float), nothing).sum() == line.sum()
        assert expected_astray(nothing.astype(float), line).sum() == line.sum()

    def test_probabilities_by_hand(self):
        """A drawn pixel whose likeliest neighbour is line with 0.75, and line of 0.5 far from all that is drawn."""
        share, drawing = np.zeros((9, 20)), np.zeros((9, 20), bool)
        drawing[4, 4], share[4, 4], share[4, 6], share[4, 15] = True, 0.25, 0.75, 0.5
        found = expected_astray(share, drawing)
        assert (found[4, 4], found[4, 6], found[4, 15]) == (0.25, 0, 0.5)
        assert found.sum() == 0.75

    def test_no_more_is_astray_than_wrong(self):
        rng = np.random.default_rng(1)
        share = rng.random((40, 50))
        drawing = rng.random((40, 50)) < 0.3
        assert (expected_astray(share, drawing) <= expected_wrong(share, drawing)).all()
