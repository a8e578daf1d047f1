import argparse
import builtins
import contextlib
import os
import pickle
import zipfile
from collections import OrderedDict, defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_lightning.utilities.parsing import AttributeDict

from models.errors import ModelError
from models.unpickling import HoldsCodeError, StandIn, read_foreign, read_plain


class Reduced:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments, state=None):
        self.call = (function, arguments, state)

    def __reduce__(self):
        return self.call


def saved(path, content, **options):
    torch.save(content, path, **options)
    return path


def test_tensors_and_plain_values_come_back(tmp_path):
    content = {"weights": OrderedDict(a=torch.arange(3.0)), "epoch": 3, "names": ["x", None, (1, 2.5)]}

    for read in (read_plain, read_foreign):
        back = read(saved(tmp_path / "a.ckpt", content))
        assert torch.equal(back["weights"]["a"], torch.arange(3.0))
        assert (back["epoch"], back["names"]) == (3, ["x", None, (1, 2.5)])


class Unknown:
    def __init__(self):
        self.deep = {"path": Path("there")}


class UnknownList(list):
    pass


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        (argparse.Namespace(enc_str="resnet18"), {"enc_str": "resnet18"}),
        (AttributeDict(enc_str="resnet18"), {"enc_str": "resnet18"}),
        (defaultdict(str, enc_str="resnet18"), {"enc_str": "resnet18"}),
        (UnknownList([1, 2]), {}),
        (Path("there"), {}),
        (np.float64(0.5), {}),
        (torch.nn.Linear, {}),
    ],
)
def test_another_object_becomes_a_stand_in_with_its_fields(tmp_path, other, fields):
    path = saved(tmp_path / "a.ckpt", {"other": other, "weight": torch.ones(2), "after": 1})
    back = read_foreign(path)

    assert torch.equal(back["weight"], torch.ones(2))
    assert back["after"] == 1
    if fields:
        assert isinstance(back["other"], StandIn)
        assert back["other"].fields == fields


def test_what_holds_other_objects_is_no_plain_file(tmp_path):
    with pytest.raises(HoldsCodeError, match=r"a\.ckpt"):
        read_plain(saved(tmp_path / "a.ckpt", {"other": Unknown(), "weight": torch.ones(2)}))


def test_weights_in_parameters_are_read(tmp_path):
    path = saved(tmp_path / "a.ckpt", {"weight": torch.nn.Parameter(torch.ones(2)), "other": Unknown()})

    assert torch.equal(read_foreign(path)["weight"], torch.ones(2))


ATTACKS = {
    "a function": lambda target: Reduced(Path.touch, target),
    "a shell": lambda target: Reduced(os.system, f"touch {target}"),
    "code as text": lambda target: Reduced(builtins.exec, f"open({str(target)!r}, 'w')"),
    "a file opened": lambda target: Reduced(builtins.open, str(target), "w"),
    "a pickle in a pickle": lambda target: Reduced(
        torch.storage._load_from_bytes, pickle.dumps(Reduced(Path.touch, target))
    ),
    "hooks of a tensor": lambda target: Reduced(
        torch._utils._rebuild_parameter, torch.ones(1), True, {0: Reduced(Path.touch, target)}
    ),
    "a state with a function": lambda target: Reduced(dict, state={"x": Reduced(Path.touch, target)}),
    "a tensor's subclass": lambda target: Reduced(
        torch._tensor._rebuild_from_type_v2, Path.touch, Unknown, (target,), {}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_file_is_run(tmp_path, attack):
    target = tmp_path / "touched"
    content = {"weight": torch.ones(2), "bad": ATTACKS[attack](target)}

    back = read_foreign(saved(tmp_path / "a.ckpt", content))

    assert torch.equal(back["weight"], torch.ones(2))
    assert not target.exists()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_old_file_that_would_run_something_is_refused(tmp_path, attack):
    target = tmp_path / "touched"
    content = {"weight": torch.ones(2), "bad": ATTACKS[attack](target)}

    with pytest.raises(ModelError, match="or later wrote"):
        read_foreign(saved(tmp_path / "a.ckpt", content, _use_new_zipfile_serialization=False))

    assert not target.exists()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_attacks_are_real(tmp_path, attack):
    target = tmp_path / "touched"
    path = saved(tmp_path / "a.ckpt", ATTACKS[attack](target))

    with contextlib.suppress(Exception):  # some fail once they have done it
        torch.load(path, weights_only=False)

    assert target.exists()


def with_pickle(path, body):
    """Put a pickle of one's own into a checkpoint."""
    saved(path, {"weight": torch.ones(2)})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, body if name.endswith("data.pkl") else content)
    return path


def test_a_function_looked_up_by_name_is_not_called(tmp_path):
    target = tmp_path / "touched"
    system = b"c__builtin__\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR"
    path = with_pickle(tmp_path / "a.ckpt", b"\x80\x02" + system + f"(S'touch {target}'\ntR.".encode())

    assert isinstance(read_foreign(path), StandIn)
    assert not target.exists()
    torch.load(path, weights_only=False)
    assert target.exists()


def test_a_pickle_cannot_change_the_functions_that_rebuild_tensors(tmp_path):
    function = torch._utils._rebuild_tensor_v2
    before = function.__defaults__
    unknown, state = b"cnowhere\nUnknown\n0", b"(N(S'__defaults__'\n(I1\nI2\ntdtb."
    path = with_pickle(tmp_path / "a.ckpt", b"\x80\x02" + unknown + b"ctorch._utils\n_rebuild_tensor_v2\n" + state)

    read_foreign(path)

    assert function.__defaults__ == before


def test_an_old_file_of_plain_values_is_read(tmp_path):
    path = saved(tmp_path / "a.ckpt", {"weight": torch.ones(2)}, _use_new_zipfile_serialization=False)

    assert torch.equal(read_foreign(path)["weight"], torch.ones(2))


def test_an_old_file_with_other_objects_is_refused(tmp_path):
    path = saved(tmp_path / "a.ckpt", {"other": Unknown()}, _use_new_zipfile_serialization=False)

    with pytest.raises(ModelError, match="or later wrote"):
        read_foreign(path)


def test_a_compiled_program_is_refused(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(path))

    with pytest.raises(ModelError, match=r"a\.ckpt"):
        read_foreign(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"no weights",
    ],
)
@pytest.mark.parametrize("other", [None, Unknown()])
def test_a_damaged_file_is_named(tmp_path, damage, other):
    path = saved(tmp_path / "a.ckpt", {"weight": torch.ones(400), "other": other})
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ModelError, match=r"a\.ckpt: damaged"):
        read_foreign(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"a\.ckpt: No such file or directory; check the path"):
        read_foreign(tmp_path / "a.ckpt")


def test_what_pytorch_warns_of_is_not_printed_before_the_message(tmp_path, recwarn):
    (tmp_path / "a.ckpt").write_bytes(pickle.dumps(Reduced(Path.touch, tmp_path / "touched")))  # of protocol 4

    with pytest.raises(ModelError):
        read_plain(tmp_path / "a.ckpt")

    assert not list(recwarn)
