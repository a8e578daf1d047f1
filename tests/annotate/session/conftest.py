"""Sessions of a made-up site, with models that are told what to answer."""

import pytest

from annotate.session.annotation_session import AnnotationSession
from tests.annotate.learners import FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN
from tests.annotate.session.lessons import BEGUN, REDRAWN


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


@pytest.fixture
def teachable(opened):
    """Open a mirror with models that learn, from the model's drawing; return the session and the learner."""

    def begin(drawing=REDRAWN, **options):
        models = FakeModels(drawing=BEGUN)
        models.learner = FakeLearner(drawing, **options)
        session = opened(models, source="model")
        return session, models.learner

    return begin
