"""Copies of a log are made in the background, and stop nobody."""

from __future__ import annotations

from annotate.session import opening
from interaction.log.copies import copies_of
from tests.annotate.models import strokes
from tests.annotate.serving import MODEL_SHAPE, until
from tests.annotate.session.sessions import put
from tests.interaction.log.losses import delete_folder
from tests.simulation.fakes import stroke_at


def test_copies_are_made_when_a_mirror_is_opened_and_every_so_many_events(opened, monkeypatch):
    monkeypatch.setattr(opening, "COPY_EVERY", 6)
    session = opened()
    path = session.log.path
    until(lambda: len(copies_of(path)) == 1)
    for each in strokes(3, 0, MODEL_SHAPE):  # two events each
        put(session, each, refine=False)
        session.wait()
    until(lambda: len(copies_of(path)) == 2)
    session.close()

    opened().close()
    made = copies_of(path)
    opened().close()
    assert copies_of(path) == made  # nothing was drawn since


def test_a_copy_that_cannot_be_made_stops_nobody(opened, monkeypatch, caplog):
    monkeypatch.setattr("interaction.log.log.copy_log", lambda path: (_ for _ in ()).throw(OSError(28, "no space")))
    session = opened()
    until(lambda: "no copy could be made" in caplog.text)

    put(session, stroke_at([(20, 20)]))
    session.wait()
    assert session.state().strokes == 1
    assert session.state().read_only is None


def test_a_log_that_was_lost_with_its_copies_has_a_copy_again(opened):
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    until(lambda: bool(copies_of(session.log.path)))
    session._copies.wait()

    delete_folder(session.log.path)
    session.undo()
    session.wait()
    session.recover()
    session.wait()

    until(lambda: bool(copies_of(session.log.path)))
