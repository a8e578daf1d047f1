import pytest
import torch

from models.losses import generalised_dice_loss

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
