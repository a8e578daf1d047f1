"""The benchmark of the server's log, in small: no acknowledged stroke is lost, and nothing grows but the log."""

from __future__ import annotations

import numpy as np
import pytest

from bench.log import killed, made_up, watched


@pytest.mark.slow
def test_kills_lose_no_acknowledged_stroke() -> None:
    with made_up() as config:
        found = killed(config, 3, np.random.default_rng(1))

    assert found.kills == 3
    assert found.acknowledged >= 3  # it was killed while it worked
    assert found.acknowledged <= found.sent
    assert (found.lost, found.twice) == (0, 0)


@pytest.mark.slow
def test_strokes_and_undos_leave_no_threads_and_files_behind() -> None:
    with made_up() as config:
        looks = watched(config, 100, np.random.default_rng(1))

    first, last = looks[4], looks[-1]
    assert [look.strokes for look in looks] == list(range(10, 101, 10))
    assert last.threads <= first.threads + 2  # a copy of the log may be under way
    assert last.files <= first.files + 6
    assert last.memory_mib < first.memory_mib + 30
    assert last.log_bytes > 0
