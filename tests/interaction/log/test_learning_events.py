"""What was learned and redrawn is in the log, and is replayed to the bit, from the start and from a snapshot."""

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.errors import DataError
from data.regions import Region
from interaction.log.copies import copies_of
from interaction.log.learning_events import dismiss_entry, learn_entry, redraw_entry
from interaction.log.log import Log
from interaction.log.packing import pack_line, pack_step, unpack_difference
from interaction.log.replay import replayed
from interaction.log.tables import open_recorded, read_json, write_csv, write_json_log
from interaction.steps import Mark
from tests.interaction.log.drawer import INITIAL, Drawer, session
from tests.interaction.log.views import SHAPE, view_at
from tests.interaction.session_scene import bits
from tests.simulation.fakes import stroke_at

STROKES = (stroke_at([(10, 5), (10, 20)]), stroke_at([(5, 10), (20, 10)], sign=-1), stroke_at([(30, 40), (30, 50)]))
PLACE = Region(20, 3, 9, 7)
DIFFERENCE = bytes(range(256)) * 5


class Learner(Drawer):
    """Draws, marks, learns and redraws, and logs it as the page does."""

    def did(self, event):
        self.done.append(event)
        self.undone.clear()

    def mark(self):
        asked = self.log.append("seen", {"cell": 7, "region": PLACE.to_json(), "right": True}).number
        line = self.session.current[PLACE.slices] > 0.5
        self.did(self.log.append("mark", {"seen": asked}, pack_line(line)).number)
        self.session.mark(Mark.of(PLACE, True, line))

    def redraw(self, seed):
        new = np.random.default_rng(seed).random(SHAPE, dtype=np.float32)
        proposed = self.session.propose_redraw(new, f"version {seed}")
        self.did(self.log.append(*redraw_entry(proposed)).number)
        self.session.commit_redraw(proposed, event=self.log.last)

    def learn(self, seed):
        entry = learn_entry(
            f"version {seed}", None, "decoder", lessons=[1], record={"gain": 0.5}, difference=DIFFERENCE * seed
        )
        self.log.append(*entry)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return view_at(tmp_path_factory.mktemp("views") / "A_R")


@pytest.fixture
def log(tmp_path, view):
    with closing(Log.open(tmp_path / "log.sqlite", view)) as log:
        yield log


@pytest.fixture
def learner(log):
    return Learner(log)


def require_same(state, learner):
    assert_array_equal(bits(state.begun), bits(INITIAL))
    assert_array_equal(bits(state.initial), bits(learner.session.initial))
    assert_array_equal(bits(state.current), bits(learner.session.current))
    assert [entry.event for entry in state.history.done] == learner.done
    assert [entry.event for entry in state.history.undone] == learner.undone


def taken_up(state):
    again = session()
    prompts = [entry.prompt for entry in state.history.done if entry.event in state.steps]
    again.restore(state.current, prompts, state.history, state.initial)
    return again


ORDERS = st.one_of(
    st.tuples(st.just("make"), st.sampled_from(STROKES)),
    st.tuples(st.sampled_from(["redraw", "learn"]), st.integers(0, 2)),
    st.sampled_from([("undo",), ("redo",), ("snapshot",), ("mark",)]),
)


@pytest.mark.slow
@settings(max_examples=30)  # each writes to disk
@given(orders=st.lists(ORDERS, max_size=12))
def test_any_session_is_replayed_exactly_from_the_start_and_from_a_snapshot(view, tmp_path_factory, orders):
    with Log.open(tmp_path_factory.mktemp("any") / "log.sqlite", view) as log:
        log._database.connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested here
        learner = Learner(log)
        for name, *arguments in orders:
            getattr(learner, name)(*arguments)
        for thorough in (False, True):
            require_same(replayed(log, thorough=thorough), learner)
        again = taken_up(replayed(log))
        for step in range(2):
            while again.redo() if step else again.undo():
                (learner.session.redo if step else learner.session.undo)()
                assert_array_equal(bits(again.current), bits(learner.session.current))
                assert_array_equal(bits(again.initial), bits(learner.session.initial))
                assert_array_equal(again.protected, learner.session.protected)


def test_redrawings_undone_behind_a_snapshot_leave_both_drawings_as_they_were(log, learner):
    learner.make(STROKES[0])
    learner.redraw(1)
    learner.snapshot()
    learner.undo()
    require_same(replayed(log), learner)
    assert_array_equal(replayed(log).initial, INITIAL)


def test_an_exported_log_comes_to_the_same(log, learner, tmp_path):
    learner.make(STROKES[0])
    learner.learn(1)
    learner.redraw(1)
    learner.make(STROKES[2])
    write_json_log(tmp_path / "log.json", log)
    state = replayed(read_json(tmp_path / "log.json"))
    require_same(state, learner)
    assert state.versions["version 1"].difference == DIFFERENCE
    with open_recorded(log.path) as reader:
        require_same(replayed(reader), learner)


def test_what_was_learned_is_told(log, learner):
    learner.make(STROKES[0])
    learner.learn(1)
    entry = learn_entry("b", "version 1", "head", lessons=[2, 3], record={}, difference=b"")
    log.append(*entry)
    state = replayed(log)
    assert list(state.versions) == ["version 1", "b"]
    first, second = state.versions.values()
    assert (first.parent, first.candidate, first.lessons, first.record) == (None, "decoder", (1,), {"gain": 0.5})
    assert (second.parent, second.lessons, second.difference) == ("version 1", (2, 3), b"")
    assert first.event < second.event == log.last


def test_a_redrawing_that_was_not_wanted_is_told_and_changes_nothing(log, learner):
    before = replayed(log).current
    event = log.append(*dismiss_entry("a", [PLACE.to_json()])).number
    state = replayed(log)
    assert state.dismissed == {event: "a"}
    assert_array_equal(state.current, before)
    assert log.event(event).body["regions"] == [PLACE.to_json()]


def test_every_redrawing_is_told_and_those_that_hold(log, learner):
    learner.redraw(1)
    learner.redraw(2)
    learner.undo()
    state = replayed(log)
    assert [redraw.version for redraw in state.redraws.values()] == ["version 1", "version 2"]
    assert [entry.version for entry in state.history.done] == ["version 1"]


def test_a_copy_and_a_log_written_anew_hold_them(log, learner):
    learner.make(STROKES[0])
    learner.learn(2)
    log.copy()
    learner.redraw(1)
    log.path.write_bytes(b"overwritten")
    assert log.mend()
    require_same(replayed(log), learner)
    assert replayed(log).versions["version 2"].difference == DIFFERENCE * 2
    (copy,) = copies_of(log.path)
    with Log.read(copy) as earlier:
        assert list(replayed(earlier).versions) == ["version 2"]


def test_a_table_names_the_version_that_learned_redrew_and_answered(log, learner, tmp_path):
    learner.learn(1)
    learner.redraw(1)
    learner.make(STROKES[0])
    change = log.event(log.last)
    log.append("undo", {"change": change.number})
    log.append("change", change.body | {"version": "version 1"}, change.blob)
    write_csv(tmp_path / "log.csv", log)
    rows = [line.split(",") for line in (tmp_path / "log.csv").read_text().splitlines()]
    model = rows[0].index("model")
    assert [(row[2], row[model]) for row in rows[1:] if row[model]] == [
        ("start", "abc"),
        ("learn", "version 1"),
        ("redraw", "version 1"),
        ("change", "version 1"),
    ]


class TestRefused:
    @pytest.mark.parametrize(
        ("kind", "body", "match"),
        [
            ("learn", {"version": "a"}, "cannot be followed"),
            ("redraw", {"version": "a", "region": [0, 0, 9999, 1]}, "outside a drawing"),
            ("redraw", {"region": [0, 0, 1, 1]}, "cannot be followed"),
            ("dismiss", {}, "cannot be followed"),
        ],
    )
    def test_an_event_that_makes_no_sense(self, log, learner, kind, body, match):
        log.append(kind, body)
        with pytest.raises(DataError, match=rf"event 2 \({kind}\).*{match}"):
            replayed(log)

    def test_a_redrawing_of_another_drawing(self, log, learner):
        learner.redraw(1)
        event = log.event(log.last)
        log.append("redraw", event.body, event.blob)
        with pytest.raises(DataError, match="another drawing"):
            replayed(log)

    @pytest.mark.parametrize("blob", [None, b"", b"no weights"])
    def test_weights_that_are_damaged_are_named_where_they_are_needed(self, log, learner, blob):
        kind, body, _ = learn_entry("a", None, "head", lessons=[], record={}, difference=b"")
        log.append(kind, body, blob)
        learned = replayed(log).versions["a"]
        with pytest.raises(DataError, match=r"event 2 \(learn\).*damaged"):
            _ = learned.difference

    def test_weights_with_something_behind_them(self):
        *_, blob = learn_entry("a", None, "head", lessons=[], record={}, difference=DIFFERENCE)
        assert unpack_difference(blob) == DIFFERENCE
        with pytest.raises(DataError, match="damaged"):
            unpack_difference(blob + b"more")


def test_a_redrawing_is_packed_as_a_step_is(log, learner):
    learner.redraw(1)
    (entry,) = replayed(log).history.done
    assert pack_step(entry) == log.event(log.last).blob
