"""The simulated correction with a teacher: where the person goes, what is redrawn, and what stays as it was left."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage

from data.regions import cells
from interaction.learning_places import PLACES, LeastSure, places_named
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from metrics.calibration import AS_THEY_ARE
from simulation.annotators.published import Longer
from simulation.correction_loop import CorrectionLoop
from simulation.finishing import Exacting
from simulation.learning import LearningLoop, Taught
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import SCALE, BlankCanvas, Told, helpful, scene

SHAPE, PATCH = (96, 128), 32
EVERYWHERE = np.ones(SHAPE, bool)
VERSION = "5eed"


class Knowing:
    """A teacher that has learned all of the truth, or some of it, when it has seen so many places."""

    def __init__(self, drawing, after=1, refiner=None):
        self.drawing, self.after, self.refiner = drawing, after, refiner
        self.places, self.drawings, self.calls = [], [], 0

    def finished(self, session, region):
        self.places.append(region)
        self.drawings.append(session.current[region.slices].copy())

    def learn(self):
        self.calls += 1
        return Taught(VERSION, self.drawing, self.refiner) if self.calls >= self.after else None

    def state(self):
        return {"calls": self.calls}

    def restore(self, state):
        self.calls = state["calls"]
        return Taught(VERSION, None, self.refiner) if self.calls >= self.after else None


def soft(mask):
    return np.where(mask, np.float32(0.9), np.float32(0.1))


def loop_with(teacher, *, seed=0, order="least-sure", refiner=None, picture=4, **options):
    prediction, truth = scene(picture, SHAPE)
    initial = soft(prediction)
    initial[:, :64] = np.where(prediction, np.float32(0.6), np.float32(0.4))[:, :64]  # unsure on the left
    session = RefinementSession(
        BlankCanvas(SHAPE), initial, refiner or ManualRefiner(SCALE), scale=SCALE, channels=(), undoable=0
    )
    places = places_named(order, session, EVERYWHERE, PATCH, calibration=AS_THEY_ARE, seed=seed)
    user = Longer(MIRROR_BRUSH)
    return LearningLoop(
        session, truth, EVERYWHERE, user, patch=PATCH, seed=seed, teacher=teacher, places=places, **options
    )


def truth_of(picture=4):
    return scene(picture, SHAPE)[1]


class TestWhereThePersonGoes:
    def test_first_to_the_places_where_the_drawing_is_least_sure_and_each_is_finished_in_its_turn(self):
        teacher = Knowing(None)
        tested = loop_with(teacher, rounds=(2, 1))
        entropy = LeastSure(tested.session, EVERYWHERE, PATCH, AS_THEY_ARE).ranks
        list(tested.run())
        assert len(teacher.places) == 3
        assert teacher.places == list(tested.finished)
        grid = cells(SHAPE, PATCH)
        assert grid.index(teacher.places[0]) == int(entropy.argmin())
        assert all(place.left < 64 for place in teacher.places)
        assert teacher.calls == 2

    @pytest.mark.parametrize("order", PLACES)
    def test_in_any_order_the_end_is_that_of_a_correction_without_learning(self, order):
        teacher = Knowing(None)
        tested = loop_with(teacher, order=order)
        *_, last = tested.run()
        assert tested.retired.all()
        plain = loop_with(teacher, order=order)
        *_, expected = CorrectionLoop.run(plain)
        assert last.refined.counts.pfm > 0.85
        assert abs(last.refined.counts.pfm - expected.refined.counts.pfm) < 0.01

    def test_the_worst_places_first_if_that_is_asked_for(self):
        tested = loop_with(teacher := Knowing(None), order="worst", rounds=(1,))
        worst = int(tested._scores.pfm.argmin())
        list(tested.run())
        assert teacher.places == [cells(SHAPE, PATCH)[worst]]

    def test_orders_that_do_not_exist_are_refused(self):
        with pytest.raises(ValueError, match="least-sure"):
            loop_with(Knowing(None), order="best")

    def test_a_place_without_any_line_is_not_worth_a_visit(self):
        session = RefinementSession(
            BlankCanvas(SHAPE), np.zeros(SHAPE, np.float32), ManualRefiner(SCALE), scale=SCALE, channels=()
        )
        assert np.isposinf(LeastSure(session, EVERYWHERE, PATCH, AS_THEY_ARE).ranks).all()

    def test_where_the_drawing_is_sure_everywhere_but_there_it_goes_there(self):
        drawing = np.zeros(SHAPE, np.float32)
        drawing[40:50, 70:90] = 0.5
        session = RefinementSession(BlankCanvas(SHAPE), drawing, ManualRefiner(SCALE), scale=SCALE, channels=())
        ranking = LeastSure(session, EVERYWHERE, PATCH, AS_THEY_ARE)
        assert cells(SHAPE, PATCH)[int(ranking.ranks.argmin())].overlaps(cells(SHAPE, PATCH)[6])

    def test_once_something_was_learned_it_goes_where_versions_disagree(self):
        apart = np.zeros(SHAPE, np.float32)
        apart[:32, 96:] = 0.3  # the last cell of the first row, which is surer than those on the left
        teacher = Knowing(None)
        teacher.learn = lambda: Taught(VERSION, disagreement=apart)
        tested = loop_with(teacher, order="expected-gain", rounds=(1, 1))
        list(tested.run())
        assert teacher.places[0].left < 64
        assert teacher.places[1] == cells(SHAPE, PATCH)[3]

    def test_a_place_that_is_right_enough_is_finished(self):
        few, many = Knowing(None), Knowing(None)
        learned = []
        for teacher, enough in ((few, 0.6), (many, 1.0)):
            tested = loop_with(teacher, rounds=(3,), enough=enough)
            list(tested.run())
            learned.append(tested.learned[0])
        assert few.places == many.places
        assert learned[0] < learned[1]


class TestFinishing:
    def test_edges_of_places_to_learn_from_are_put_right_and_others_are_left(self):
        truth = truth_of()
        wide = ndimage.binary_dilation(truth, np.ones((3, 3), bool))
        drawn = soft(wide)
        session = RefinementSession(
            BlankCanvas(SHAPE), drawn, ManualRefiner(SCALE), scale=SCALE, channels=(), undoable=0
        )
        user = Longer(MIRROR_BRUSH)
        teacher = Knowing(None)
        finisher = Exacting(user, MIRROR_BRUSH)
        shared = {"patch": PATCH, "seed": 0, "places": None, "rounds": (4,), "finisher": finisher}
        loop = LearningLoop(session, truth, EVERYWHERE, user, teacher=teacher, **shared)
        list(loop.run())
        before = sum((wide[place.slices] != truth[place.slices]).sum() for place in teacher.places)
        found = zip(teacher.places, teacher.drawings, strict=True)
        after = sum(((left > LINE) != truth[place.slices]).sum() for place, left in found)
        assert before > 20
        assert after < 0.5 * before
        assert finisher.previews == user.previews

    def test_a_stroke_whose_answer_spoils_is_kept_alone_if_that_is_wanted(self):
        spoiling = Told(lambda view: np.float32(1) - truth_of()[view.region.slices].astype(np.float32))
        ends = []
        for keeps in (False, True):
            tested = loop_with(Knowing(None), refiner=spoiling, rounds=(1,), keeps=keeps)
            list(tested.run())
            ends.append(tested.progress.refined.counts.pfm)
        assert ends[1] > ends[0] + 0.2


class TestRedrawing:
    def test_what_was_learned_is_drawn_where_nobody_was(self):
        truth = truth_of()
        tested = loop_with(Knowing(soft(truth)), rounds=(3,))
        before = tested.progress.refined.counts.pfm
        steps = list(tested.run())
        jump = next(step for one, step in pairwise(steps) if step.interaction == one.interaction)
        earlier = steps[steps.index(jump) - 1]
        assert jump.refined.counts.pfm > earlier.refined.counts.pfm + 0.1 > before
        assert tested.learned == [jump.interaction]
        assert jump.repaired > earlier.repaired

    def test_a_later_redrawing_turns_only_what_is_sure(self):
        first = soft(truth_of())

        class Wavering(Knowing):
            def learn(self):
                self.drawing = first if not self.calls else np.where(first > LINE, np.float32(0.4), np.float32(0.6))
                return super().learn()

        tested = loop_with(Wavering(None), rounds=(1, 1))
        for step in tested.run():
            if len(tested.learned) == 1:
                good = step.spoiled
            if len(tested.learned) == 2:
                break
        assert len(tested.learned) == 2
        assert step.spoiled == good

    def test_finished_places_and_strokes_stay_as_they_were_left(self):
        wrong = soft(~truth_of())
        tested = loop_with(teacher := Knowing(wrong), rounds=(2,))
        for _ in tested.run():
            if teacher.calls:
                break
        for place, drawing in zip(teacher.places, teacher.drawings, strict=True):
            assert_array_equal(tested.session.current[place.slices], drawing)

    def test_a_redrawing_that_spoils_is_counted_as_harm_and_corrected(self):
        tested = loop_with(Knowing(soft(scene(5, SHAPE)[1])), rounds=(3,))
        steps = list(tested.run())
        assert steps[-1].spoiled > 100
        assert tested.retired.all()
        assert steps[-1].refined.counts.pfm > min(step.refined.counts.pfm for step in steps) + 0.1

    def test_scores_after_a_redrawing_are_those_of_a_count_from_scratch(self):
        tested = loop_with(Knowing(soft(truth_of())), rounds=(1,))
        for step in tested.run():
            assert step.refined == tested._scoreboard().total

    def test_effort_goes_on_where_it_was(self):
        tested = loop_with(Knowing(soft(truth_of())), rounds=(1, 1))
        effort = [step.effort for step in tested.run()]
        assert effort == sorted(effort)
        expected = sum(prompt.effort(SCALE, SHAPE).pixels for prompt in tested.session.prompts)
        assert effort[-1] == expected

    def test_answers_come_from_what_was_learned(self):
        truth = truth_of()
        refiner = Told(helpful(truth))
        tested = loop_with(Knowing(None, refiner=refiner), rounds=(1,))
        list(tested.run())
        assert tested.session.refiner is refiner
        assert refiner.views

    def test_without_a_better_version_the_drawing_stays(self):
        tested = loop_with(Knowing(soft(~truth_of()), after=99), rounds=(1, 1, 1))
        steps = list(tested.run())
        assert tested.session.initial is tested.session.begun
        assert len({step.interaction for step in steps}) == len(steps)


class TestResumption:
    @pytest.mark.parametrize("stop", [1, 4, 9, 15])
    def test_one_that_was_killed_goes_on_to_the_same_end(self, stop):
        def begun():
            truth = truth_of()
            half = np.where(np.arange(SHAPE[1]) < 80, truth, scene(4, SHAPE)[0])
            teacher = Knowing(soft(half), after=2, refiner=Told(helpful(truth, 2)))
            return loop_with(teacher, rounds=(2, 1), seed=5)

        whole = begun()
        expected = list(whole.run())
        killed = begun()
        for _, _ in zip(range(stop), killed.run(), strict=False):
            state = killed.state()
        again = begun()
        again.restore(state)
        assert again.progress == expected[stop - 1]
        rest = list(again.run())
        assert rest == expected[stop:]
        assert_array_equal(again.session.current, whole.session.current)
        assert_array_equal(again.session.initial, whole.session.initial)
        assert (again.session.current > LINE).any()
