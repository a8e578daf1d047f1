"""Sessions of a made-up site, with models that are told what to answer."""

import pytest

from annotate.session.annotation_session import AnnotationSession
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN


@pytest.fixture
def opened(site):
    """Open sessions; those that are still open in the end are closed."""
    sessions = []

    def open_session(models=None, name=DRAWN, source="empty"):
        view = next(view for view in site.views() if view.name == name)
        session = AnnotationSession.open(view, site.config, models or FakeModels())
        sessions.append(session)
        if source and not session.started:
            session.start(source)
            session.wait()
        return session

    yield open_session
    for session in sessions:
        session.close()
