"""Read files of tensors without running code that they contain."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import torch

from data.errors import explain
from models.errors import ModelError

_TENSORS: dict[tuple[str, str], Callable[..., Any]] = {  # what a state dict needs; neither calls what it is given
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
}


class HoldsCodeError(ModelError):
    """A file that holds more than tensors and plain values."""


class StandIn:
    """Stands for an object of an unknown class: its fields are kept, its code is never imported.

    Parameters
    ----------
    arguments, named : of the original constructor; ignored
    """

    fields: dict[Any, Any]

    def __new__(cls, *arguments: object, **named: object) -> Self:
        """Make one; a pickle may leave ``__init__`` out."""
        made = super().__new__(cls)
        made.fields = {}
        return made

    def __call__(self, *arguments: object) -> StandIn:
        """Return another, where a method or a function would have been called."""
        return StandIn()

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            self.fields.update(state)

    def __setitem__(self, key: object, value: object) -> None:
        self.fields[key] = value

    def append(self, item: object) -> None:
        """Ignore an item of what was a list."""

    def add(self, item: object) -> None:
        """Ignore an item of what was a set."""


class _Unpickler(pickle.Unpickler):
    """Restores tensors and plain values; all other classes and functions become ``StandIn``: no foreign code runs."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        rebuild = _TENSORS.get((module, name))
        if rebuild is None:
            return StandIn
        return lambda *arguments: rebuild(*arguments)  # a new one each time: a pickle may set a function's attributes


def read_plain(path: Path) -> Any:
    """Read a file that ``torch.save`` wrote, if it holds nothing but tensors and plain values.

    Raises
    ------
    HoldsCodeError
        If it holds more than that.
    ModelError
        If it cannot be read or is damaged.
    """
    try:
        return _loaded(path, weights_only=True)
    except OSError as error:
        raise ModelError(explain(error, path)) from error
    except Exception as error:  # a damaged pickle makes its reader raise anything
        if isinstance(error, pickle.UnpicklingError) and zipfile.is_zipfile(path):
            raise HoldsCodeError(f"{path}: holds more than tensors and plain values, so it is not loaded") from error
        raise _damaged(path, error) from error


def read_foreign(path: Path) -> Any:
    """Read a file that ``torch.save`` wrote anywhere: dicts, lists, tensors, and a ``StandIn`` for all other objects.

    Raises
    ------
    ModelError
        If it cannot be read or is damaged, or is in PyTorch's format of before 2020 and holds other objects.
    """
    try:
        return read_plain(path)
    except HoldsCodeError:
        restricted = SimpleNamespace(Unpickler=_Unpickler, __name__=__name__)
        try:
            return _loaded(path, pickle_module=restricted, weights_only=False)
        except Exception as error:
            raise _damaged(path, error) from error


def _loaded(path: Path, **options: Any) -> Any:
    """Load a file without PyTorch's warnings, which are addressed to the file's author; errors are raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return torch.load(path, map_location="cpu", **options)


def _damaged(path: Path, error: Exception) -> ModelError:
    return ModelError(
        f"{path}: damaged, or no checkpoint that PyTorch 1.6 or later wrote ({type(error).__name__}); "
        "train or copy it again"
    )
