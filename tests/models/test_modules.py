from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import train
from metrics.torch_metrics import line_metrics
from models.errors import ModelError
from models.losses import LOSSES
from models.modules import BaseModule, InteractiveModule, paste
from models.networks import NetworkConfig
from models.schedules import SCHEDULES, rise_and_fall

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    maps = {name: torch.zeros(2, 1, 64, 64) for name in ("added", "erased")}
    maps["added"][:, :, 10:14, 10:30] = 1
    maps["erased"][:, :, 40:44, 10:30] = 1
    truth = (torch.rand(2, 1, 64, 64, generator=generator) > 0.8).float()
    return {"image": torch.rand(2, 1, 64, 64, generator=generator), "truth": truth, "initial": truth * 0.6, **maps}


def test_strokes_always_hold_in_a_prediction(batch):
    prediction = InteractiveModule(TINY, {}, 1e-3).eval().prediction(batch)

    assert (prediction[batch["added"] > 0] == 1).all()
    assert (prediction[batch["erased"] > 0] == 0).all()


def test_pasting_changes_nothing_else(batch):
    pasted = paste(batch["initial"], batch)

    elsewhere = (batch["added"] == 0) & (batch["erased"] == 0)
    assert torch.equal(pasted[elsewhere], batch["initial"][elsewhere])


@pytest.mark.parametrize("module", [BaseModule, InteractiveModule])
def test_a_training_step_lowers_the_loss(module, batch):
    torch.manual_seed(0)
    model = module(TINY, {}, 1e-2)
    model.log = lambda *arguments, **options: None
    optimizer = model.configure_optimizers()["optimizer"]
    losses = []
    for step in range(8):
        loss = model.training_step(batch, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[-1] < losses[0]


@pytest.mark.parametrize("module", [BaseModule, InteractiveModule])
def test_weights_that_are_not_finite_any_more_are_one_sentence(module, batch):
    model = module(TINY, {}, 1e-3).eval()
    next(model.network.parameters()).data.fill_(float("nan"))
    with pytest.raises(ModelError, match="predictions are not finite any more; train again, with a lower --lr"):
        model.validation_step(batch, 0)


def test_the_interactive_model_is_chosen_by_its_gain_over_manual(batch):
    model = InteractiveModule(TINY, {}, 1e-3).eval()
    logged = {}
    model.log = lambda name, value, **options: logged.update({name: float(value)})
    model.log_dict = lambda values, **options: logged.update({name: float(value) for name, value in values.items()})

    model.validation_step(batch, 0)
    model.on_validation_epoch_end()

    assert model.monitor == "val_gain"
    assert logged["val_gain"] == pytest.approx(logged["val_pfm"] - logged["val_manual_pfm"])


def test_the_interactive_model_is_scored_by_what_is_taken_over_of_its_answers(batch):
    model, asked = InteractiveModule(TINY, {}, 1e-3).eval(), []
    logged = {}
    model.log = lambda name, value, **options: logged.update({name: float(value)})
    model.log_dict = lambda values, **options: None
    model.merge = lambda answers: asked.append(answers) or batch["truth"]

    assert torch.equal(model.validation_step(batch, 0), batch["truth"])
    model.on_validation_epoch_end()

    assert torch.equal(asked[0], model.prediction(batch))
    manual = line_metrics("")
    manual.update(paste(batch["initial"], batch), batch["truth"])
    assert logged["val_gain"] == pytest.approx(1 - float(manual.compute()["pfm"]))


def test_the_learning_rate_is_halved_when_validation_stalls_for_five_epochs():
    configured = BaseModule(TINY, {}, 3e-4).configure_optimizers()
    scheduler = configured["lr_scheduler"]["scheduler"]
    for _ in range(7):
        scheduler.step(0.5)

    assert configured["optimizer"].param_groups[0]["lr"] == pytest.approx(1.5e-4)


def test_a_network_in_a_session_sees_the_drawing_and_the_newest_stroke(batch):
    config = replace(NetworkConfig.from_dict(TINY), prompts="session")
    model = InteractiveModule(config.as_dict(), {}, 1e-3).eval()
    batch |= {"current": batch["initial"] * 0.5, "newest": batch["added"] - batch["erased"]}
    logits = model.logits(batch)

    for name in model.network.inputs:
        changed = batch | {name: 1 - batch[name]}
        assert not torch.allclose(model.logits(changed), logits), name


@pytest.mark.parametrize("module", [BaseModule, InteractiveModule])
@pytest.mark.parametrize("name", LOSSES)
def test_a_training_step_costs_what_its_loss_says(module, name, batch):
    model = module(TINY, {}, 1e-2, loss=name).eval()
    model.log = lambda *arguments, **options: None

    with torch.no_grad():
        assert model.training_step(batch, 0) == LOSSES[name](model.logits(batch), batch["truth"])


@pytest.mark.parametrize("module", [BaseModule, InteractiveModule])
def test_a_checkpoint_says_how_a_model_has_learnt(module):
    assert dict(module(TINY, {}, 1e-3, schedule="cosine", loss="both").hparams) == {
        "kind": module.kind,
        "network": TINY,
        "task": {},
        "lr": 1e-3,
        "schedule": "cosine",
        "loss": "both",
        "views": {},
    }


def test_as_published_unless_told_otherwise():
    learnt = BaseModule(TINY, {}, 1e-3).hparams

    assert (learnt["schedule"], learnt["loss"]) == ("plateau", "dice")


def test_the_command_names_every_schedule():
    option = next(option for option in train.main.params if option.name == "schedule")

    assert tuple(option.type.choices) == SCHEDULES


class TestCosine:
    def test_hand_worked_shares(self):
        """Of 40 steps two rise; half-way down, 19 steps on, it is a half."""
        shares = [rise_and_fall(step, 40) for step in (0, 1, 2, 21, 40)]

        assert shares == pytest.approx([0.5, 1, 1, 0.5, 0])

    @given(st.integers(1, 2000))
    def test_it_rises_in_a_twentieth_of_the_steps_and_falls_in_the_others_to_almost_nothing(self, steps):
        shares = [rise_and_fall(step, steps) for step in range(steps)]
        top = shares.index(max(shares))

        assert shares[top] == 1
        assert top <= max(0, round(0.05 * steps) - 1)
        assert all(share > 0 for share in shares)
        assert shares[:top] == sorted(shares[:top])
        assert shares[top:] == sorted(shares[top:], reverse=True)
        assert steps < 50 or shares[-1] < 0.01

    def test_beyond_its_last_step_nothing_is_learnt(self):
        assert rise_and_fall(120, 100) == 0

    def test_the_learning_rate_follows_it_step_by_step(self):
        module = BaseModule(TINY, {}, 3e-4, schedule="cosine")
        module._trainer = SimpleNamespace(estimated_stepping_batches=40)
        configured = module.configure_optimizers()
        optimizer, scheduler = configured["optimizer"], configured["lr_scheduler"]["scheduler"]

        rates = []
        for _ in range(40):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            module.lr_scheduler_step(scheduler, None)

        assert configured["lr_scheduler"]["interval"] == "step"
        assert rates == pytest.approx([3e-4 * rise_and_fall(step, 40) for step in range(40)])

    def test_validation_does_not_step_it(self):
        module = BaseModule(TINY, {}, 3e-4, schedule="cosine")
        module._trainer = SimpleNamespace(callback_metrics={"val_pfm": 0.5})

        module.on_train_epoch_end()  # a plateau's would look for its scheduler, and there is none


def test_a_plateau_is_not_stepped_where_lightning_would():
    module = BaseModule(TINY, {}, 3e-4)
    scheduler = module.configure_optimizers()["lr_scheduler"]["scheduler"]
    before = scheduler.state_dict()

    module.lr_scheduler_step(scheduler, 0.5)

    assert scheduler.state_dict() == before


def test_refined_and_manual_drawings_are_scored_with_the_same_truths_kept():
    model = InteractiveModule(TINY, {}, 1e-3)
    scores = [*model.val_metrics.values(), *model.manual_metrics.values()]
    assert len(scores) == 4
    assert all(score.truths is model.truths for score in scores)
    assert BaseModule(TINY, {}, 1e-3).truths is not model.truths
