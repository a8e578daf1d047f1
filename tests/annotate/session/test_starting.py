"""From what a mirror is started, once."""

from functools import partial

import numpy as np
import pytest

from data.errors import DataError
from tests.annotate.models import BASE, FakeModels
from tests.annotate.serving import MODEL_SHAPE, UNDRAWN
from tests.annotate.session.sessions import Inbox, bits, put
from tests.simulation.fakes import stroke_at


def test_before_the_start_nothing_can_be_drawn(opened):
    session = opened(source=None)

    state = session.state()
    assert not state.started
    assert (state.event, state.strokes, state.places, state.source) == (0, 0, None, None)
    assert state.sources == ["model", "otsu", "sauvola", "drawing", "empty"]
    for refused in (
        partial(put, session, stroke_at([(20, 20)])),
        session.undo,
        partial(session.seen, 0),
        session.exact,
    ):
        with pytest.raises(DataError, match="not started"):
            refused()
    with pytest.raises(DataError, match="not started"):
        session.drawing("current")
    assert session.drawing("truth")[0] == 0
    session.wait()


def test_it_starts_from_the_models_drawing(opened):
    drawing = np.random.default_rng(1).random(MODEL_SHAPE, np.float32)
    session = opened(FakeModels(drawing=drawing), source=None)
    inbox, shares = Inbox(session), []

    session.start("model", shares.append)
    session.wait()

    (event,) = session.log.events()
    assert bits(session) == drawing.tobytes()
    assert event.body == {"source": "model", "base_model": BASE, "made_by": "told.ckpt"}
    assert shares == [0.5]
    assert inbox.of("started") == [{"type": "started", "event": 1}]
    assert all(quality is not None for quality in inbox.of("places")[-1]["places"]["quality"])
    assert session.state().places.model_dump(mode="json") == inbox.of("places")[-1]["places"]


@pytest.mark.parametrize("source", ["drawing", "empty"])
def test_where_it_starts_without_a_model_no_quality_is_reported(opened, source):
    session = opened(source=source)
    put(session, stroke_at([(20, 20)]))
    session.wait()

    state = session.state()
    assert state.source == source
    assert state.places.quality == [None] * 4
    assert state.places.state == [""] * 4  # nobody said that it looks right, and nothing says that no more is missing
    assert (state.places.count.corrected, state.places.count.expected) == (None, None)
    truth = session.view.truth.astype(np.float32) if source == "drawing" else np.zeros(MODEL_SHAPE)
    assert (session.drawing("initial")[1] / 255).tolist() == truth.tolist()


def test_a_start_that_fails_can_be_made_again(opened):
    session = opened(FakeModels(drawing=np.zeros(MODEL_SHAPE, np.float32)), source=None)

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.start("model", stop)
    with pytest.raises(
        DataError, match="cannot start from 'oracle'; take model or otsu or sauvola or drawing or empty"
    ):
        session.start("oracle")
    assert not session.started
    session.start("model")
    with pytest.raises(DataError, match="started already, from model"):
        session.start("empty")


def test_a_mirror_that_nobody_drew_has_no_drawing_to_start_from(opened):
    session = opened(name=UNDRAWN, source=None)

    assert session.state().sources == ["model", "otsu", "sauvola", "empty"]
    with pytest.raises(DataError, match="take model or otsu or sauvola or empty"):
        session.start("drawing")
    with pytest.raises(DataError, match="no truth"):
        session.drawing("truth")
