"""A learner's run through a domain: where it goes on, and the forest beside it."""

from types import SimpleNamespace

import numpy as np
import pytest

from bench.domains.correcting import Outcome
from bench.domains.learning import OnlineRun, _Watch
from data.io.files import write_text
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from runs.evaluation.teaching import Journal, journal_text
from simulation.correction_loop import Progress
from tests.simulation.fakes import SCALE, BlankCanvas, stroke_at

SHAPE = (64, 96)
VIEWS = ("001-a", "002-b", "003-c")


def run_with_journals(folder, *views):
    run = OnlineRun.__new__(OnlineRun)  # without networks: nothing is learned here
    run._work, run.taken = folder, []
    run._teacher = SimpleNamespace(take=run.taken.append)
    for view in views:
        write_text(run._journal(view), journal_text(Journal([None])))
    return run


@pytest.mark.parametrize(
    ("journals", "done", "kept"),
    [
        (VIEWS, VIEWS, 3),
        (VIEWS, VIEWS[:1], 1),  # the second one was being corrected
        (VIEWS, VIEWS[1:], 0),  # a record was lost: later images must not have been learned from
        (VIEWS[1:], VIEWS, 0),
        ((VIEWS[0], VIEWS[2]), VIEWS, 1),
    ],
)
def test_it_goes_on_before_the_first_image_that_is_not_done_and_knows_no_later_one(tmp_path, journals, done, kept):
    run = run_with_journals(tmp_path, *journals)
    assert run.resume(VIEWS, done) == kept
    assert len(run.taken) == kept


class Forest:
    """Draws a bar, and counts how often."""

    def __init__(self):
        self.calls, self.bar = 0, np.zeros(SHAPE, np.float32)
        self.bar[40:44] = 0.9

    def redrawn(self, line, known):
        self.calls += 1
        return self.bar


def watch(forest):
    session = RefinementSession(
        BlankCanvas(SHAPE), np.zeros(SHAPE, np.float32), ManualRefiner(SCALE), scale=SCALE, channels=(), undoable=0
    )
    loop = SimpleNamespace(session=session, finished=(), learned=[], rounds=(1, 2, 2))
    scene = SimpleNamespace(
        valid=np.ones(SHAPE, bool),
        pfm=lambda drawing, where=None: float((drawing > 0.5).sum()),
        scores=lambda drawing: {"pfm": float((drawing > 0.5).sum())},
    )
    return _Watch(scene, loop, session.initial, forest), session


def drawn_to(watched, session, strokes):
    for number in range(1, strokes + 1):
        session.commit(session.propose([stroke_at([(8, 10 * number)], radius=1)])[0])
        watched.look(Progress(number, 10 * number, None, None, 0, 0))


def test_the_forest_beside_has_every_stroke_in_its_drawing():
    forest = Forest()
    watched, session = watch(forest)
    drawn_to(watched, session, 7)  # it learns after 5
    ours = Outcome(list(range(8)), list(range(0, 80, 10)), [0.0] * 8, {}, 0, 0, 1.0)

    outcome = watched.forest_outcome(ours)

    bar, strokes = int((forest.bar > 0.5).sum()), int((session.current > 0.5).sum())
    assert strokes > 0
    assert forest.calls == 2
    assert outcome.strokes == [*range(8), 7]
    assert outcome.pfm[4] < bar < outcome.pfm[5] < outcome.pfm[6]  # strokes show at once, not when it learns next
    assert outcome.scores["pfm"] == outcome.pfm[-1] == bar + strokes


def test_what_learning_brings_is_measured_where_no_stroke_was():
    watched, session = watch(None)
    seen = []
    watched._scene.pfm = lambda drawing, where=None: float(seen.append(where) or 0.0)
    watched._loop.learned.append(1)
    drawn_to(watched, session, 1)
    assert not seen, "one place was learned from"
    watched._loop.learned.append(1)
    drawn_to(watched, session, 1)
    assert len(seen) == 2, "three were"
    assert all(not where[session.protected].any() for where in seen)
    assert seen[0].any()
