"""A raster layer that is added to the one list: the server knows it, and tells of it."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.images import layers
from annotate.server.app import create_app
from tests.annotate.added_layer import ROUGHNESS, prepare_roughness
from tests.annotate.serving import DRAWN, MIRROR, UNDRAWN, asking, picture, until


@pytest.fixture
def client(site, monkeypatch):
    """A client of a server that has the layer in its list; one of two mirrors was prepared with its channel."""
    monkeypatch.setattr(layers, "LAYERS", (*layers.LAYERS, ROUGHNESS))
    prepare_roughness(next(view for view in site.views() if view.name == DRAWN))
    with asking(create_app(site.open_sessions())) as made:
        yield made


def test_the_state_tells_of_it_where_its_channel_was_prepared(client):
    listed = [client.get(f"/api/mirrors/{name}").json()["layers"] for name in (DRAWN, UNDRAWN)]

    assert [ROUGHNESS.model_dump() in layers for layers in listed] == [True, False]


def test_its_tiles_are_made_and_served(client):
    assert client.post(f"{MIRROR}/tiles", json={}).status_code == 202
    until(lambda: client.get(MIRROR).json()["tiles"]["ready"])
    tile = client.get(f"{MIRROR}/tiles/roughness/0/0/0")

    assert tile.headers["Content-Type"] == "image/jpeg"
    assert np.all(picture(tile) == 255)
