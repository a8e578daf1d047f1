"""The steps by which a network learns."""

import copy

import numpy as np
import torch

from runs.training.online.drawing import Drawing
from runs.training.online.memory import Held, samples_of
from runs.training.online.steps import Steps
from tests.runs.training.online.lessons import lesson


def test_what_is_learned_is_the_mean_of_the_second_half_of_the_steps(base):
    pupil = Drawing(base.trained, ())
    samples, chances = samples_of([Held(0, lesson(0, bright=True), {pupil.kind: pupil})], pupil.kind)
    network, passed = copy.deepcopy(pupil.network), []

    def look(share):
        passed.append([values.clone() for values in network.state_dict().values()])

    Steps(5).learned(network, samples, chances, (), np.random.default_rng(0), look)

    assert len(passed) == 5
    for now, *later in zip(network.state_dict().values(), *passed[2:], strict=True):
        torch.testing.assert_close(now.float(), torch.stack([one.float() for one in later]).mean(0))
    encoders = zip(network.unet.encoder.parameters(), pupil.network.unet.encoder.parameters(), strict=True)
    assert all(torch.equal(now, before) for now, before in encoders)
    assert not torch.equal(passed[-1][-2], passed[0][-2])
    assert not any(values.requires_grad for values in network.parameters())
