"""What is no published model, or has no place to be written, is refused and leaves nothing behind."""

import errno

import pytest
import torch
from click.testing import CliRunner

from models import published
from models.convert import main
from models.errors import ModelError
from models.published import convert
from tests.models.convert.published import SAID, SMALL, below, network, saved


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


def test_the_command_answers_in_one_line_what_cannot_be_converted(tmp_path):
    result = CliRunner().invoke(main, [str(tmp_path / "none.ckpt"), str(tmp_path / "new.ckpt")])

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'none.ckpt'}: No such file or directory; check the path")
    assert result.output.count("\n") == 1
