"""The command on the raw mirrors of a test, and what it has made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from data.setup import main
from data.storage import PreparedSet


@pytest.fixture
def storage(tmp_path, mirrors, monkeypatch):
    """The storage of this test; the root is that of ``mirrors``."""
    for name, value in (("STORAGE", tmp_path / "storage"), ("DIR_ROOT", mirrors.root)):
        monkeypatch.setenv(f"RETRACE_{name}", str(value))
    for name in ("GT_REL", "MASKS_REL"):
        monkeypatch.delenv(f"RETRACE_{name}", raising=False)
    return tmp_path / "storage"


@pytest.fixture
def setup(storage):
    """The command: ``setup("--dpi", "254")`` gives click's result, and expects the exit code named."""

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def prepared(storage: Path, kind: str = "mirrors") -> PreparedSet:
    return PreparedSet.open(storage, kind)


def names(storage: Path, kind: str = "mirrors") -> list[str]:
    return [view.name for view in prepared(storage, kind).views()]


def outcomes(result) -> dict[str, str]:
    """Return what the command says of each view: prepared, unchanged, SKIPPED."""
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith("[")]
    return {line[1].removesuffix(":"): line[2] for line in lines}
