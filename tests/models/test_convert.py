import argparse
import errno
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from click.testing import CliRunner

from interaction.prompts.strokes import ADD, Stroke
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from models import published
from models.checkpoints import load_model
from models.convert import main
from models.encoders import StrokeEncoder
from models.errors import ModelError
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.prediction import TorchPredictor
from models.published import convert
from tests.photograph import Photograph

SMALL = "efficientnet-b0"
SAID = {"arch": "unet", "in_channels": 1, "out_channels": 1, "lr": 2e-4, "enc_str": SMALL, "patch_size": 512}


def network(planes, encoder=SMALL):
    """Build a network as the authors did, with statistics and weights that training might have left."""
    torch.manual_seed(planes)
    unet = smp.Unet(encoder, encoder_weights=None, in_channels=planes, classes=1, aux_params={"classes": 1}).eval()
    for module in unet.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return unet


@pytest.fixture(scope="module")
def base():
    return network(1)


@pytest.fixture(scope="module")
def interactive():
    return network(3)


def below(prefix, unet):
    return {prefix + name: value.clone() for name, value in unet.state_dict().items()}


def saved(path, state, hyper_parameters=SAID):
    content = {
        "epoch": 55,
        "state_dict": state,
        "hyper_parameters": hyper_parameters,
        "optimizer_states": [{"state": {}}],
    }
    torch.save(content, path)
    return path


@pytest.fixture
def old(tmp_path, base, interactive):
    return saved(tmp_path / "old.ckpt", {**below("model.", interactive), **below("model_init.model.", base)})


@pytest.fixture
def old_base(tmp_path, base):
    return saved(tmp_path / "old.ckpt", below("model.", base))


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


class Malice:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("model.decoder.blocks.0.conv1.0.weight"), "conv1.0.weight is missing, not"),
        (lambda state: state.update({"model.encoder.more": torch.ones(1)}), r"encoder.more is \(1,\), not known"),
        (lambda state: state.update(below("model_teacher.", network(1))), "model_teacher.encoder"),
        (lambda state: state.update(below("model_init.", network(1))), "sees 1 planes"),
        (lambda state: [state.update({f"net.{name}": state.pop(name)}) for name in list(state)], "net.model.encoder"),
        (lambda state: state.clear(), "holds no weights; give"),
        (lambda state: state.update(below("model.", network(2))), "sees 2 planes"),
    ],
)
def test_weights_of_another_shape_are_refused(tmp_path, base, change, message):
    state = below("model.", base)
    change(state)

    with pytest.raises(ModelError, match=message) as error:
        convert(saved(tmp_path / "old.ckpt", state), tmp_path / "new.ckpt")

    assert "old.ckpt" in str(error.value)
    assert not (tmp_path / "new.ckpt").exists()


def test_another_encoder_is_told_by_the_weights_that_do_not_fit(tmp_path, base):
    path = saved(tmp_path / "old.ckpt", below("model.", base), {})

    with pytest.raises(ModelError, match=r"no U-Net with efficientnet-b6: .*_conv_stem.weight is \(32, 1, 3, 3\)"):
        convert(path, tmp_path / "new.ckpt")
    assert convert(path, tmp_path / "new.ckpt", SMALL).encoder == SMALL


@pytest.mark.parametrize(
    "hyper_parameters", [{"patch_size": 1024}, {"arch": "fpn"}, {"in_channels": 3}, {"enc_str": "no-such-encoder"}]
)
def test_a_model_of_other_input_is_refused(tmp_path, base, hyper_parameters):
    path = saved(tmp_path / "old.ckpt", below("model.", base), {**SAID, **hyper_parameters})

    with pytest.raises(ModelError, match=str(*hyper_parameters.values())):
        convert(path, tmp_path / "new.ckpt")


def test_an_encoder_that_nobody_has_is_answered_with_the_nearest(tmp_path, old_base):
    with pytest.raises(ModelError, match=r"old\.ckpt: no encoder 'eficientnet-b0' .*efficientnet-b0.*--enc_str"):
        convert(old_base, tmp_path / "new.ckpt", "eficientnet-b0")


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": [torch.ones(1)]}, {"epoch": 3}])
def test_what_holds_no_weights_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "old.ckpt")

    with pytest.raises(ModelError, match=r"old\.ckpt: holds no weights; give"):
        convert(tmp_path / "old.ckpt", tmp_path / "new.ckpt")


def test_what_is_converted_already_is_refused(tmp_path, old_base):
    converted = convert(old_base, tmp_path / "new.ckpt")

    with pytest.raises(ModelError, match="a checkpoint of this project already"):
        convert(converted.base, tmp_path / "newer.ckpt")


@pytest.mark.parametrize("name", ["new.ckpt", "new-base.ckpt"])
def test_nothing_is_overwritten(tmp_path, old, name):
    (tmp_path / name).write_text("precious")

    with pytest.raises(ModelError, match=f"{name}: is there already"):
        convert(old, tmp_path / "new.ckpt")

    assert (tmp_path / name).read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_leaves_nothing_half_written(tmp_path, old_base, monkeypatch):
    def fill(content, file):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(published.torch, "save", fill)

    result = CliRunner().invoke(main, [str(old_base), str(tmp_path / "new.ckpt")])

    assert (result.exit_code, result.output) == (
        1,
        f"Error: {tmp_path / 'new.ckpt'}: No space left on device; "
        "free some space and run again; what was finished before is kept\n",
    )
    assert list(tmp_path.iterdir()) == [old_base]


def test_the_command_says_how_to_go_on(tmp_path, old):
    new = tmp_path / "new.ckpt"

    result = CliRunner().invoke(main, [str(old), str(new)])

    assert result.exit_code == 0, result.output
    assert "data.setup --channels published_depth" in result.output
    assert f"python -m eval --ckpt {new} --base_model {tmp_path / 'new-base.ckpt'} --mirror MIRROR" in result.output


def test_the_command_answers_in_one_line_what_cannot_be_converted(tmp_path):
    result = CliRunner().invoke(main, [str(tmp_path / "none.ckpt"), str(tmp_path / "new.ckpt")])

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'none.ckpt'}: No such file or directory; check the path")
    assert result.output.count("\n") == 1


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
