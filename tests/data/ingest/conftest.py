"""Mirrors that are prepared, again and again."""

from __future__ import annotations

import pytest

from data.ingest import prepare_set
from user_config import settings


@pytest.fixture
def config(tmp_path, mirrors, monkeypatch):
    monkeypatch.setenv("RETRACE_STORAGE", str(tmp_path / "storage"))
    monkeypatch.setenv("RETRACE_DIR_ROOT", str(mirrors.root))
    return settings()


@pytest.fixture
def prepare(config, mirrors):
    """Prepare all mirrors: ``prepare("depth", "normals")`` gives what was skipped."""

    def run(*channels, dpi=None):
        asked = channels or ("depth",)
        return prepare_set(config, "mirrors", mirrors.root, channels=asked, test=(), test_last=None, dpi=dpi)

    return run


@pytest.fixture
def folder(config):
    return config.storage / "mirrors" / "A_R"
