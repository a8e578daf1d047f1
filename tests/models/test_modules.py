import pytest
import torch

from models.modules import BaseModule, InteractiveModule, paste
from models.networks import NetworkConfig

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


def test_the_interactive_model_is_chosen_by_its_gain_over_manual(batch):
    model = InteractiveModule(TINY, {}, 1e-3).eval()
    logged = {}
    model.log = lambda name, value, **options: logged.update({name: float(value)})
    model.log_dict = lambda values, **options: logged.update({name: float(value) for name, value in values.items()})

    model.validation_step(batch, 0)
    model.on_validation_epoch_end()

    assert model.monitor == "val_gain"
    assert logged["val_gain"] == pytest.approx(logged["val_pfm"] - logged["val_manual_pfm"])


def test_the_learning_rate_is_halved_when_validation_stalls_for_five_epochs():
    configured = BaseModule(TINY, {}, 3e-4).configure_optimizers()
    scheduler = configured["lr_scheduler"]["scheduler"]
    for _ in range(7):
        scheduler.step(0.5)

    assert configured["optimizer"].param_groups[0]["lr"] == pytest.approx(1.5e-4)
