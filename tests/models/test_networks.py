from dataclasses import replace

import numpy as np
import pytest
import torch

from models.networks import DRAWN, IN_SESSION, NETWORKS, PROMPTS, InteractiveNetwork, LineNetwork, NetworkConfig, widens

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
SIGNED = replace(TINY, prompts="signed")
INITIAL = replace(TINY, prompts="initial")
STROKES = replace(TINY, prompts="strokes")
SESSION = replace(TINY, prompts="session")


@pytest.fixture
def image():
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))


def test_a_network_maps_an_image_to_one_plane_of_logits(image):
    assert LineNetwork(TINY)(image).shape == (2, 1, 64, 64)


def test_a_network_standardises_its_input(image):
    network = LineNetwork(TINY)

    standard = network.standardise(torch.tensor([[[[0.5, 0.9]]]]))

    np.testing.assert_allclose(standard.flatten(), [0, 2], atol=1e-6)


@pytest.mark.parametrize("config", [replace(TINY, prompts=name) for name in PROMPTS], ids=PROMPTS)
def test_the_interactive_network_starts_with_the_answer_of_the_base(image, config):
    base, interactive = LineNetwork(TINY).eval(), InteractiveNetwork(config).eval()
    maps = [torch.rand(2, 1, 64, 64) for _ in interactive.inputs]
    assert not torch.allclose(interactive(image, *maps), base(image))

    interactive.start_from(base)

    assert torch.allclose(interactive(image, *maps), base(image), atol=1e-6)


@pytest.mark.parametrize(
    ("config", "given", "plane"),
    [
        (TINY, 0, 1),
        (TINY, 1, 2),
        (TINY, 2, 3),
        (SIGNED, 0, 1),
        (SIGNED, 1, 2),
        (SIGNED, 2, 2),
        (INITIAL, 0, 1),
        (STROKES, 1, 1),
        (STROKES, 2, 2),
        *((SESSION, given, given + 1) for given in range(5)),
    ],
)
def test_each_new_input_of_a_warm_start_learns(image, config, given, plane):
    interactive = InteractiveNetwork(config)
    interactive.start_from(LineNetwork(TINY))
    maps = [torch.zeros(2, 1, 64, 64) for _ in interactive.inputs]
    maps[given] += 1

    interactive(image, *maps).sum().backward()

    first = next(parameter for parameter in interactive.parameters() if parameter.ndim == 4)
    assert first.grad is not None
    assert first.grad[:, plane].abs().sum() > 0


def planes_seen(config, *inputs):
    """Return what the U-Net inside is shown."""
    network, seen = InteractiveNetwork(config).eval(), []
    network.unet.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    network(*inputs)
    return seen[0]


def test_separate_prompts_are_probability_added_and_erased(image):
    maps = [torch.rand(2, 1, 64, 64) for _ in range(3)]

    assert torch.equal(planes_seen(TINY, image, *maps), torch.cat([(image - 0.5) / 0.2, *maps], dim=1))


def test_in_a_session_all_planes_are_seen_as_they_are(image):
    maps = [torch.rand(2, 1, 64, 64) for _ in range(5)]

    assert torch.equal(planes_seen(SESSION, image, *maps), torch.cat([(image - 0.5) / 0.2, *maps], dim=1))


@pytest.mark.parametrize("prompts", PROMPTS)
def test_a_network_names_what_it_takes_beside_the_image(prompts):
    assert InteractiveNetwork(replace(TINY, prompts=prompts)).inputs == (IN_SESSION if prompts == "session" else DRAWN)
    assert LineNetwork(TINY).inputs == ()


def test_signed_prompts_are_the_logit_and_one_signed_map(image):
    initial, added, erased = (torch.zeros(2, 1, 64, 64) for _ in range(3))
    initial[..., 0, :4] = torch.tensor([0.5, 0.25, 1.0, 0.0])
    added[..., 1, 0], erased[..., 1, 1] = 1, 1

    seen = planes_seen(SIGNED, image, initial, added, erased)

    assert seen.shape[1] == 3
    limit = np.log(2**24 - 1)  # of the largest float32 below 1
    np.testing.assert_allclose(seen[0, 1, 0, :4], [0, -np.log(3), limit, -limit], atol=1e-5)
    np.testing.assert_array_equal(seen[0, 2, 1, :3], [1, -1, 0])
    assert torch.equal(seen[:, :1], (image - 0.5) / 0.2)


@pytest.mark.parametrize(("config", "shown"), [(INITIAL, slice(0, 1)), (STROKES, slice(1, 3))])
def test_a_network_of_drawing_or_strokes_alone_sees_nothing_of_the_other(image, config, shown):
    maps = [torch.rand(2, 1, 64, 64) for _ in range(3)]

    assert torch.equal(planes_seen(config, image, *maps), torch.cat([(image - 0.5) / 0.2, *maps[shown]], dim=1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_certain_probability_has_a_finite_logit_in_any_precision(image, dtype):
    certain, nothing = torch.ones(2, 1, 64, 64, dtype=dtype), torch.zeros(2, 1, 64, 64)

    assert torch.isfinite(planes_seen(SIGNED, image, certain, nothing, nothing)).all()


def test_a_configuration_that_says_nothing_of_prompts_has_separate_ones():
    fields = TINY.as_dict()
    del fields["prompts"]

    assert NetworkConfig.from_dict(fields) == TINY


def test_unknown_prompts_are_refused():
    with pytest.raises(ValueError, match="no prompts 'spoken'"):
        InteractiveNetwork(replace(TINY, prompts="spoken"))


def test_a_warm_start_from_another_encoder_is_refused():
    other = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small", (0.5,), (0.2,))

    with pytest.raises(ValueError, match=r"cannot start from .*; give its --enc_str and --arch, "):
        InteractiveNetwork(other).start_from(LineNetwork(TINY))


def test_prompts_widen_those_whose_planes_they_begin_with():
    wider = {(one, other) for one in PROMPTS for other in PROMPTS if one != other and widens(one, other)}

    assert wider == {("separate", "initial"), ("session", "initial"), ("session", "separate")}
    assert all(widens(prompts, prompts) for prompts in PROMPTS)


@pytest.mark.parametrize("prompts", PROMPTS)
def test_a_network_sees_as_many_planes_as_its_prompts_say(image, prompts):
    config = replace(TINY, prompts=prompts)
    maps = [torch.rand(2, 1, 64, 64) for _ in InteractiveNetwork(config).inputs]

    assert planes_seen(config, image, *maps).shape[1] == 1 + PROMPTS[prompts]


@pytest.mark.parametrize(("arch", "encoder"), [("vnet", "resnet18"), ("unet", "no-such-encoder")])
def test_an_unknown_name_is_refused(arch, encoder):
    with pytest.raises(ValueError, match="no "):
        LineNetwork(NetworkConfig(arch, encoder, (0.5,), (0.2,)))


def test_batchnorm_follows_short_trainings():
    momenta = {module.momentum for module in LineNetwork(TINY).modules() if isinstance(module, torch.nn.BatchNorm2d)}

    assert momenta == {0.1}


@pytest.mark.parametrize("config", [SIGNED, INITIAL, STROKES, SESSION])
def test_a_configuration_survives_plain_values(config):
    assert NetworkConfig.from_dict(config.as_dict()) == config


@pytest.mark.parametrize("kind", ["base", "interactive"])
@pytest.mark.parametrize(("side", "single"), [(32, True), (64, False)])
def test_the_smallest_patch_leaves_one_value_to_normalise(kind, side, single):
    network = NETWORKS[kind](NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert network.leaves_one_value(side) == single
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    if single:
        with pytest.raises(ValueError, match="more than 1 value per channel"):  # what it foresees
            network(torch.zeros(1, 1, side, side), *[torch.zeros(1, 1, side, side)] * len(network.inputs))
