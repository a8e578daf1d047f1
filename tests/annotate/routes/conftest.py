"""A mirror that tests share."""

from __future__ import annotations

import pytest

from annotate.server.app import create_app
from tests.annotate.serving import DRAWN, UNDRAWN, Site, asking, start


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A mirror that was begun, on which tests may draw, but not count."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.prepare(DRAWN, UNDRAWN)
    with asking(create_app(site.open_sessions())) as client:
        start(client, DRAWN)
        yield client
