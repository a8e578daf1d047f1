"""The mean of two models of one network."""

import pytest
import torch
from click.testing import CliRunner

from data.io.files import file_hash
from models.checkpoints import load_model, read_checkpoint
from models.errors import ModelError
from models.mean import main, write_mean
from models.modules import BaseModule, InteractiveModule
from models.networks import NetworkConfig

TINY = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 64}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two base models and an interactive one, as checkpoints."""
    root = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    for name, kind in {"before": BaseModule, "after": BaseModule, "inter": InteractiveModule}.items():
        module = kind(TINY, TASK, 1e-3, {"train": [name], "validation": ["V"]})
        torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, root / f"{name}.ckpt")
    return root


def test_each_weight_is_the_mean_and_all_else_is_the_first_ones(folder, tmp_path):
    paths = [folder / "after.ckpt", folder / "before.ckpt"]
    write_mean(*map(str, paths), tmp_path / "mean.ckpt", tmp_path, share=0.25)

    after, before, mean = map(read_checkpoint, (*paths, tmp_path / "mean.ckpt"))
    for name, tensor in mean["state_dict"].items():
        expected = after["state_dict"][name]
        if tensor.is_floating_point():
            expected = 0.25 * expected + 0.75 * before["state_dict"][name]
        torch.testing.assert_close(tensor, expected)
    assert load_model(tmp_path / "mean.ckpt", "base").trained_on == ("after",)
    assert mean["hyper_parameters"]["origin"] == {"mean": {"share": 0.25, "sha256": list(map(file_hash, paths))}}


def test_models_of_other_networks_have_none(folder, tmp_path):
    with pytest.raises(ModelError, match="are not of one network"):
        write_mean(str(folder / "after.ckpt"), str(folder / "inter.ckpt"), tmp_path / "mean.ckpt", tmp_path)
    assert not (tmp_path / "mean.ckpt").exists()


def test_the_command_writes_over_nothing(folder, tmp_path):
    arguments = [str(folder / "after.ckpt"), str(folder / "before.ckpt"), str(tmp_path / "mean.ckpt")]
    first, second = (CliRunner().invoke(main, arguments) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output.startswith(f"{tmp_path / 'mean.ckpt'}: 50% of ")
    assert second.exit_code == 1
    assert "is there already; give another name" in second.output
