"""A place for ablations, with copies of the trained models."""

import shutil

import pytest

from user_config import settings


@pytest.fixture(scope="module")
def place(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablations")
    for name in ("base", "inter"):
        shutil.copytree(project.folder / "runs" / name, folder / "runs" / name)
    return project.moved(DIR_EVAL=folder / "out", WANDB_PROJECT=folder / "runs")


@pytest.fixture
def config(place, monkeypatch):
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    return settings()
