"""Photographs of lines: what can be begun from, whether lines are dark or bright."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from annotate.session.annotation_session import AnnotationSession
from data.ingest import prepare_set
from data.storage import PreparedSet
from tests.annotate.models import FakeModels
from tests.annotate.serving import Site

LINE = (slice(50, 56), slice(20, 180))


def photographed(folder, line, ground, channels=("grey",)):
    """A prepared set of one photograph with a line on a ground, some noise, and the line's mask."""
    site, rng = Site(folder), np.random.default_rng(0)
    grey = np.full((120, 200), ground, np.float64)
    grey[LINE] = line
    mask = np.zeros((120, 200), np.uint8)
    mask[LINE] = 255
    for name, plane in (("images", grey + rng.normal(0, 4, grey.shape)), ("masks", mask)):
        (site.config.root / name).mkdir(parents=True)
        assert cv2.imwrite(str(site.config.root / name / "a.png"), plane.clip(0, 255).astype(np.uint8))
    skipped = prepare_set(site.config, "lines", site.config.root, channels=channels, test=(), test_last=None, dpi=None)
    assert not skipped
    return site, PreparedSet.open(site.config.storage, "lines").view("a")


@pytest.mark.parametrize("channels", [("grey",), ("rgb",)])
@pytest.mark.parametrize(("line", "ground"), [(60, 180), (200, 90)])
@pytest.mark.parametrize("source", ["otsu", "sauvola"])
def test_classical_drawings_find_dark_and_bright_lines(tmp_path, capsys, line, ground, source, channels):
    site, view = photographed(tmp_path, line, ground, channels)
    session = AnnotationSession.open(view, site.config, FakeModels(drawing=np.zeros(view.model_shape, np.float32)))
    try:
        session.beginnings.draw()
        shown = session.state().previews
        session.start(source)
        drawn = session.exact()[1] > 0.5
    finally:
        session.close()

    truth = np.array(view.truth)
    assert shown == ["model", "otsu", "sauvola", "drawing"]
    assert drawn[truth].mean() > 0.8
    assert drawn[cv2.erode((~truth).astype(np.uint8), np.ones((9, 9))) > 0].mean() < 0.05
