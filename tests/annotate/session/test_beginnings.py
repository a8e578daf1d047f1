"""What a mirror can be begun from is drawn before somebody chooses, and is kept until then."""

import numpy as np
import pytest

from annotate.errors import AnnotateError
from data.regions import whole
from models.classical import otsu
from tests.annotate.models import FakeModels
from tests.annotate.serving import MODEL_SHAPE, UNDRAWN
from tests.annotate.session.sessions import bits


class CountingModels(FakeModels):
    """Draws, and counts how often."""

    drawn = 0

    def initial(self, view, progress):
        self.drawn += 1
        return super().initial(view, progress)


def models():
    return CountingModels(drawing=np.random.default_rng(1).random(MODEL_SHAPE, np.float32))


def test_a_picture_of_each_source_but_the_empty_one_is_offered_until_the_start(opened):
    session, shares = opened(models(), source=None), []

    before = session.state().previews
    session.beginnings.draw(shares.append)
    drawn = session.state().previews
    pictures = {session.beginnings.picture(source) for source in drawn}
    session.start("empty")

    assert before == []
    assert drawn == ["model", "otsu", "sauvola", "drawing"]
    assert len(pictures) == 4
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert session.state().previews == []
    assert session.beginnings.picture("model") in pictures  # a page that heard of it before the start may ask now


def test_there_is_no_picture_before_any_was_drawn(opened):
    with pytest.raises(AnnotateError, match="no picture of 'model'"):
        opened(models(), source=None).beginnings.picture("model")


def test_the_models_drawing_is_made_once(opened):
    made = models()
    session = opened(made, source=None)

    session.beginnings.draw()
    session.start("model")

    assert made.drawn == 1
    assert bits(session) == made._drawing.tobytes()


@pytest.mark.parametrize("source", ["otsu", "sauvola"])
def test_it_starts_from_a_classical_drawing(opened, source):
    session = opened(name=UNDRAWN, source=source)

    (event,) = session.log.events()
    image = session.view.read(whole(MODEL_SHAPE), ["depth"], 0.5)[0]
    state = session.state()
    assert event.body == {"source": source, "base_model": None, "made_by": source}
    assert state.source == source
    assert state.places.quality == [None] * 4  # its values are no probabilities
    if source == "otsu":
        assert (session.exact()[1] == otsu(image, session.view.mask)).all()


def test_who_chooses_another_source_does_not_wait_for_the_model(opened):
    session = opened(models(), source=None)

    session.beginnings.draw(lambda share: session.beginnings.leave_to("empty"))

    assert session.state().previews == []


def test_who_chooses_the_model_gets_what_is_being_drawn(opened):
    made = models()
    session = opened(made, source=None)

    session.beginnings.draw(lambda share: session.beginnings.leave_to("model"))
    session.start("model")

    assert made.drawn == 1


def test_models_that_never_come_keep_nobody_from_beginning(opened):
    session = opened(FakeModels(loaded=False), source=None)

    session.beginnings.draw(lambda share: session.beginnings.leave_to("empty"))  # asked while it waits for them
    session.start("empty")

    assert session.started
