"""The two networks of the published code, and checkpoints of them."""

import pytest

from tests.models.convert.published import below, network, saved


@pytest.fixture(scope="module")
def base():
    return network(1)


@pytest.fixture(scope="module")
def interactive():
    return network(3)


@pytest.fixture
def old(tmp_path, base, interactive):
    return saved(tmp_path / "old.ckpt", {**below("model.", interactive), **below("model_init.model.", base)})


@pytest.fixture
def old_base(tmp_path, base):
    return saved(tmp_path / "old.ckpt", below("model.", base))
