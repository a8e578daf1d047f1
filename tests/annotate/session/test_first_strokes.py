"""Strokes of another width than lines are shown at, or on ground of the other sign, are noticed and said once."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from annotate.session.annotation_session import AnnotationSession
from annotate.session.first_strokes import ENOUGH, FirstStrokes
from interaction.prompts import Stroke
from tests.annotate.models import FakeModels
from tests.annotate.photographed import COLUMNS, ROWS, PhotographSite
from tests.annotate.serving import DRAWN, Site
from tests.annotate.session.sessions import Inbox, put
from tests.simulation.fakes import stroke_at

MIDDLE = (ROWS.start + ROWS.stop) / 2 - 0.5
WIDTH = ROWS.stop - ROWS.start


def along(number, radius=WIDTH / 2, sign=1, row=MIDDLE):
    """A stroke along the line, in pixels of the photograph."""
    left = COLUMNS.start + 20.0 + 30 * number
    return Stroke(np.array([(row, left), (row, left + 25)]), np.full(2, radius), sign)


@pytest.fixture
def prepared(tmp_path, capsys):
    def prepare(**options):
        site = PhotographSite(tmp_path)
        site.photograph("a", **options)
        return site

    return prepare


def said(view, strokes):
    first = FirstStrokes(view, 0)
    return [text for stroke in strokes if (text := first.drawn(stroke))]


def test_strokes_as_wide_as_lines_are_shown_say_nothing(prepared):
    view = prepared(line_width=WIDTH).views()[0]

    assert said(view, [along(number) for number in range(8)]) == []


@pytest.mark.parametrize(("radius", "says"), [(WIDTH * 0.7, []), (WIDTH * 0.8, ["19.2"]), (WIDTH / 3.2, ["7.5"])])
def test_strokes_one_and_a_half_times_too_wide_or_narrow_are_noticed_with_the_command(prepared, radius, says):
    view = prepared(line_width=WIDTH).views()[0]

    texts = said(view, [along(number, radius) for number in range(8)])

    assert len(texts) == len(says)
    assert all(f"--dataset lines --line_width {width}`" in text for text, width in zip(texts, says, strict=True))


def test_strokes_on_what_is_ground_to_the_models_are_noticed(prepared):
    view = prepared(line_width=WIDTH, polarity=-1).views()[0]

    (text,) = said(view, [along(number) for number in range(8)])

    assert "as if lines were bright; by your strokes they are dark." in text
    assert text.endswith("--dataset lines --polarity dark`.")


def test_strokes_across_plain_ground_say_nothing_of_the_sign(prepared):
    view = prepared(line_width=WIDTH).views()[0]

    assert said(view, [along(number, row=200.0) for number in range(8)]) == []


def test_it_is_said_of_the_fifth_stroke_that_adds_line_and_no_later(prepared):
    view = prepared(line_width=WIDTH).views()[0]
    first = FirstStrokes(view, 0)
    strokes = [along(0, 2.0, sign=-1), *(along(number, 2.0) for number in range(7))]

    assert [first.drawn(stroke) is not None for stroke in strokes] == [False] * 5 + [True] + [False] * 2


def test_what_was_drawn_on_for_long_is_left_alone(prepared):
    view = prepared(line_width=WIDTH).views()[0]

    assert [FirstStrokes(view, ENOUGH).drawn(along(number, 2.0)) for number in range(8)] == [None] * 8


def test_mirrors_say_nothing(tmp_path):
    site = Site(tmp_path)
    site.prepare(DRAWN)

    assert said(site.views()[0], [stroke_at([(20, 20), (20, 60)], 30.0)] * 8) == []


def test_a_page_is_told_with_the_answer(prepared):
    site = prepared(line_width=WIDTH)
    with closing(AnnotationSession.open(site.views()[0], site.config, FakeModels())) as session:
        session.start("empty")
        inbox = Inbox(session)
        for number in range(ENOUGH):
            put(session, along(number, 2.0), refine=False)
        session.wait()

    told = [change["message"] for change in inbox.changes]
    assert told[:-1] == [None] * (ENOUGH - 1)
    assert "--line_width 4" in told[-1]
