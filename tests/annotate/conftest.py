"""Made-up mirrors, and the page's server on them in this process."""

import pytest

from annotate.server.app import create_app
from tests.annotate.serving import DRAWN, UNDRAWN, Site, asking, start


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    made.prepare(DRAWN, UNDRAWN)
    return made


@pytest.fixture
def sessions(site):
    made = site.open_sessions()
    yield made
    made.close()


@pytest.fixture
def client(sessions):
    with asking(create_app(sessions)) as made:
        yield made


@pytest.fixture
def begun(client):
    """A client after one of the mirrors was begun."""
    start(client, DRAWN)
    return client
