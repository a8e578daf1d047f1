"""The list of mirrors says what an open mirror says of itself, without opening any."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from annotate.errors import AnnotateError
from annotate.library.annotation_progress import PLACES, AnnotationProgress, write_count
from annotate.library.image_list import UnknownMirror
from annotate.messages import PlacesCount
from annotate.session.annotation_session import AnnotationSession
from interaction.log.log import Log
from interaction.prompts.strokes import ADD, Stroke
from tests.annotate.serving import DRAWN, UNDRAWN


@pytest.fixture
def session(sessions):
    with sessions.session(DRAWN) as opened:
        opened.start("empty")
        yield opened


def draw(session, row, column):
    path = np.array([[row, column], [row, column + 20.0]])
    number = session.draw(Stroke(path, np.full(2, 6.0), ADD), refine=False, client=f"{row} {column}")
    session.wait()
    return number


def test_a_list_of_what_nobody_has_opened_makes_no_folder(site):
    mirrors = site.image_list().mirrors()

    assert [mirror.name for mirror in mirrors] == [DRAWN, UNDRAWN]
    assert [mirror.has_truth for mirror in mirrors] == [True, False]
    for mirror in mirrors:
        assert (mirror.started, mirror.progress, mirror.strokes, mirror.changed, mirror.problem) == (
            False,
            None,
            0,
            None,
            None,
        )
    assert not site.config.annotations.exists()


def test_the_list_says_what_the_open_mirror_says(site, session):
    """After each event: places that look right, marks taken back, brought back, and a stroke that opens one again."""
    image_list = site.image_list()

    def same():
        session.wait()
        mirror, state = image_list.mirrors()[0], session.state()
        assert mirror.started
        assert mirror.strokes == state.strokes
        assert mirror.progress == pytest.approx(state.places.progress)
        assert mirror.places == state.places.count
        return mirror.places.right

    right = [same()]
    draw(session, 100.0, 100.0)
    right.append(same())
    session.seen(3)
    right.append(same())
    session.seen(0)
    right.append(same())
    session.undo()
    right.append(same())
    session.redo()
    right.append(same())
    session.seen(3, right=False)
    right.append(same())
    draw(session, 200.0, 200.0)  # in a place that looked right
    right.append(same())
    session.undo()
    session.undo()
    right.append(same())

    assert right == [0, 0, 1, 2, 1, 2, 1, 0, 2]


def test_a_log_alone_says_which_places_look_right_and_not_what_else_is_done(site, session):
    draw(session, 100.0, 100.0)
    session.seen(3)
    session.seen(2)
    session.undo()
    session.wait()
    image_list = site.image_list()
    (image_list.folder(DRAWN) / PLACES).unlink()

    assert image_list.mirrors()[0].places == PlacesCount(of=4, right=1, corrected=None, expected=None)


@pytest.mark.parametrize("content", ["{", "[]", '{"event": 1}', '{"event": "1", "of": 4, "right": 4}'])
def test_a_count_that_is_damaged_counts_for_nothing(site, session, content):
    session.seen(3)
    session.wait()
    image_list = site.image_list()
    (image_list.folder(DRAWN) / PLACES).write_text(content)

    assert image_list.mirrors()[0].places.right == 1


def test_a_count_of_another_log_counts_for_nothing(site, session):
    session.wait()
    image_list = site.image_list()
    everything = PlacesCount(of=4, right=4, corrected=0, expected=0)
    write_count(image_list.folder(DRAWN) / PLACES, everything, session.log.last + 1)

    assert image_list.mirrors()[0].places.right == 0


def test_places_that_an_old_log_marks_stay_marked(site, session):
    session.wait()
    region = list(session.state().places.grid[2])
    session.log.append("seen", {"cell": 2, "region": region})

    assert site.image_list().mirrors()[0].places.right == 1


def test_the_last_change_is_the_time_of_the_last_event(site, session):
    draw(session, 100.0, 100.0)
    with closing(Log.read(site.image_list().log_path(DRAWN))) as log:
        last = list(log.events())[-1]

    assert site.image_list().mirrors()[0].changed == last.time


def test_a_log_is_read_again_only_when_it_was_written_and_then_from_where_it_stopped(site, session, monkeypatch):
    image_list, read = site.image_list(), []
    events = Log.events
    monkeypatch.setattr(Log, "events", lambda log, after=0, **rest: (read.append(after), events(log, after, **rest))[1])
    draw(session, 100.0, 100.0)
    last = session.log.last
    for _ in range(3):
        image_list.mirrors()
    draw(session, 100.0, 300.0)
    first = image_list.mirrors()[0]

    assert read == [0, last]
    assert first.strokes == 2


def test_a_log_in_another_one_s_place_is_read_from_its_beginning(site):
    image_list = site.image_list()
    for strokes in (3, 1):
        sessions = site.open_sessions()
        with sessions.session(DRAWN) as session:
            session.start("empty")
            for number in range(strokes):
                draw(session, 100.0, 100.0 + 50 * number)
        sessions.close()
        assert image_list.mirrors()[0].strokes == strokes
        for path in image_list.folder(DRAWN).iterdir():
            path.rename(path.with_name(f"{strokes} {path.name}"))
    assert image_list.mirrors()[0].strokes == 0


def test_one_log_that_cannot_be_read_spoils_no_list(site, session):
    path = site.image_list().log_path(UNDRAWN)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"SQLite format 3\0" + b"?" * 4096)

    drawn, broken = site.image_list().mirrors()

    assert drawn.started
    assert drawn.problem is None
    assert "log.sqlite" in broken.problem
    assert not broken.started


@pytest.mark.parametrize("name", ["nobody", "..", f"{DRAWN}/..", "", "/etc", DRAWN.lower()])
def test_a_name_that_is_not_in_the_list_has_no_view_and_no_folder(site, name):
    image_list = site.image_list()

    for look_up in (image_list.view, image_list.folder, image_list.log_path):
        with pytest.raises(UnknownMirror, match="no mirror"):
            look_up(name)


def test_a_mirror_without_any_object_is_done_as_soon_as_it_is_begun(site, monkeypatch):
    monkeypatch.setattr("annotate.library.annotation_progress.grid_of", lambda mask: [])
    annotation = AnnotationProgress(site.views()[0])

    assert annotation.count is None
    annotation.started = True
    assert annotation.count.progress == 1.0


def test_the_list_opens_no_mirror(site, monkeypatch):
    sessions = site.open_sessions()
    with sessions.session(DRAWN) as session:
        session.start("empty")
    sessions.close()

    def refuse(*arguments):
        raise AnnotateError("opened")

    monkeypatch.setattr(AnnotationSession, "open", refuse)
    assert site.image_list().mirrors()[0].started
