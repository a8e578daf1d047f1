"""Which mirrors are open: one that somebody looks at, one of each, and not too many."""

from __future__ import annotations

import errno
import threading

import numpy as np
import pytest

from annotate.errors import AnnotateError, NotWrittenError
from annotate.images import pyramid
from annotate.session.annotation_session import AnnotationSession
from data.errors import DataError
from interaction.prompts.strokes import Stroke
from tests.annotate.serving import DRAWN, Site, until

STROKE = Stroke(np.array([[300.0, 200.0], [300.0, 260.0]]), np.array([6.0, 6.0]), 1)


def full(entries):
    raise DataError("the disk is full")


def test_a_mirror_that_somebody_looks_at_stays_open_and_others_are_closed(tmp_path, monkeypatch):
    monkeypatch.setattr("annotate.session.open_sessions.MOST_OPEN", 2)
    names = [f"SYN-000{number}_R" for number in range(1, 6)]
    site = Site(tmp_path)
    site.prepare(*names)
    closed = []
    close = AnnotationSession.close
    monkeypatch.setattr(AnnotationSession, "close", lambda session: (closed.append(session.view.name), close(session)))
    sessions = site.open_sessions()
    with sessions.session(names[0]) as looked_at:
        for name in names[1:]:
            with sessions.session(name):
                pass
        with sessions.session(names[0]) as again:
            assert again is looked_at

    assert closed == names[1:4]
    sessions.close()
    assert sorted(closed) == sorted(names)
    with pytest.raises(AnnotateError, match="ending"), sessions.session(names[0]):
        pass


def test_a_mirror_in_trouble_is_opened_anew_once_nobody_looks_at_it(site, monkeypatch):
    # Given a mirror that could not be written, and that nobody can draw on for that
    sessions = site.open_sessions()
    with sessions.session(DRAWN) as session:
        session.start("empty")
        with monkeypatch.context() as full_disk:
            full_disk.setattr(session.log, "append_all", full)
            with pytest.raises(NotWrittenError, match="full"):
                session.draw(STROKE, refine=False, client="one")
        with sessions.session(DRAWN) as same:
            assert same is session

    # When it is opened again
    with sessions.session(DRAWN) as anew:
        assert anew.state().read_only is None
        anew.draw(STROKE, refine=False, client="one")
        anew.wait()

        # Then it can be drawn on
        assert anew.state().strokes == 1
    sessions.close()


def test_a_mirror_asked_for_by_many_at_once_is_opened_once(site, monkeypatch):
    opened, used = [], []
    open_session = AnnotationSession.open
    monkeypatch.setattr(
        AnnotationSession, "open", lambda view, *rest: (opened.append(view.name), open_session(view, *rest))[1]
    )
    sessions = site.open_sessions()

    def look():
        with sessions.session(DRAWN) as session:
            used.append(session)

    threads = [threading.Thread(target=look) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sessions.close()

    assert opened == [DRAWN]
    assert len(set(map(id, used))) == 1


def test_tiles_that_cannot_be_kept_are_made_until_the_server_ends(site, monkeypatch):
    # Given annotations that lie where nothing can be written
    sessions = site.open_sessions()
    kept = sessions.pyramid(DRAWN).folder
    kept.parent.mkdir(parents=True)
    write = pyramid._write

    def refuse_there(path, *rest):
        if path.parent == kept:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        write(path, *rest)

    monkeypatch.setattr(pyramid, "_write", refuse_there)

    # When the mirror is looked at
    sessions.make_tiles(DRAWN)
    until(lambda: sessions.pyramid(DRAWN).ready)

    # Then there is a picture of it, and nothing is left in the end
    assert sessions.pyramid(DRAWN).tile("depth", 0, 0, 0)
    aside = sessions.pyramid(DRAWN).folder
    assert aside.is_dir()
    sessions.close()
    assert not aside.exists()
    assert not kept.exists()
