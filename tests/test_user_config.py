"""The settings: constants in one file, each overridden by its environment variable."""

from __future__ import annotations

from pathlib import Path

import pytest

import user_config
from user_config import settings

NAMES = ("WANDB_ENTITY", "WANDB_PROJECT", "STORAGE", "DIR_ROOT", "GT_REL", "MASKS_REL", "DIR_EVAL", "ANNOTATIONS")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(f"RETRACE_{name}", raising=False)


def test_without_variables_the_constants_hold(monkeypatch):
    monkeypatch.setattr(user_config, "STORAGE", "here")
    assert settings().storage == Path("here")
    assert settings().project == Path(user_config.WANDB_PROJECT)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("WANDB_ENTITY", "wandb_entity", "team"),
        ("WANDB_PROJECT", "project", Path("other")),
        ("STORAGE", "storage", Path("/big/disc")),
        ("DIR_ROOT", "root", Path("/scans")),
        ("GT_REL", "gt_rel", Path("annotations/2024")),
        ("MASKS_REL", "masks_rel", Path("objects")),
        ("DIR_EVAL", "eval", Path("results")),
    ],
)
def test_a_variable_overrides_its_constant(monkeypatch, name, field, value):
    monkeypatch.setenv(f"RETRACE_{name}", str(value))
    assert getattr(settings(), field) == value


def test_variables_are_read_when_asked_not_at_import(monkeypatch):
    before = settings().storage
    monkeypatch.setenv("RETRACE_STORAGE", "later")
    assert settings().storage != before
