"""A click in the log of the page: a session answers it, undoes it and exports it as it does a stroke."""

import csv

import pytest

from annotate.export import write_export
from annotate.library.annotation_progress import AnnotationProgress
from interaction.log import LOG
from interaction.log.log import Log
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from interaction.prompts import Click
from tests.annotate.session.sessions import Inbox, bits, kinds, put
from tests.simulation.fakes import stroke_at

CLICK, OUTSIDE = Click(60.0, 40.0, positive=False), Click(-50.0, 40.0, positive=True)


@pytest.fixture
def clicked(opened, site):
    """A session of a log with a stroke and two clicks that nobody had answered, the second off the drawing."""
    session = opened()
    put(session, stroke_at([(20, 20), (20, 40)]))
    session.wait()
    session.close()
    path = site.config.annotations / session.view.name / LOG
    with Log.open(path, session.view) as log:
        for click in (CLICK, OUTSIDE):
            log.append(*prompt_entry(click, refine=True, client=f"client {log.last}"))
    again = opened()
    again.wait()
    return again


def test_it_is_answered_and_one_outside_the_drawing_is_refused(clicked):
    assert kinds(clicked) == ["start", "stroke", "change", "click", "click", "change", "refused"]
    refused = list(clicked.log.events())[-1].body
    assert refused == {"stroke": 5, "message": "the click lies outside the drawing"}
    assert (clicked.waiting, clicked.state().strokes) == (0, 2)
    assert clicked.state().refused == {5: "the click lies outside the drawing"}  # for pages that did not hear it
    assert replayed(clicked.log, thorough=True).current.tobytes() == bits(clicked)


def test_it_is_undone_and_redone_and_kept_without_what_the_model_predicted(clicked):
    answered, inbox = bits(clicked), Inbox(clicked)

    clicked.undo()
    clicked.wait()
    before = bits(clicked)
    clicked.redo()
    clicked.wait()
    assert bits(clicked) == answered != before
    clicked.keep_stroke()
    clicked.wait()

    assert bits(clicked) == before  # a click alone changes no pixel
    assert [(change["cause"], change["stroke"], change["sign"], change["bare"]) for change in inbox.changes] == [
        ("undo", 4, -1, False),
        ("redo", 4, -1, False),
        ("keep", 4, -1, True),
    ]


def test_the_list_counts_it_and_the_table_has_a_row_of_it(clicked, tmp_path):
    progress = AnnotationProgress(clicked.view)
    progress.read(clicked.log.path)
    write_export("csv", clicked.view, clicked.exact()[1], clicked.log, tmp_path / "strokes.csv")

    assert progress.strokes == 2
    with (tmp_path / "strokes.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["kind"] == "click")
    assert (row["sign"], row["row_px"], row["column_px"], row["radius_px"], row["points"]) == (
        "-1",
        "60.0",
        "40.0",
        "",
        "1",
    )
