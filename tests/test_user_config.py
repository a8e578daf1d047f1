"""The settings: constants in one file, each overridden by its environment variable."""

from __future__ import annotations

from pathlib import Path

import click
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


@pytest.mark.parametrize("name", [name for name in NAMES if name != "WANDB_ENTITY"])
@pytest.mark.parametrize("written", ["~/place", "$PLACES/place", "${PLACES}/place"])
def test_home_and_variables_in_paths_are_replaced(monkeypatch, tmp_path, name, written):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLACES", str(tmp_path))
    by_variable = {field: value for field, value in vars(settings()).items() if field != "wandb_entity"}
    monkeypatch.setenv(f"RETRACE_{name}", written)
    changed = {field: value for field, value in vars(settings()).items() if value != by_variable.get(field, "")}
    assert list(changed.values()) == [tmp_path / "place"]


def test_constants_are_replaced_likewise(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(user_config, "DIR_ROOT", "~/scans")
    assert settings().root == tmp_path / "scans"


def test_a_variable_in_a_path_that_is_not_set_is_one_message(monkeypatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    monkeypatch.setenv("RETRACE_DIR_ROOT", "$NOWHERE/scans")
    with pytest.raises(click.ClickException, match=r"RETRACE_DIR_ROOT: .*the variable NOWHERE is not set"):
        settings()


def test_variables_are_read_when_asked_not_at_import(monkeypatch):
    before = settings().storage
    monkeypatch.setenv("RETRACE_STORAGE", "later")
    assert settings().storage != before
