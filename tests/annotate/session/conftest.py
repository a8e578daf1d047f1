"""Desks of a made-up site, with engines that are told what to answer."""

import pytest

from annotate.session.annotation_session import AnnotationSession
from tests.annotate.models import ToldEngine
from tests.annotate.serving import DRAWN


@pytest.fixture
def opened(site):
    """Open desks; those that are still open in the end are closed."""
    desks = []

    def open_desk(engine=None, name=DRAWN, source="empty"):
        view = next(view for view in site.views() if view.name == name)
        desk = AnnotationSession.open(view, site.config, engine or ToldEngine())
        desks.append(desk)
        if source and not desk.started:
            desk.start(source)
            desk.wait()
        return desk

    yield open_desk
    for desk in desks:
        desk.close()
