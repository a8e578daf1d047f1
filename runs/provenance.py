"""The record of a run: configuration, seeds, versions, commit, and hashes of data and weights."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from data.io.files import write_json
from data.storage import PreparedView
from runs.errors import RunError

RECORD = "run.json"
CHECKPOINT, WEIGHTS = ".ckpt", ".safetensors"  # files of models
# Options of an evaluation that change no figure, or only by way of weights, which are compared by their hashes.
NO_FIGURE = ("ckpt", "base_model", "device", "group", "manual", "picture_every")
PACKAGES = (
    "torch",
    "pytorch-lightning",
    "segmentation-models-pytorch",
    "numpy",
    "scikit-image",
    "opencv-python-headless",
    "openvino",
)


def write_record(path: Path, config: dict[str, Any], **hashes: str) -> None:
    """Write ``run.json``.

    Parameters
    ----------
    path : of the file
    config : the run's options as JSON values, seeds among them
    hashes : of weights and data, by name
    """
    record = {
        "config": config,
        "hashes": hashes,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "commit": _code_commit(),
        "machine": platform.machine(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(path, record)


def read_record(path: Path) -> dict[str, Any]:
    """Read a ``run.json``; an empty dict where there is none, RunError if it is damaged."""
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:  # no JSON, or no text at all
        raise _damaged(path) from error
    if not isinstance(record, dict) or not all(isinstance(record.get(part), dict) for part in ("config", "hashes")):
        raise _damaged(path)
    if not all(isinstance(value, str) for value in record["hashes"].values()):
        raise _damaged(path)
    return record


def changes(
    there: Mapping[str, Any], wanted: Mapping[str, Any], names: Iterable[str] | None = None, *, width: int = 16
) -> str:
    """Return differences of settings, as in ``mode headline there, published asked for``; empty if there are none.

    Parameters
    ----------
    there, wanted : values by name; one that is missing counts as None
    names : of those to compare; by default all, sorted
    width : characters of a value that are shown, at most
    """
    compared = sorted({*there, *wanted}) if names is None else names
    return "; ".join(
        f"{name} {there.get(name)!s:.{width}} there, {wanted.get(name)!s:.{width}} asked for"
        for name in compared
        if there.get(name) != wanted.get(name)
    )


def run_id_of(name: str) -> str:
    """Return the run id in a name as ``models.checkpoints.find_checkpoint`` takes it.

    Of weights, and of a checkpoint outside a run's folder, it is the file's name without its ending. Files are not
    looked at.
    """
    path = Path(name)
    folder = path.absolute().parent
    if path.suffix == CHECKPOINT and folder.name == "checkpoints":
        return folder.parent.name
    return path.stem if path.suffix in {CHECKPOINT, WEIGHTS} else path.name


def data_hash(views: Sequence[PreparedView], channels: Sequence[str]) -> str:
    """Return one SHA-256 over some views: the contents of the files of some channels, and how they were prepared."""
    return hashlib.sha256("".join(view.fingerprint(channels) for view in views).encode()).hexdigest()


def _damaged(path: Path) -> RunError:
    return RunError(f"{path}: damaged, so nobody can tell what this run was; move {path.parent} away and run again")


def _code_commit() -> str:
    """Return the code's commit, with ``+`` behind it where files have changed since; empty outside a repository."""
    folder = Path(__file__).parent
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
