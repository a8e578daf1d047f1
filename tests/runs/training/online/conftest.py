import pytest
import torch

from tests.runs.training.online.lessons import dark_model, pasting_model


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield dark_model(tmp_path_factory.mktemp("model") / "dark.safetensors")
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def interactive(base, tmp_path_factory):
    return pasting_model(tmp_path_factory.mktemp("interactive") / "pasting.safetensors", base)
