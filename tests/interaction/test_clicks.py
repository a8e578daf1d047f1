"""A click goes the way of a stroke: through session, undo and redo, log and replay, and the manual baseline."""

from contextlib import closing

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from annotate.session.logged_session import LoggedSession
from data.regions import Region, to_scale, whole
from interaction.changes import View, whole_window
from interaction.log.log import KINDS, Log
from interaction.log.packing import pack_drawing
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from interaction.log.tables import write_csv
from interaction.merging import merge_named
from interaction.prompts import Click
from interaction.refiners import ManualRefiner, region_around
from interaction.session import RefinementSession
from models.encoders import stroke_planes
from tests.interaction.log.views import SHAPE, view_at
from tests.simulation.fakes import SCALE, BlankCanvas, Told, drawn, stroke_at

INITIAL = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
HERE, THERE = Click(24.5, 40.5, True), Click(40.5, 64.5, False)  # model pixels (12, 20) and (20, 32)
STROKE = stroke_at([(18, 25), (18, 35)])


class Disks:
    """A refiner for the test: object in a disk around a positive click, ground around a negative one."""

    reach = 4

    def window(self, prompts, shape):
        return region_around(prompts[-1], shape, 16, SCALE)

    def refine(self, views):
        return [self.disk(view) for view in views]

    def disk(self, view):
        row, column = to_scale(np.array(view.prompts[-1].centre_px), SCALE) - (view.region.top, view.region.left)
        rows, columns = np.indices(view.region.shape)
        inside = (rows - row) ** 2 + (columns - column) ** 2 <= self.reach**2
        return np.where(inside, np.float32(view.prompts[-1].sign == 1), view.current)


def session(refiner=None, merge=whole_window):
    return RefinementSession(BlankCanvas(SHAPE), INITIAL, refiner or Disks(), scale=SCALE, merge=merge)


def commit(to, *prompts):
    for prompt in prompts:
        to.commit(to.propose([prompt])[0])


def around(row, column):
    """The pixels that the refiner changes around a click, (H, W) bool."""
    rows, columns = np.indices(SHAPE)
    return (rows - row) ** 2 + (columns - column) ** 2 <= Disks.reach**2


class TestInASession:
    def test_the_prediction_is_taken_over_and_nothing_else_changes(self):
        tested = session()

        commit(tested, HERE, THERE)

        expected = np.where(around(12, 20), 1, INITIAL)
        assert_array_equal(tested.current, np.where(around(20, 32), 0, expected))
        assert tested.prompts == (HERE, THERE)

    def test_a_change_says_that_the_click_alone_changes_nothing(self):
        (change,) = session().propose([HERE])

        assert change.region == Region(4, 12, 16, 16)
        assert_array_equal(change.unrefined, change.before)
        assert (change.after != change.before).any()

    def test_it_is_undone_and_redone_exactly(self):
        tested = session()
        commit(tested, HERE, STROKE, THERE)
        end = tested.current.copy()

        assert [tested.undo().prompt for _ in range(3)] == [THERE, STROKE, HERE]
        assert_array_equal(tested.current, INITIAL)
        assert [tested.redo().prompt for _ in range(3)] == [HERE, STROKE, THERE]
        assert_array_equal(tested.current, end)

    def test_what_a_stroke_pins_holds_whatever_is_predicted_for_a_later_click(self):
        tested = session()

        commit(tested, stroke_at([(12, 18), (12, 22)], sign=-1), HERE)

        assert not tested.current[drawn(tested.prompts[0], SHAPE)].any()
        assert tested.current[9, 20] == 1

    def test_one_outside_the_drawing_is_refused_and_says_what_it_is(self):
        tested = session()
        outside = Click(-3, 10, True)

        assert tested.problem_with(outside) == "the click lies outside the drawing"
        assert tested.problem_with(HERE) is None
        with pytest.raises(ValueError, match="the click lies outside the drawing"):
            tested.propose([outside])

    def test_a_change_is_stale_once_another_click_lies_in_its_region(self):
        tested = session(Told(lambda view: view.current))  # so that only the click tells the two apart
        (stale,) = tested.propose([HERE])
        commit(tested, THERE)

        with pytest.raises(ValueError, match="propose"):
            tested.commit(stale)


class TestTheManualBaseline:
    def test_a_click_leaves_the_drawing_as_it_is(self):
        tested = session(ManualRefiner(SCALE))

        commit(tested, HERE, THERE)

        assert_array_equal(tested.current, INITIAL)
        assert tested.prompts == (HERE, THERE)
        assert tested.undo().prompt == THERE

    def test_a_stroke_beside_it_is_pasted(self):
        tested = session(ManualRefiner(SCALE))

        commit(tested, HERE, STROKE, THERE)

        assert_array_equal(tested.current, np.where(drawn(STROKE, SHAPE), 1, INITIAL))


class TestMerging:
    """A click pins nothing, so rules take the pixel at its centre for its place, and its sign for its direction."""

    def view(self, current, click=HERE):
        current = np.asarray(current, np.float32)
        return View(np.empty((0, *SHAPE), np.float32), current, current, (click,), whole(SHAPE), SCALE)

    def prediction(self):
        """Two lines: one through the clicked pixel, (12, 20), one apart."""
        lines = np.zeros(SHAPE, np.float32)
        lines[12, 15:26] = lines[30, 15:26] = 0.7
        return lines

    @pytest.mark.parametrize("rule", ["touching", "pieces"])
    def test_the_piece_that_holds_the_click_is_taken_and_one_apart_is_not(self, rule):
        merged = merge_named(rule)(self.view(np.zeros(SHAPE)), self.prediction())

        assert np.argwhere(merged > 0.5).tolist() == [[12, column] for column in range(15, 26)]

    def test_a_piece_has_to_be_probable_with_the_clicked_pixel_counted(self):
        prediction = self.prediction()
        prediction[12, 15:26] = 0.6
        prediction[12, 20] = 1  # 0.636 in the mean, below 0.65; and sure, so that it is taken alone

        merged = merge_named("pieces")(self.view(np.zeros(SHAPE)), prediction)

        assert np.argwhere(merged > 0.5).tolist() == [[12, 20]]

    @pytest.mark.parametrize(("positive", "taken"), [(True, 0.7), (False, 0.2)])
    def test_a_positive_click_gives_more_and_a_negative_one_less(self, positive, taken):
        current = np.full(SHAPE, 0.5, np.float32)
        prediction = np.full(SHAPE, 0.7, np.float32)
        prediction[20:] = 0.2

        merged = merge_named("one-way")(self.view(current, Click(24.5, 40.5, positive)), prediction)

        assert set(np.unique(merged)) == {np.float32(0.5), np.float32(taken)}

    def test_reach_is_measured_from_the_clicked_pixel(self):
        merged = merge_named("reach")(self.view(np.zeros(SHAPE), Click(0, 0, True)), np.ones(SHAPE, np.float32))

        rows, columns = np.indices(SHAPE)
        assert_array_equal(merged > 0.5, rows**2 + columns**2 <= 48**2)
        assert (merged == 0).any()


def test_a_network_that_takes_strokes_is_shown_nothing_of_a_click():
    view = View(np.zeros((1, *SHAPE), np.float32), INITIAL, INITIAL, (STROKE, HERE), whole(SHAPE), SCALE)

    planes = stroke_planes(view)

    assert_array_equal(planes["added"][0], drawn(STROKE, SHAPE))
    assert not planes["newest"].any()
    assert planes["newest"].shape == (1, *SHAPE)


class TestInALog:
    @pytest.fixture
    def view(self, tmp_path):
        return view_at(tmp_path / "A_R")

    @pytest.fixture
    def log(self, tmp_path, view):
        with closing(Log.open(tmp_path / "log.sqlite", view)) as log:
            log.append("start", {"source": "model", "base_model": "abc", "made_by": "a test"}, pack_drawing(INITIAL))
            yield log

    def logged(self, view, log):
        """The session of a page, with the refiner of this test."""
        logged = LoggedSession(view, log, replayed(log))
        logged.ask(Disks(), whole_window, (), merge_name="whole", model="def")
        return logged

    def give(self, logged, log, prompt):
        number = log.append(*prompt_entry(prompt, refine=True, client=f"client {log.last}")).number
        return logged.answer(number, prompt, True, lambda: 1.0)

    def test_it_has_a_kind_of_event_of_its_own(self, log):
        event = log.append(*prompt_entry(HERE, refine=True, client="a tab"))

        assert {"stroke", "click"} < KINDS
        assert event.kind == "click"
        fields = {"kind": "click", "row": 24.5, "column": 40.5, "positive": True}
        assert event.body == {"click": fields, "refine": True, "client": "a tab"}

    def test_a_stroke_is_logged_as_ever(self, log):
        event = log.append(*prompt_entry(STROKE, refine=False, client="a tab"))

        assert (event.kind, event.body) == (
            "stroke",
            {"stroke": STROKE.to_json(), "refine": False, "client": "a tab"},
        )

    def test_a_log_with_clicks_is_replayed_exactly_and_can_be_undone_and_redone(self, view, log):
        logged = self.logged(view, log)
        for prompt in (HERE, STROKE, THERE, Click(70.5, 90.5, True)):
            self.give(logged, log, prompt)
        logged.undo()
        logged.undo()
        logged.redo()

        for thorough in (False, True):
            state = replayed(log, thorough=thorough)
            assert_array_equal(state.current, logged.session.current)
            assert [step.prompt for step in state.history.done if step.prompt.kind == "click"] == [HERE, THERE]
            assert [step.prompt for step in state.history.undone] == [Click(70.5, 90.5, True)]
        again = LoggedSession(view, log, replayed(log))
        while again.undo():
            pass
        assert_array_equal(again.session.current, INITIAL)
        kinds = [event.kind for event in log.events()]
        assert kinds[1:9:2] == ["click", "stroke", "click", "click"]
        assert kinds[9:] == ["undo", "undo", "redo", "undo", "undo", "undo"]

    def test_one_that_waits_is_found_after_a_restart(self, log):
        number = log.append(*prompt_entry(THERE, refine=True, client="a tab")).number

        state = replayed(log)

        assert state.waiting == [number]
        assert state.prompts == {number: THERE}
        assert state.clients == {"a tab": number}

    def test_kept_unrefined_it_changes_nothing_and_refined_anew_it_does(self, view, log):
        logged = LoggedSession(view, log, replayed(log))
        outcome = self.give(logged, log, HERE)  # there is no refiner yet
        assert (outcome.step.unrefined, logged.pending) == (True, 1)
        assert_array_equal(logged.session.current, INITIAL)

        logged.ask(Disks(), whole_window, (), merge_name="whole", model="def")
        logged.refine()

        assert logged.pending == 0
        assert_array_equal(logged.session.current, np.where(around(12, 20), 1, INITIAL))
        logged.keep()
        assert_array_equal(logged.session.current, INITIAL)
        assert_array_equal(replayed(log).current, INITIAL)

    def test_the_table_has_its_place_and_sign(self, view, log, tmp_path):
        self.give(self.logged(view, log), log, THERE)

        write_csv(tmp_path / "log.csv", log)

        head, _, row, _ = (tmp_path / "log.csv").read_text().splitlines()
        fields = dict(zip(head.split(","), row.split(","), strict=True))
        named = ("kind", "sign", "row_px", "column_px", "length_px", "radius_px", "points", "path_px")
        assert [fields[name] for name in named] == ["click", "-1", "40.5", "64.5", "0.0", "", "1", "40.5 64.5"]
