"""From what a mirror is started, once."""

from functools import partial

import numpy as np
import pytest

from data.errors import DataError
from tests.annotate.models import BASE, ToldEngine
from tests.annotate.serving import MODEL_SHAPE, UNDRAWN
from tests.annotate.session.sessions import Ear, bits, put
from tests.simulation.fakes import stroke_at


def test_before_the_start_nothing_can_be_drawn(opened):
    desk = opened(source=None)

    state = desk.state()
    assert not state["started"]
    assert (state["event"], state["strokes"], state["places"], state["source"]) == (0, 0, None, None)
    assert state["sources"] == ["model", "drawing", "empty"]
    for refused in (partial(put, desk, stroke_at([(20, 20)])), desk.undo, partial(desk.seen, 0), desk.exact):
        with pytest.raises(DataError, match="not started"):
            refused()
    with pytest.raises(DataError, match="not started"):
        desk.drawing("current")
    assert desk.drawing("truth")[0] == 0
    desk.wait()


def test_it_starts_from_the_models_drawing(opened):
    drawing = np.random.default_rng(1).random(MODEL_SHAPE, np.float32)
    desk = opened(ToldEngine(drawing=drawing), source=None)
    ear, shares = Ear(desk), []

    desk.start("model", shares.append)
    desk.wait()

    (event,) = desk.log.events()
    assert bits(desk) == drawing.tobytes()
    assert event.body == {"source": "model", "base_model": BASE, "made_by": "told.ckpt"}
    assert shares == [0.5]
    assert ear.of("started") == [{"type": "started", "event": 1}]
    assert all(quality is not None for quality in ear.of("places")[-1]["places"]["quality"])
    assert desk.state()["places"] == ear.of("places")[-1]["places"]


@pytest.mark.parametrize("source", ["drawing", "empty"])
def test_where_it_starts_without_a_model_no_quality_is_said(opened, source):
    desk = opened(source=source)
    put(desk, stroke_at([(20, 20)]))
    desk.wait()

    state = desk.state()
    assert state["source"] == source
    assert state["places"]["quality"] == [None] * 4
    assert state["places"]["state"] == ["corrected", "", "", ""]
    truth = desk.view.truth.astype(np.float32) if source == "drawing" else np.zeros(MODEL_SHAPE)
    assert (desk.drawing("initial")[1] / 255).tolist() == truth.tolist()


def test_a_start_that_fails_can_be_made_again(opened):
    desk = opened(ToldEngine(drawing=np.zeros(MODEL_SHAPE, np.float32)), source=None)

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.start("model", stop)
    with pytest.raises(DataError, match="cannot start from 'oracle'; take model or drawing or empty"):
        desk.start("oracle")
    assert not desk.started
    desk.start("model")
    with pytest.raises(DataError, match="started already, from model"):
        desk.start("empty")


def test_a_mirror_that_nobody_drew_has_no_drawing_to_start_from(opened):
    desk = opened(name=UNDRAWN, source=None)

    assert desk.state()["sources"] == ["model", "empty"]
    with pytest.raises(DataError, match="take model or empty"):
        desk.start("drawing")
    with pytest.raises(DataError, match="no truth"):
        desk.drawing("truth")
