"""Four made-up mirrors, a base and an interactive model of a few steps."""

import pytest

import data.setup
import data.synthetic.__main__
from tests.runs.toy import MIRROR, Project


@pytest.fixture(scope="session")
def raw(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("toy"))
    made = ["--mirrors", "4", "--height", "512", "--width", "450", "--seed", "3", "--difficulty", "clean"]
    project.succeed(data.synthetic.__main__.main, project.folder / "mirrors", *made)
    project.succeed(data.setup.main, "--test", MIRROR)
    return project


@pytest.fixture(scope="session")
def project(raw):
    raw.train("--name", "base")
    raw.train("--name", "inter", "--is_interactive", "True", "--base_model", "base", "--strokes", "2")
    return raw
