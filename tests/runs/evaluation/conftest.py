"""A run that is evaluated once for all."""

import pytest


@pytest.fixture(scope="session")
def evaluated(project):
    project.output = project.evaluate("--record_every", "3", "--picture_every", "5")
    return project
