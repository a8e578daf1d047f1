"""The benchmark of the page's tiles."""

from __future__ import annotations

from bench import pyramid
from tests.interaction.log.scans import grain, prepared


def test_the_table_has_each_layer_that_there_is(tmp_path):
    view = prepared(tmp_path / "A_R", {"depth": grain((300, 300))})
    rows = pyramid.rows(view.folder, tmp_path)
    assert [(row.what, row.unit, row.target) for row in rows] == [
        ("tiles of depth", "s", "3"),
        ("its memory", "MiB", "300"),
        ("its files", "MB", ""),
    ]
    assert all(row.value > 0 for row in rows)
