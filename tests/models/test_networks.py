import numpy as np
import pytest
import torch

from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))


@pytest.fixture
def image():
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))


def test_a_network_maps_an_image_to_one_plane_of_logits(image):
    assert LineNetwork(TINY)(image).shape == (2, 1, 64, 64)


def test_a_network_standardises_its_input(image):
    network = LineNetwork(TINY)

    standard = network.standardise(torch.tensor([[[[0.5, 0.9]]]]))

    np.testing.assert_allclose(standard.flatten(), [0, 2], atol=1e-6)


def test_the_interactive_network_starts_with_the_answer_of_the_base(image):
    base, interactive = LineNetwork(TINY).eval(), InteractiveNetwork(TINY).eval()
    maps = [torch.rand(2, 1, 64, 64) for _ in range(3)]
    assert not torch.allclose(interactive(image, *maps), base(image))

    interactive.start_from(base)

    assert torch.allclose(interactive(image, *maps), base(image), atol=1e-6)


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_each_new_input_of_a_warm_start_learns(image, plane):
    interactive = InteractiveNetwork(TINY)
    interactive.start_from(LineNetwork(TINY))
    maps = [torch.zeros(2, 1, 64, 64) for _ in range(3)]
    maps[plane] += 1

    interactive(image, *maps).sum().backward()

    first = next(parameter for parameter in interactive.parameters() if parameter.shape[1:2] == (4,))
    assert first.grad is not None
    assert first.grad[:, 1 + plane].abs().sum() > 0


def test_a_warm_start_from_another_encoder_is_refused():
    other = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small", (0.5,), (0.2,))

    with pytest.raises(ValueError, match="cannot start from"):
        InteractiveNetwork(other).start_from(LineNetwork(TINY))


@pytest.mark.parametrize(("arch", "encoder"), [("vnet", "resnet18"), ("unet", "no-such-encoder")])
def test_an_unknown_name_is_refused(arch, encoder):
    with pytest.raises(ValueError, match="no "):
        LineNetwork(NetworkConfig(arch, encoder, (0.5,), (0.2,)))


def test_batchnorm_follows_short_trainings():
    momenta = {module.momentum for module in LineNetwork(TINY).modules() if isinstance(module, torch.nn.BatchNorm2d)}

    assert momenta == {0.1}


def test_a_configuration_survives_plain_values():
    assert NetworkConfig.from_dict(TINY.as_dict()) == TINY
