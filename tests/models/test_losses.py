import math

import pytest
import torch

import train
from models.losses import LOSSES, compound_loss, cross_entropy_loss, generalised_dice_loss

CERTAIN = 40.0  # a logit whose probability is 0 or 1 in float32


def test_a_perfect_answer_costs_nothing():
    truth = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])

    assert generalised_dice_loss((truth * 2 - 1) * CERTAIN, truth).item() == pytest.approx(0)


def test_the_opposite_costs_one():
    truth = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])

    assert generalised_dice_loss((1 - truth * 2) * CERTAIN, truth).item() == pytest.approx(1)


def test_a_hand_worked_value():
    # line: 1 pixel, weight 1; ground: 3 pixels, weight 1/9. Two pixels are called line, one of them rightly:
    # overlaps 1 and 2, totals 3 and 5, so 1 - 2 (1 + 2/9) / (3 + 5/9) = 1 - 22/32
    truth = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])
    answer = torch.tensor([[[[1.0, 1.0, 0.0, 0.0]]]])

    assert generalised_dice_loss((answer * 2 - 1) * CERTAIN, truth).item() == pytest.approx(1 - 22 / 32)


def test_it_is_pooled_over_the_batch():
    truth = torch.tensor([[[[1.0, 0.0]]], [[[0.0, 0.0]]]])

    loss = generalised_dice_loss((truth * 2 - 1) * CERTAIN, truth)

    assert loss.item() == pytest.approx(0), "a sample without line must not make the loss of a right answer jump"


def test_a_batch_without_line_has_a_finite_gradient():
    logits = torch.zeros(2, 1, 4, 4, requires_grad=True)

    generalised_dice_loss(logits, torch.zeros(2, 1, 4, 4)).backward()

    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad > 0).all(), "less line must cost less"


def test_cross_entropy_of_hand_worked_probabilities():
    truth = torch.tensor([[[[1.0, 1.0]]], [[[0.0, 0.0]]]])
    probability = torch.tensor([[[[0.5, 0.25]]], [[[0.5, 0.75]]]])

    loss = cross_entropy_loss(torch.logit(probability), truth)

    assert loss.item() == pytest.approx((math.log(2) + math.log(4)) / 2), "each wrong by as much, on both sides"


@pytest.mark.parametrize("line", [1, 3, 9])
def test_cross_entropy_is_least_at_the_true_probability(line):
    """Of ten alike pixels so many are line: their probability, for who cannot tell them apart."""
    truth = torch.tensor([1.0] * line + [0.0] * (10 - line)).view(1, 1, 1, 10)

    def slope(probability):
        logit = torch.logit(torch.tensor(probability)).requires_grad_()
        cross_entropy_loss(logit.expand(1, 1, 1, 10), truth).backward()
        return logit.grad.item()

    assert slope(line / 10) == pytest.approx(0, abs=1e-7)
    assert slope(line / 10 - 0.05) == pytest.approx(-0.05), "more line would cost less"
    assert slope(line / 10 + 0.05) == pytest.approx(0.05), "less line would cost less"


def test_the_compound_loss_is_the_sum_of_both():
    generator = torch.Generator().manual_seed(0)
    logits, truth = (torch.randn(2, 1, 8, 8, generator=generator) for _ in range(2))
    truth = (truth > 1).float()

    expected = generalised_dice_loss(logits, truth) + cross_entropy_loss(logits, truth)
    assert compound_loss(logits, truth).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_loss_is_computed_in_single_precision(name, dtype):
    """A batch of 70,000 pixels, whose count neither type can hold exactly."""
    logits = torch.full((1, 1, 280, 250), -4.0, dtype=dtype)
    truth = torch.zeros(1, 1, 280, 250)
    truth[..., :2, :] = 1

    loss = LOSSES[name](logits, truth)

    assert loss.dtype == torch.float32
    assert torch.equal(loss, LOSSES[name](logits.float(), truth))


def test_the_command_names_every_loss():
    option = next(option for option in train.main.params if option.name == "loss")

    assert list(option.type.choices) == list(LOSSES)
