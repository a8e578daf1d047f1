"""Measures over effort curves, each worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.effort import Curve, area, below, drawdown, final_gain, half_way, peak_gain, saved


def curve(effort, score):
    return Curve(np.array(effort), np.array(score))


MANUAL = curve([0, 100, 200], [0.4, 0.6, 0.8])  # its mean over 200 pixels: 0.6
FASTER = curve([0, 100, 200], [0.4, 0.8, 0.8])
SHORT = curve([0, 50], [0.4, 0.9])
LONG = curve([0, 400], [0.4, 0.8])
DIPS = curve([0, 50, 100, 150], [0.4, 0.9, 0.7, 0.9])
NEVER = curve([0, 100, 200], [0.4, 0.7, 0.7])
SINGLE = curve([0], [0.4])


@st.composite
def curves(draw):
    steps = draw(st.lists(st.integers(0, 50), max_size=6))
    scores = draw(st.lists(st.floats(0.01, 1), min_size=len(steps) + 1, max_size=len(steps) + 1))
    return Curve(np.cumsum([0, *steps]), scores)


class TestCurve:
    def test_linear_between_records_and_held_after_the_last(self):
        assert MANUAL.at([0, 50, 100, 175, 200, 1000]) == pytest.approx([0.4, 0.5, 0.6, 0.75, 0.8, 0.8])
        assert float(MANUAL.at(50)) == pytest.approx(0.5)

    def test_single_record_is_held(self):
        assert SINGLE.at([0, 7]) == pytest.approx([0.4, 0.4])

    def test_last_record_at_one_effort_counts(self):
        jump = curve([0, 10, 10, 20], [0.2, 0.4, 0.6, 0.6])
        assert jump.at([5, 10, 15]) == pytest.approx([0.4, 0.6, 0.6])

    def test_integral(self):
        assert MANUAL.integral(200) == pytest.approx(120)
        assert MANUAL.integral(150) == pytest.approx(50 + 32.5)  # ends between two records
        assert MANUAL.integral(300) == pytest.approx(120 + 80)  # the last is held
        assert MANUAL.integral(0) == 0

    def test_total_and_final(self):
        assert (DIPS.total, DIPS.final) == (150, 0.9)

    def test_arrays_are_copied_and_read_only(self):
        effort, score = np.array([0, 1]), np.array([0.1, 0.2])
        curve = Curve(effort, score)
        score[0] = 1
        assert curve.score[0] == 0.1
        assert effort.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            curve.score[0] = 1

    @pytest.mark.parametrize(
        ("effort", "score", "message"),
        [
            ([], [], "at least the initial record"),
            ([[0, 1]], [[0.1, 0.2]], r"shape \(1, 2\)"),
            ([5, 10], [0.1, 0.2], "starts at 5"),
            ([0, 10, 9], [0.1, 0.2, 0.3], "falls from 10 to 9 at record 2; give a running sum"),
            ([0, 10], [0.1], r"shape \(1,\) beside 2 efforts"),
            ([0, 10], [32.9, 49.3], "divide percent by 100"),
            ([0, 10], [0.1, math.nan], r"expected \[0, 1\]"),
        ],
    )
    def test_refused(self, effort, score, message):
        with pytest.raises(ValueError, match=message):
            curve(effort, score)

    def test_unsigned_effort_that_falls_is_refused(self):
        with pytest.raises(ValueError, match="falls from 10 to 9"):
            Curve(np.array([0, 10, 9], np.uint32), [0.1, 0.2, 0.3])

    def test_fractions_of_pixels_are_refused(self):
        with pytest.raises(TypeError, match="effort holds float64"):
            curve([0, 0.5], [0.1, 0.2])

    def test_negative_effort_has_no_score(self):
        with pytest.raises(ValueError, match="starts at effort 0"):
            MANUAL.at([3, -1])


class TestArea:
    def test_equal(self):
        assert area(MANUAL, MANUAL) == 0

    def test_faster(self):
        assert area(FASTER, MANUAL) == pytest.approx(10)  # mean 0.7 against 0.6

    def test_refined_ends_first(self):
        assert area(SHORT, MANUAL) == pytest.approx(23.75)  # (50 * 0.65 + 150 * 0.9) / 200 = 0.8375

    def test_refined_goes_on_after_manual(self):
        assert area(LONG, MANUAL) == pytest.approx(-10)  # its first half: 0.4 to 0.6

    def test_single_refined_record(self):
        assert area(SINGLE, MANUAL) == pytest.approx(-20)

    def test_manual_without_effort(self):
        assert area(curve([0, 10], [0.5, 0.9]), SINGLE) == pytest.approx(10)

    @pytest.mark.slow
    @given(curves(), curves())
    def test_bounds(self, refined, manual):
        assert -100 <= area(refined, manual) <= 100

    @pytest.mark.slow
    @given(curves(), st.integers(1, 400))
    def test_a_record_on_the_line_changes_nothing(self, refined, x):
        effort = np.append(refined.knots[0], x)
        score = np.append(refined.knots[1], refined.at(x))
        order = np.argsort(effort, kind="stable")
        assert area(Curve(effort[order], score[order]), MANUAL) == pytest.approx(area(refined, MANUAL))


class TestSaved:
    def test_reached_at_a_record(self):
        assert saved(FASTER, MANUAL) == pytest.approx(0.5)

    def test_reached_between_records(self):
        assert saved(SHORT, MANUAL) == pytest.approx(0.8)  # 0.8 is passed at 40 pixels

    def test_counts_from_the_last_return(self):
        assert saved(DIPS, MANUAL) == pytest.approx(1 - 125 / 200)

    def test_never(self):
        assert saved(NEVER, MANUAL) == 0
        assert saved(SINGLE, MANUAL) == 0

    def test_reached_but_lost_in_the_end(self):
        assert saved(curve([0, 50, 100], [0.4, 0.9, 0.7]), MANUAL) == 0

    def test_later_than_manual_is_negative(self):
        assert saved(LONG, MANUAL) == pytest.approx(-1)

    def test_equal(self):
        assert saved(MANUAL, MANUAL) == 0
        assert saved(FASTER, FASTER) == pytest.approx(0.5)  # its own second half brought nothing

    def test_good_enough_from_the_start(self):
        assert saved(curve([0, 10], [0.8, 0.9]), MANUAL) == 1

    def test_manual_without_effort_leaves_nothing_to_save(self):
        assert saved(SHORT, SINGLE) == 0

    @pytest.mark.slow
    @given(curves(), curves())
    def test_refined_holds_what_it_saved(self, refined, manual):
        share = saved(refined, manual)
        assert share <= 1
        if share != 0:
            later = np.union1d(refined.effort, [0])
            later = later[later > (1 - share) * manual.total + 1e-6]
            assert (refined.at(later) >= manual.final).all()


class TestGains:
    def test_peak_and_final(self):
        assert peak_gain(FASTER, MANUAL) == pytest.approx(1 / 3)  # 0.8 against 0.6 at 100 pixels
        assert final_gain(FASTER, MANUAL) == 0
        assert final_gain(NEVER, MANUAL) == pytest.approx(-1 / 8)

    def test_compared_at_the_same_effort(self):
        # Refined has its record at 50 pixels, where manual has none and is at 0.5.
        assert peak_gain(SHORT, MANUAL) == pytest.approx(0.9 / 0.5 - 1)
        assert final_gain(SHORT, MANUAL) == pytest.approx(1 / 8)

    def test_longer_refined_meets_manual_held(self):
        assert peak_gain(LONG, MANUAL) == 0
        assert final_gain(LONG, MANUAL) == 0

    def test_equal_and_single(self):
        assert peak_gain(MANUAL, MANUAL) == final_gain(MANUAL, MANUAL) == 0
        assert peak_gain(SINGLE, SINGLE) == final_gain(SINGLE, SINGLE) == 0

    def test_manual_of_zero_has_no_relative_gain(self):
        from_nothing = curve([0, 100], [0, 0.5])
        assert peak_gain(curve([0, 100], [0.1, 0.6]), from_nothing) == pytest.approx(0.2)
        nothing = curve([0, 100], [0, 0])
        assert math.isnan(peak_gain(MANUAL, nothing))
        assert math.isnan(final_gain(MANUAL, nothing))

    @pytest.mark.slow
    @given(curves(), curves())
    def test_peak_is_no_less_than_final(self, refined, manual):
        assert peak_gain(refined, manual) >= final_gain(refined, manual)


class TestDrawdown:
    def test_fall_and_return(self):
        assert drawdown(DIPS) == pytest.approx(20)

    def test_largest_of_two_falls_below_the_running_maximum(self):
        assert drawdown(curve([0, 1, 2, 3, 4], [0.5, 0.4, 0.8, 0.75, 0.65])) == pytest.approx(15)

    def test_never_falls(self):
        assert drawdown(MANUAL) == 0
        assert drawdown(SINGLE) == 0

    def test_a_record_at_the_same_effort_is_seen(self):
        assert drawdown(curve([0, 5, 5, 5], [0.2, 0.6, 0.5, 0.6])) == pytest.approx(10)


class TestHalfWay:
    def test_at_a_record(self):
        # At 100 pixels manual leaves 0.4, refined 0.2. (0.75 and 0.5 are exact in binary.)
        assert half_way(curve([0, 100], [0.25, 0.75]), curve([0, 100], [0.25, 0.5])) == 100

    def test_between_records(self):
        # refined - (1 + manual) / 2 runs from -0.3 to 0.1.
        assert half_way(curve([0, 100], [0.4, 0.9]), MANUAL) == pytest.approx(75)

    def test_first_time_counts(self):
        # Against a manual held at 0.4 the mark is 0.7; passed at 30, though lost again later.
        assert half_way(curve([0, 50, 100], [0.4, 0.9, 0.5]), SINGLE) == pytest.approx(30)

    def test_never(self):
        assert half_way(MANUAL, MANUAL) is None
        assert half_way(LONG, MANUAL) is None
        assert half_way(SINGLE, SINGLE) is None

    def test_after_the_end_of_manual(self):
        # Manual leaves 0.2 from 200 on; refined, 0.5 at 200 and 1 at 400, leaves 0.1 at 360.
        assert half_way(curve([0, 200, 400], [0.4, 0.5, 1.0]), MANUAL) == pytest.approx(360)

    def test_perfect_from_the_start(self):
        perfect = curve([0], [1.0])
        assert half_way(perfect, perfect) == 0


class TestBelow:
    def test_share_of_records_and_depth(self):
        # At 0, 100 and 200 manual is at 0.4, 0.6 and 0.8: level, 5 points below, 10 points below.
        assert below(curve([0, 100, 200], [0.4, 0.55, 0.7]), MANUAL) == pytest.approx((2 / 3, 10))

    def test_between_manuals_records_and_after_its_end(self):
        # 0.45 against 0.5 at 50; 0.9 against 0.7 at 150; 0.75 against 0.8, held, at 300.
        assert below(curve([0, 50, 150, 300], [0.4, 0.45, 0.9, 0.75]), MANUAL) == pytest.approx((2 / 4, 5))

    def test_never(self):
        assert below(FASTER, MANUAL) == (0, 0)
        assert below(MANUAL, MANUAL) == (0, 0)
        assert below(SINGLE, SINGLE) == (0, 0)

    def test_last_record_at_one_effort_counts(self):
        assert below(curve([0, 100, 100], [0.4, 0.1, 0.7]), MANUAL) == (0, 0)

    @pytest.mark.slow
    @given(curves(), curves())
    def test_agrees_with_the_gains(self, refined, manual):
        share, depth = below(refined, manual)
        assert (share > 0) == (depth > 0)
        assert 0 <= share <= 1
        assert 0 <= depth <= 100
        assert depth > 0 or refined.total < manual.total or final_gain(refined, manual) >= 0


class TestModes:
    """One run of 200 pixels, whose refined pFM sinks once, against both manual curves that FACTS knows."""

    REFINED = curve([0, 50, 100, 200], [0.5, 0.75, 0.7, 0.9])

    def test_published(self):
        # Manual pastes the same strokes: records at the same efforts, less reached.
        manual = curve([0, 50, 100, 200], [0.5, 0.5, 0.6, 0.75])
        # 0.75 is lost after 50 and reached again at 100 + 100 * 0.05 / 0.2.
        assert saved(self.REFINED, manual) == pytest.approx(1 - 125 / 200)
        # Leads 0, 0.25, 0.1, 0.15: (6.25 + 8.75 + 12.5) / 200.
        assert area(self.REFINED, manual) == pytest.approx(13.75)
        # Manual leaves 1/2 up to 50: half of it is closed at 0.75, there.
        assert half_way(self.REFINED, manual) == pytest.approx(50)
        assert peak_gain(self.REFINED, manual) == pytest.approx(0.75 / 0.5 - 1)
        assert final_gain(self.REFINED, manual) == pytest.approx(0.9 / 0.75 - 1)
        assert drawdown(self.REFINED) == pytest.approx(5)
        assert below(self.REFINED, manual) == (0, 0)

    def test_headline(self):
        # Manual is a run of its own, of 400 pixels in even steps: 0.5 + x / 1000, but for the end.
        manual = curve([0, 150, 300, 400], [0.5, 0.65, 0.8, 0.85])
        # 0.85 is reached at 100 + 100 * 0.15 / 0.2.
        assert saved(self.REFINED, manual) == pytest.approx(1 - 175 / 400)
        # Refined: 31.25 + 36.25 + 80, then 0.9 held for 200. Manual: 86.25 + 108.75 + 82.5.
        assert area(self.REFINED, manual) == pytest.approx(100 * (327.5 - 277.5) / 400)
        # Refined 0.5 + x / 200 meets (1 + manual) / 2 = 0.75 + x / 2000 nowhere before 50, where it is at 0.75, and at
        # 200, where it is 0.9 against 0.85; from 100 on 0.7 + (x - 100) / 500 against 0.8 + (x - 100) / 2000.
        assert half_way(self.REFINED, manual) == pytest.approx(100 + 0.1 / (1 / 500 - 1 / 2000))
        assert peak_gain(self.REFINED, manual) == pytest.approx(0.75 / 0.55 - 1)
        assert final_gain(self.REFINED, manual) == pytest.approx(0.9 / 0.85 - 1)
        assert below(self.REFINED, manual) == (0, 0)
