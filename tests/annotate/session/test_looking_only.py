"""A log that another program has open, or that cannot be written, is shown, followed, and drawn on once it can be."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from annotate.errors import NotWrittenError
from annotate.library.annotation_progress import PLACES
from interaction.log.locking import Lock
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN, MIRROR, MODEL_SHAPE, UNDRAWN, settled, stroke, until
from tests.annotate.session.sessions import bits, put
from tests.interaction.log.losses import delete
from tests.simulation.fakes import stroke_at


class TestLookingOnly:
    @pytest.fixture
    def path(self, opened, site):
        session = opened()
        put(session, stroke_at([(20, 20), (20, 80)], 2))
        session.wait()
        self.drawn = bits(session)
        session.close()
        return site.image_list().log_path(DRAWN)

    def test_a_mirror_that_another_program_has_open_is_shown_and_follows_it(self, path, client, opened):
        # Given another program that draws
        other = opened()
        other.wait()

        # When the mirror is opened here
        state = client.get(MIRROR).json()

        # Then it is shown as it is, and cannot be drawn on
        assert "is open in another program (process" in state["read_only"]
        assert (state["started"], state["strokes"], state["waiting"]) == (True, 1, 0)
        assert client.get(f"{MIRROR}/drawings/current").status_code == 200
        assert client.get(f"{MIRROR}/export/svg").status_code == 200
        refused = client.post(f"{MIRROR}/strokes", json=stroke())
        assert refused.status_code == 503
        assert "open in another program" in refused.json()["detail"]
        put(other, stroke_at([(90, 90)]))
        other.wait()
        until(lambda: client.get(MIRROR).json()["strokes"] == 2)

        # and once the other has ended it can be drawn on
        other.close()
        until(lambda: client.get(MIRROR).json()["read_only"] is None)
        assert client.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201
        settled(client, 3)

    def test_strokes_that_another_program_has_still_to_answer_are_left_to_it(self, opened):
        other = opened(models := FakeModels())
        models.answers.clear()
        put(other, stroke_at([(90, 90)]))
        until(lambda: models.calls)

        looking = opened()
        looking.wait()

        assert looking.waiting == 0
        assert looking.state().strokes == 0
        models.answers.set()

    def test_nothing_is_written_beside_a_log_that_is_only_looked_at(self, path, opened, client):
        other = opened(models := FakeModels(drawing=np.full(MODEL_SHAPE, 0.2, np.float32)), UNDRAWN, "model")
        other.wait()
        count = path.parent.parent / UNDRAWN / PLACES
        count.unlink()

        looking = opened(models, UNDRAWN)
        looking.wait()

        assert looking.state().places.count.expected is not None  # it was estimated here, too
        assert not count.exists()

    def test_a_mirror_that_nobody_has_begun_is_shown_too(self, site, opened, monkeypatch):
        path = site.image_list().log_path(DRAWN)
        path.parent.mkdir(parents=True)
        lock = Lock(path.with_suffix(".lock"), path)
        session = opened(source=None)

        state = session.state()
        assert "open in another program" in state.read_only
        assert (state.started, state.event) == (False, 0)
        with pytest.raises(NotWrittenError, match="open in another program"):
            session.start("empty")
        session.close()
        lock.release()

    def test_a_mirror_that_another_program_begins_is_followed_from_there_on(self, opened):
        other, looking = opened(name=UNDRAWN, source=None), opened(name=UNDRAWN, source=None)
        other.start("empty")
        other.wait()

        looking.recover()
        looking.wait()

        assert looking.started

    def test_a_log_that_the_other_program_had_to_write_again_is_followed_too(self, path, opened):
        other, looking = opened(), opened()
        delete(path)
        other.undo()
        other.wait()
        other.recover()
        other.wait()
        put(other, stroke_at([(90, 90)]))
        other.wait()

        looking.recover()
        looking.wait()

        assert looking.state().strokes == 2
        assert bits(looking) == bits(other)

    def test_what_others_draw_in_a_folder_that_only_they_can_write_is_followed(self, path, opened, monkeypatch):
        other = opened()
        with monkeypatch.context() as folder:
            folder.setattr("interaction.log.reading.os.access", lambda *place, **how: False)
            looking = opened()
            for strokes_now in (2, 3):
                put(other, stroke_at([(90, 90 + strokes_now)]))
                other.wait()
                looking.recover()
                looking.wait()
                assert looking.state().strokes == strokes_now
        assert bits(looking) == bits(other)

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
    def test_a_folder_that_cannot_be_written_is_shown(self, path, opened, monkeypatch, number):
        def refuse(lock, subject):
            raise OSError(number, os.strerror(number), str(lock))

        with monkeypatch.context() as read_only:
            read_only.setattr("interaction.log.log.Lock", refuse)
            session = opened()
            session.wait()

            assert os.strerror(number) in session.state().read_only
            assert session.state().strokes == 1
            assert bits(session) == self.drawn
        session.recover()
        session.wait()
        put(session, stroke_at([(50, 50)]))
        session.wait()
        assert session.state().strokes == 2
