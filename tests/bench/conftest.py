"""A toy project, on which whole benchmarks are run."""

import pytest

from tests.bench.toy import Toy, drawn


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return Toy(tmp_path_factory.mktemp("toy")).make()


@pytest.fixture(scope="module")
def toy(made):
    """Two small mirrors, and a base model that draws them with errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runs.predicting.loaded_models.LoadedModel.predictor", lambda *_, **__: None)
        for module in ("drawings", "loaded_models"):
            patch.setattr(f"runs.predicting.{module}.initial_drawing", drawn)
        yield made
