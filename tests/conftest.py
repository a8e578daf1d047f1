"""What holds for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports torch: workers share the cores, and runs are compared bit by bit across processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("WANDB_MODE", "offline")

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

FAST_ROOMS = ("metrics", "lines", "interaction", "simulation", "data")
SLOW_FOLDERS = ("synthetic", "setup")  # of data: made-up mirrors, and whole sets prepared by the command


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as fast what ``pytest -m fast`` is to run: the rooms of plain arrays, without the tests marked slow."""
    root = Path(__file__).parent
    for item in items:
        room, *rest = item.path.relative_to(root).parts
        if room in FAST_ROOMS and not {*rest} & {*SLOW_FOLDERS} and item.get_closest_marker("slow") is None:
            item.add_marker("fast")
