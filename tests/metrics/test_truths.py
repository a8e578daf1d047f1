"""What is kept of truths: by content, up to a limit, and by nobody but its owner."""

import copy
import pickle
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from metrics import pfm, pfm_dibco, truths
from metrics.dibco import weights
from metrics.thinning import thin
from metrics.truths import ContentCache, TruthCache

LINE = np.zeros((11, 18), bool)
LINE[5, 5:13] = True
THICK = np.zeros((11, 18), bool)
THICK[3:8, 2:16] = True


class TestContentCache:
    def test_drops_what_was_not_asked_for_the_longest(self):
        cache = ContentCache(lambda mask: mask.astype(np.float32), limit_bytes=8 * LINE.size)
        first, second, third = (np.roll(LINE, shift, axis=0) for shift in range(3))
        kept, dropped = cache(first), cache(second)
        assert cache(first) is kept
        cache(third)
        assert (len(cache), cache.held_bytes) == (2, 8 * LINE.size)
        assert cache(first) is kept
        assert cache(second) is not dropped

    def test_keeps_nothing_that_is_too_large(self):
        cache = ContentCache(np.copy, limit_bytes=LINE.size - 1)
        assert_array_equal(cache(LINE), LINE)
        assert (len(cache), cache.held_bytes) == (0, 0)

    def test_works_out_each_content_once(self):
        made = []
        cache = ContentCache(lambda mask: made.append(1) or mask.copy(), limit_bytes=10**6)
        for mask in (LINE, LINE.copy(), LINE.T, np.ones((2, 6), bool), np.ones((3, 4), bool)):
            cache(mask)
        assert len(made) == 4

    def test_threads_get_the_same(self):
        cache = ContentCache(np.copy, limit_bytes=10**6)
        sums = []
        threads = [threading.Thread(target=lambda: sums.append(cache(LINE).sum())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sums == 8 * [LINE.sum()]
        assert cache.held_bytes == LINE.nbytes


class TestTruthCache:
    def test_skeletons_and_weights_are_those_computed_anew(self):
        kept = TruthCache()
        for _ in range(2):
            assert_array_equal(kept.skeleton(THICK), thin(THICK))
            assert_array_equal(kept.weights(THICK).recall, weights(THICK).recall)
            assert_array_equal(kept.weights(THICK).precision, weights(THICK).precision)

    def test_a_second_drawing_of_a_truth_computes_nothing_of_it(self, monkeypatch):
        kept = TruthCache()
        before = pfm(LINE, THICK, kept), pfm_dibco(LINE, THICK, kept)
        for cache in (kept._skeletons, kept._weights):
            monkeypatch.setattr(cache, "make", _must_not_be_asked)
        assert (pfm(LINE, THICK.copy(), kept), pfm_dibco(LINE, THICK.copy(), kept)) == before

    def test_each_owner_has_its_own(self):
        one, other = TruthCache(), TruthCache()
        assert one.skeleton(THICK) is not other.skeleton(THICK)

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda cache: pickle.loads(pickle.dumps(cache))])
    def test_a_copy_begins_empty_and_works(self, copied):
        kept = TruthCache()
        skeleton = kept.skeleton(THICK)
        other = copied(kept)
        assert len(other._skeletons) == 0
        assert_array_equal(other.skeleton(THICK), skeleton)

    def test_holds_the_weights_of_four_mirrors(self):
        assert truths.WEIGHT_BYTES >= 4 * (3358 * 4482 * 2 * 4)


def _must_not_be_asked(mask):
    raise AssertionError("computed a second time")
