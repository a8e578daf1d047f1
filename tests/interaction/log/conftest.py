"""Small views, and logs of what a user drew on them."""

import numpy as np
import pytest

from interaction.log.log import Log
from tests.interaction.log.log_files import START, STROKE
from tests.interaction.log.scans import prepared
from tests.interaction.log.sessions import Session, stroke
from tests.interaction.log.views import view_at

SHAPE = (240, 320)


@pytest.fixture
def view(tmp_path):
    mask = np.zeros(SHAPE, bool)
    mask[20:220, 30:300] = True
    depth = np.zeros((1, *SHAPE), np.uint16)
    return prepared(tmp_path / "storage" / "mirrors" / "A_R", {"depth": depth}, mask=mask)


@pytest.fixture
def session(view, tmp_path):
    initial = np.zeros(view.model_shape, np.float32)
    initial[60:63, 30:120] = 0.8
    drawn = Session(view, tmp_path / "annotations" / "A_R" / "log.sqlite", initial)
    drawn.draw(stroke((50, 60), (60, 150), (90, 260)))
    drawn.draw(stroke((125, 200), (118, 230), sign=-1, radius=8), bare=True)
    drawn.draw(stroke((150, 80), (190, 80), radius=4))
    drawn.undo()
    drawn.draw(stroke((180, 180), radius=5))
    drawn.log.append("seen", {"cell": 0, "region": [0, 0, 120, 160]})
    yield drawn
    drawn.log.close()


@pytest.fixture
def plain_view(tmp_path):
    return view_at(tmp_path / "A_R")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "annotations" / "A_R" / "log.sqlite"


@pytest.fixture
def begun(path, plain_view):
    """A log with three events, closed."""
    with Log.open(path, plain_view) as log:
        log.append("start", START, b"all the ink")
        log.append("seen", {"cell": 3, "region": [0, 0, 8, 8]})
        log.append("stroke", {"stroke": STROKE.to_json(), "refine": True, "client": "a"})
    return path
