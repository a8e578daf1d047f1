"""Checkpoints of the published code are converted: the models answer as they did, and say where they came from."""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from interaction.prompts.strokes import ADD, Stroke
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from models.checkpoints import load_model
from models.convert import main
from models.encoders import StrokeEncoder
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.prediction import TorchPredictor
from models.published import convert
from tests.models.convert.published import SAID, SMALL, below, saved
from tests.models.malice import Malice
from tests.photograph import Photograph


@pytest.fixture
def maps():
    generator = torch.Generator().manual_seed(0)
    image, logits = torch.rand(2, 1, 64, 64, generator=generator), torch.randn(2, 1, 64, 64, generator=generator) * 2
    strokes = torch.zeros(2, 1, 64, 64)
    strokes[:, :, 10:14, 10:30], strokes[:, :, 40:44, 10:30] = 1, -1
    return image, logits, strokes


@torch.inference_mode()
def test_an_interactive_model_answers_as_it_did(tmp_path, old, interactive, maps):
    image, logits, strokes = maps
    expected, _ = interactive(torch.cat([(image - 0.5140) / 0.1530, logits, strokes], dim=1))

    converted = convert(old, tmp_path / "new.ckpt")

    model = load_model(converted.interactive, "interactive")
    answer = model.network(image, torch.sigmoid(logits), (strokes > 0).float(), (strokes < 0).float())
    torch.testing.assert_close(answer, expected, atol=1e-4, rtol=0)
    assert expected.std() > 0.05


@torch.inference_mode()
def test_the_base_inside_it_is_converted_too(tmp_path, old, base, maps):
    expected, _ = base((maps[0] - 0.5140) / 0.1530)

    converted = convert(old, tmp_path / "new.ckpt")

    assert converted.base == tmp_path / "new-base.ckpt"
    torch.testing.assert_close(load_model(converted.base, "base").network(maps[0]), expected, atol=1e-5, rtol=0)


def test_both_are_for_the_published_input_at_half_size(tmp_path, old):
    converted = convert(old, tmp_path / "new.ckpt")

    base, interactive = load_model(converted.base, "base"), load_model(converted.interactive, "interactive")
    assert base.task == interactive.task
    assert base.task.channels == ("published_depth",)
    assert (base.task.dataset, base.task.scale, base.task.patch) == ("mirrors", 0.5, 256)
    assert (base.trained_on, interactive.trained_on) == ((), ())


@torch.inference_mode()
@pytest.mark.parametrize("prefix", ["model.", "model_student.", ""])
def test_a_base_model_is_found_by_its_prefix(tmp_path, base, maps, prefix):
    path = saved(tmp_path / "old.ckpt", below(prefix, base))

    converted = convert(path, tmp_path / "new.ckpt")

    assert (converted.base, converted.interactive) == (tmp_path / "new.ckpt", None)
    expected, _ = base((maps[0] - 0.5140) / 0.1530)
    torch.testing.assert_close(load_model(converted.base, "base").network(maps[0]), expected, atol=1e-5, rtol=0)


def test_weights_alone_are_enough(tmp_path, base):
    torch.save(base.state_dict(), tmp_path / "old.pth")

    assert convert(tmp_path / "old.pth", tmp_path / "new.ckpt", SMALL).base == tmp_path / "new.ckpt"


def test_the_base_may_lie_right_below_model_init(tmp_path, base, interactive):
    path = saved(tmp_path / "old.ckpt", {**below("model.", interactive), **below("model_init.", base)})

    assert load_model(convert(path, tmp_path / "new.ckpt").base, "base")


def test_an_interactive_model_may_come_without_its_base(tmp_path, interactive):
    path = saved(tmp_path / "old.ckpt", below("model.", interactive))

    converted = convert(path, tmp_path / "new.ckpt")

    assert (converted.base, converted.interactive) == (None, tmp_path / "new.ckpt")


def test_objects_in_a_checkpoint_are_neither_run_nor_in_the_way(tmp_path, base):
    touched = tmp_path / "touched"
    hyper_parameters = argparse.Namespace(**SAID, callback=Malice(touched), other=Path("weights"))

    converted = convert(saved(tmp_path / "old.ckpt", below("model.", base), hyper_parameters), tmp_path / "new.ckpt")

    assert converted.encoder == SMALL, "read from the namespace"
    assert not touched.exists()
    assert load_model(converted.base, "base")


def test_a_checkpoint_notes_where_it_came_from(tmp_path, old_base):
    converted = convert(old_base, tmp_path / "new.ckpt")

    fields = torch.load(converted.base, weights_only=True)["hyper_parameters"]
    assert fields["origin"] == {"file": "old.ckpt", "sha256": hashlib.sha256(old_base.read_bytes()).hexdigest()}
    assert fields["lr"] == 2e-4


def test_what_no_answer_depends_on_is_left_out_and_reported(tmp_path, old):
    converted = convert(old, tmp_path / "new.ckpt")

    assert converted.left_out == {"model.classification_head": 2, "model_init.model.classification_head": 2}


def test_half_precision_becomes_single(tmp_path, base):
    state = {name: value.half() if value.is_floating_point() else value for name, value in below("", base).items()}

    converted = convert(saved(tmp_path / "old.ckpt", state), tmp_path / "new.ckpt")

    assert {value.dtype for value in torch.load(converted.base)["state_dict"].values()} == {torch.float32, torch.int64}


def test_a_session_asks_a_converted_model(tmp_path, old):
    model = load_model(convert(old, tmp_path / "new.ckpt").interactive, "interactive")
    canvas = Photograph(np.random.default_rng(0).random((1, 96, 96), dtype=np.float32))
    refiner = NetworkRefiner(TorchPredictor(model.network, torch.device("cpu")), 64, 1.0, StrokeEncoder(64))
    initial = np.zeros((96, 96), np.float32)  # as off the object
    session = RefinementSession(canvas, initial, refiner, scale=1.0, channels=model.task.channels)

    change = session.propose([Stroke(np.array([[40.0, 40], [40, 50]]), np.full(2, 3.0), ADD)])[0]
    session.commit(change)

    assert np.isfinite(session.current).all()
    assert session.current[40, 45] == 1
    assert ((change.after != change.unrefined).mean()) > 0.5, "the network answers, beyond the stroke"


def test_the_command_says_how_to_go_on(tmp_path, old):
    new = tmp_path / "new.ckpt"

    result = CliRunner().invoke(main, [str(old), str(new)])

    assert result.exit_code == 0, result.output
    assert "data.setup --channels published_depth" in result.output
    assert f"python -m eval --ckpt {new} --base_model {tmp_path / 'new-base.ckpt'} --mirror MIRROR" in result.output


def test_help_waits_for_no_heavy_import():
    code = "import sys, models.convert; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        (LineNetwork, "b1f2e702703feb66f1e26b9fbaacccb0391ce08aa2158d83561a545f9633a158"),
        (InteractiveNetwork, "097bf395ada2aa345f2c8a43e01c33d0f7c70f63706b38503c6cc8fdfa0d459a"),
    ],
)
def test_the_published_network_has_the_names_and_shapes_of_the_authors_library(kind, digest):
    # digests of what smp.Unet("efficientnet-b6") of segmentation-models-pytorch 0.3.3 gives for 1 and 3 planes
    config = NetworkConfig("unet", "efficientnet-b6", (0.5140,), (0.1530,), "signed")
    with torch.device("meta"):
        weights = kind(config).unet.state_dict()

    lines = "\n".join(f"{name} {list(tensor.shape)}" for name, tensor in weights.items())

    assert hashlib.sha256(lines.encode()).hexdigest() == digest
