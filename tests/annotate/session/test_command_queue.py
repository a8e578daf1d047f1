"""Changes are undone, redone, reduced to their strokes, and refined on request."""

import numpy as np

from tests.annotate.models import ToldEngine, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Ear, bits, kinds, put, reference
from tests.simulation.fakes import stroke_at


def test_undo_and_redo_have_no_limit_also_after_a_restart(opened):
    desk = opened()
    stands = [bits(desk)]
    for stroke in strokes(12, 5, MODEL_SHAPE):
        put(desk, stroke)
        desk.wait()
        stands.append(bits(desk))
    for _ in range(4):
        desk.undo()
    desk.wait()
    desk.close()

    again = opened()
    back, forth = [bits(again)], []
    for _ in range(10):
        again.undo()
        again.wait()
        back.append(bits(again))
    for _ in range(14):
        again.redo()
        again.wait()
        forth.append(bits(again))

    assert back == [*stands[8::-1], stands[0], stands[0]]
    assert forth == [*stands[1:], stands[12], stands[12]]
    assert again.state()["can_undo"]
    assert not again.state()["can_redo"]


def test_undo_waits_for_the_strokes_before_it(opened):
    desk = opened(engine := ToldEngine())
    engine.answers.clear()
    ear = Ear(desk)

    first, second = (put(desk, stroke) for stroke in strokes(2, 6, MODEL_SHAPE))
    desk.undo()
    engine.answers.set()
    desk.wait()

    assert [(message["cause"], message["stroke"]) for message in ear.changes] == [
        ("stroke", first),
        ("stroke", second),
        ("undo", second),
    ]


def test_the_stroke_alone_can_be_kept(opened):
    desk = opened()
    ear = Ear(desk)
    stroke = stroke_at([(20, 20), (20, 40)])

    number = put(desk, stroke)
    desk.keep_stroke()
    desk.keep_stroke()
    desk.wait()

    assert kinds(desk) == ["start", "stroke", "change", "undo", "change"]
    assert np.count_nonzero(desk.exact()[1]) == reference(desk).unrefined_change(stroke).after.sum()
    kept = ear.changes[1]
    assert (kept["cause"], kept["stroke"], kept["bare"], kept["event"]) == ("keep", number, True, 5)
    assert kept["region"] == ear.changes[0]["region"]
    assert not kept["can_keep"]
    assert kept["pending_refine"] == 0
    desk.undo()
    desk.wait()
    assert not desk.exact()[1].any()


def test_strokes_are_refined_on_request_as_if_that_had_been_asked_at_once(opened):
    desk = opened()
    ear = Ear(desk)
    first, second, third, fourth = strokes(4, 7, MODEL_SHAPE)
    session = reference(desk)
    session.commit(session.propose([first])[0])
    session.commit(session.propose([second])[0])
    session.commit(session.unrefined_change(third))
    session.commit(session.propose([fourth])[0])

    put(desk, first)
    put(desk, second, refine=False)
    put(desk, third)
    desk.keep_stroke()
    put(desk, fourth)
    desk.wait()
    assert desk.state()["pending_refine"] == 1
    desk.refine()
    desk.refine()
    desk.wait()

    assert bits(desk) == session.current.tobytes()
    assert kinds(desk)[-6:] == ["undo"] * 3 + ["change"] * 3
    refined = [message for message in ear.changes if message["cause"] == "refine"]
    assert [message["bare"] for message in refined] == [False, True, False]
    assert [message["event"] for message in refined] == [desk.log.last - 2, desk.log.last - 1, desk.log.last]
    assert desk.state()["pending_refine"] == 0
    assert ear.of("job")[-1]["done"]
    desk.close()
    again = opened()
    assert bits(again) == session.current.tobytes()
    assert again.state()["pending_refine"] == 0


def test_what_waits_to_be_refined_is_known_after_a_restart(opened):
    desk = opened()
    put(desk, stroke_at([(20, 20)]), refine=False)
    put(desk, stroke_at([(60, 60)]))
    desk.keep_stroke()
    desk.wait()
    desk.close()

    assert opened().state()["pending_refine"] == 1
