"""A view with tiles, and its pyramid."""

import pytest

from annotate.images.pyramid import Pyramid
from tests.annotate.images.tiles import SHAPE, blobs, ignore
from tests.interaction.log.scans import grain, prepared


@pytest.fixture
def view(tmp_path):
    return prepared(tmp_path / "A_R", {"depth": blobs(SHAPE), "normals": grain(SHAPE, 2)})


@pytest.fixture
def pyramid(view, tmp_path):
    made = Pyramid(view, tmp_path / "tiles")
    made.make(ignore)
    return made
