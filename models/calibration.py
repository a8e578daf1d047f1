"""Calibrations as files: ``<name>.calibration.json`` beside the checkpoint or the weights of a base model."""

from __future__ import annotations

import json
from pathlib import Path

from data.io.files import write_json
from metrics.calibration import Calibration
from models.errors import ModelError


def read_table(path: Path) -> tuple[Calibration, str]:
    """Read a calibration, and the SHA-256 of the model's file that it was fitted to.

    Raises
    ------
    ModelError
        If the file is damaged.
    OSError
        If it cannot be read.
    """
    try:
        content = json.loads(path.read_bytes())
        return Calibration(tuple(content["probability"]), tuple(content["share"])), content["base"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: damaged; remove it, and fit it again by `python -m runs.calibration`") from error


def write_table(path: Path, table: Calibration, sha256: str) -> None:
    """Write a calibration that was fitted to a model's file."""
    write_json(path, {"base": sha256, "probability": list(table.probability), "share": list(table.share)})
