"""What tests say of versions, worked out by hand."""

import numpy as np

from runs.training.online.guard import Prior, Score, Trial, gains, paired, pooled, score_of, verdict_for, verdict_of

PRIOR = Prior(0.0, 0.03)
PROMISING = Prior(0.04, 0.03, worth=4)
GOOD, POOR = Score((1000, 900, 200, 180), 100, 0.1), Score((1000, 500, 200, 100), 600, 0.5)


def trial(number, score, before, view="a", candidate="decoder", *, at_home=True):
    return Trial(number, view, candidate, "0" * 64, score, before, at_home)


def test_a_score_counts_known_pixels_alone():
    truth, known = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    truth[2:5], known[:4] = True, True
    drawn = np.zeros((8, 8), np.float32)
    drawn[3:6] = 1
    score = score_of(drawn, truth, known)
    assert score.counts[:2] == (8, 8)  # row 3 is drawn, rightly
    assert score.wrong == 8  # row 2 is missing; rows 4 and 5 are not known


def test_without_evidence_nothing_is_better_nor_worse():
    verdict = verdict_of([], PRIOR)
    assert (verdict.gain, verdict.tests) == (0, 0)
    assert not verdict.better
    assert not verdict.worse


def test_gains_that_agree_are_believed_and_one_that_contradicts_is_enough_to_doubt():
    assert verdict_of([0.1, 0.12], PRIOR).better
    assert not verdict_of([0.1, -0.1], PRIOR).better
    assert verdict_of([-0.1, -0.12], PRIOR).worse


def test_a_lesson_with_next_to_no_line_says_next_to_nothing():
    empty = Score((4, 0, 0, 0), 4, 0.01)
    none = Score((0, 0, 0, 0), 0, 0.01)
    much = [trial(number, GOOD, POOR) for number in range(3)]
    found = gains([*much, trial(9, empty, none)])
    assert (found[:3] > 0.3).all()
    assert abs(found[3]) < 0.05


def test_what_was_gained_at_home_counts_for_nothing_on_the_next_image():
    at_home = [trial(number, GOOD, POOR) for number in range(9)]
    assert verdict_for(at_home, "a", {}, PRIOR).better
    assert not verdict_for(at_home, None, {}, PRIOR).better
    assert verdict_for(at_home, None, {}, PRIOR).tests == 0


def test_each_other_image_counts_once_for_the_next_one():
    one = [trial(number, GOOD, POOR, view="b", at_home=False) for number in range(9)]
    two = [*one, trial(9, GOOD, POOR, view="c", at_home=False)]
    assert not verdict_for(one, None, {}, PRIOR).better
    assert verdict_for(two, None, {}, PRIOR).better
    assert verdict_for(two, None, {}, PRIOR).tests == 2


def test_tests_on_other_images_decide_for_the_next_one():
    away = [trial(number, POOR, GOOD, view=view, at_home=False) for number, view in enumerate("bbc")]
    home = [trial(number, GOOD, POOR) for number in range(3)]
    assert not verdict_for([*home, *away], None, {}, PRIOR).better
    assert verdict_for([*home, *away], "a", {}, PRIOR).better


def test_two_candidates_are_compared_on_the_lessons_that_both_were_tested_on():
    bold = [trial(number, GOOD, POOR) for number in range(3)]
    same = [trial(number, GOOD, POOR) for number in range(1, 4)]
    poor = [trial(number, POOR, POOR) for number in range(1, 4)]
    assert paired(bold, same, PRIOR).tests == 2
    assert not paired(bold, same, PRIOR).better
    assert paired(bold, poor, PRIOR).better


def test_what_is_promised_holds_for_places_that_were_learned_well_until_tests_contradict():
    def verdict(seen, tests=()):
        return verdict_for(tests, "a", {"a": seen}, PROMISING)

    assert verdict([0.2, 0.3, 0.1]).better
    assert verdict([0.2, 0.3]).better
    assert not verdict([0.2]).better  # one place is no proof
    assert not verdict([0.01, 0.0, 0.02]).better  # it hardly draws the places themselves better
    assert not verdict([-0.2, 0.1, 0.0]).better
    worse = [trial(number, POOR, GOOD) for number in range(3)]
    assert verdict([0.2, 0.3, 0.1], worse).worse


def test_before_so_many_places_no_test_makes_a_version_used_unless_other_images_did():
    patient = Prior(0.04, 0.03, worth=4, places=3)
    good = [trial(number, GOOD, POOR) for number in range(2)]
    assert not verdict_for(good[:1], "a", {"a": [0.2, 0.2]}, patient).better
    assert verdict_for(good[:1], "a", {"a": [0.2, 0.2, 0.2]}, patient).better
    assert verdict_for(good, "a", {"a": [0.2]}, patient).better  # two of three places were forgotten
    away = [trial(number, GOOD, POOR, view=view, at_home=False) for number, view in enumerate("bc")]
    assert verdict_for([*away, *good[:1]], "a", {"a": [0.2, 0.2]}, patient).better


def test_what_an_image_began_with_is_not_dropped_for_a_first_place_that_says_little():
    slight = Score((1000, 520, 200, 104), 580, 0.5)
    away = [trial(number, GOOD, POOR, view=view, at_home=False) for number, view in enumerate("ab")]
    here = trial(9, slight, POOR, view="c", at_home=False)
    lost = [trial(number, POOR, GOOD, view="c", at_home=False) for number in range(10, 14)]
    assert verdict_for(away, None, {}, PROMISING).better
    assert verdict_for([*away, here], "c", {}, PROMISING).better
    assert not verdict_for([here], "c", {}, PROMISING).better
    assert not verdict_for([*away, *lost], "c", {}, PROMISING).better


def test_several_drawings_are_scored_together():
    both = pooled([GOOD, POOR])
    assert both.counts == (2000, 1400, 400, 280)
    assert both.wrong == 700
    assert both.loss == 0.3


def test_nothing_is_promised_for_the_next_image():
    twice = {"a": [0.2], "b": [0.1]}
    assert not verdict_for([], None, twice, PROMISING).better
    away = [trial(number, GOOD, POOR, view=view, at_home=False) for number, view in enumerate("cd")]
    assert verdict_for(away, None, twice, PROMISING).better
