"""Changes are undone, redone, reduced to their strokes, and refined on request."""

import numpy as np

from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, bits, kinds, put, reference
from tests.simulation.fakes import stroke_at


def test_undo_and_redo_have_no_limit_also_after_a_restart(opened):
    session = opened()
    stands = [bits(session)]
    for stroke in strokes(12, 5, MODEL_SHAPE):
        put(session, stroke)
        session.wait()
        stands.append(bits(session))
    for _ in range(4):
        session.undo()
    session.wait()
    session.close()

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
    assert again.state().can_undo
    assert not again.state().can_redo


def test_undo_waits_for_the_strokes_before_it(opened):
    session = opened(models := FakeModels())
    models.answers.clear()
    inbox = Inbox(session)

    first, second = (put(session, stroke) for stroke in strokes(2, 6, MODEL_SHAPE))
    session.undo()
    models.answers.set()
    session.wait()

    assert [(message["cause"], message["stroke"]) for message in inbox.changes] == [
        ("stroke", first),
        ("stroke", second),
        ("undo", second),
    ]


def test_the_stroke_alone_can_be_kept(opened):
    session = opened()
    inbox = Inbox(session)
    stroke = stroke_at([(20, 20), (20, 40)])

    number = put(session, stroke)
    session.keep_stroke()
    session.keep_stroke()
    session.wait()

    assert kinds(session) == ["start", "stroke", "change", "undo", "change"]
    assert np.count_nonzero(session.exact()[1]) == reference(session).unrefined_change(stroke).after.sum()
    kept = inbox.changes[1]
    assert (kept["cause"], kept["stroke"], kept["bare"], kept["event"]) == ("keep", number, True, 5)
    assert kept["region"] == inbox.changes[0]["region"]
    assert not kept["can_keep"]
    assert kept["pending_refine"] == 0
    session.undo()
    session.wait()
    assert not session.exact()[1].any()


def test_strokes_are_refined_on_request_as_if_that_had_been_asked_at_once(opened):
    session = opened()
    inbox = Inbox(session)
    first, second, third, fourth = strokes(4, 7, MODEL_SHAPE)
    expected = reference(session)
    expected.commit(expected.propose([first])[0])
    expected.commit(expected.propose([second])[0])
    expected.commit(expected.unrefined_change(third))
    expected.commit(expected.propose([fourth])[0])

    put(session, first)
    put(session, second, refine=False)
    put(session, third)
    session.keep_stroke()
    put(session, fourth)
    session.wait()
    assert session.state().pending_refine == 1
    session.refine()
    session.refine()
    session.wait()

    assert bits(session) == expected.current.tobytes()
    assert kinds(session)[-6:] == ["undo"] * 3 + ["change"] * 3
    refined = [message for message in inbox.changes if message["cause"] == "refine"]
    assert [message["bare"] for message in refined] == [False, True, False]
    assert [message["event"] for message in refined] == [session.log.last - 2, session.log.last - 1, session.log.last]
    assert session.state().pending_refine == 0
    assert inbox.of("job")[-1]["done"]
    session.close()
    again = opened()
    assert bits(again) == expected.current.tobytes()
    assert again.state().pending_refine == 0


def test_what_waits_to_be_refined_is_known_after_a_restart(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]), refine=False)
    put(session, stroke_at([(60, 60)]))
    session.keep_stroke()
    session.wait()
    session.close()

    assert opened().state().pending_refine == 1
