"""Versions: differences of weights with hashes."""

import pytest
import torch

from models.checkpoints import TrainedModel
from models.errors import ModelError
from models.networks import LineNetwork, NetworkConfig
from models.task import Task
from models.versions import Version, difference_between, parent_of

CONFIG = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "base.ckpt"
    path.write_bytes(b"weights")
    torch.manual_seed(0)
    return TrainedModel(LineNetwork(CONFIG).eval(), Task("mirrors", ("depth",), 0.5, 64), path, (), ())


def moved(trained, by):
    state = {name: values.clone() for name, values in trained.network.state_dict().items()}
    state["unet.segmentation_head.0.bias"] += by
    return state


def version(trained, by=0.5, share=1.0, candidate="decoder"):
    difference = difference_between(trained.network.state_dict(), moved(trained, by), share)
    return Version(parent_of(trained, None), candidate, base=difference, lessons=(3, 4))


def test_it_holds_what_moved_and_half_of_the_way_is_the_mean(trained):
    half = version(trained, share=0.5)
    assert list(half.base) == ["unet.segmentation_head.0.bias"]
    image = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        before, after = trained.network(image), half.applied(trained, "base").network(image)
    torch.testing.assert_close(after, before + 0.25)


def test_it_comes_back_from_bytes(trained):
    one = version(trained)
    again = Version.from_bytes(one.to_bytes())
    assert (again.sha256, again.parent, again.candidate, again.lessons) == (
        one.sha256,
        one.parent,
        one.candidate,
        one.lessons,
    )
    assert one.to_bytes() == again.to_bytes()


def test_its_hash_is_of_parent_and_weights(trained):
    assert version(trained).sha256 == version(trained, candidate="other").sha256
    assert version(trained).sha256 != version(trained, by=0.25).sha256
    assert version(trained).sha256 != Version("another parent", base=version(trained).base).sha256


def test_a_model_with_a_versions_weights_has_its_hash(trained):
    one = version(trained)
    assert one.applied(trained, "base").sha256 == one.sha256
    assert Version(one.parent).applied(trained, "base") is trained
    assert one.applied(trained, "interactive") is trained


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x10" + 40 * b"\x00"])
def test_damaged_bytes_are_refused(content):
    with pytest.raises(ModelError, match="no version"):
        Version.from_bytes(content)


def test_a_version_of_another_network_and_weights_beyond_half_precision_are_refused(trained):
    with pytest.raises(ModelError, match="does not fit"):
        Version("p", base={"unet.none": torch.zeros(1).half()}).applied(trained, "base")
    with pytest.raises(ModelError, match="half precision"):
        version(trained, by=1e6)
