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


def _is_fast(path: Path) -> bool:
    room, *rest = path.relative_to(Path(__file__).parent).parts
    return room in FAST_ROOMS and not {*rest} & {*SLOW_FOLDERS}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what ``pytest -m fast`` would only import, which takes longer than the tests."""
    inside = collection_path != Path(__file__).parent and Path(__file__).parent in collection_path.parents
    return True if config.option.markexpr == "fast" and inside and not _is_fast(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as fast what ``pytest -m fast`` is to run: the rooms of plain arrays, without the tests marked slow."""
    for item in items:
        if _is_fast(item.path) and item.get_closest_marker("slow") is None:
            item.add_marker("fast")
