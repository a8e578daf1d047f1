"""A cluster of two that is there before a run."""

import logging

import pytest
from distributed import LocalCluster


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=":0",
        local_directory=scratch,
        silence_logs=logging.CRITICAL,
    ) as existing:
        existing.scheduler.allowed_failures = 1
        yield existing.scheduler_address
