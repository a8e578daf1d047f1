"""The scan that a log belongs to: identified by the checksums that ``data.setup`` wrote, not by paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.channels import recorded_name
from data.errors import DataError
from data.paths import composed

if TYPE_CHECKING:
    from data.storage import PreparedView


def scan_files(view: PreparedView) -> dict[str, list[str]]:
    """Return the SHA-256 of each channel's own files, without its mask: they determine what the user saw."""
    parts = view.manifest["parts"]
    masks = [part["files"] for name, part in parts.items() if name == "mask" and view.manifest["mask"]]
    mask = {file["sha256"] for files in masks for file in files}
    own = {name: [file["sha256"] for file in parts[name]["files"]] for name in view.channels}
    return {
        recorded_name(name, view.dataset): [checksum for checksum in checksums if checksum not in mask]
        for name, checksums in own.items()
    }


def described(view: PreparedView) -> dict[str, Any]:
    """Return the description of a view that a log stores, as JSON values."""
    return {
        "view": view.name,
        "scan": scan_files(view),
        "shape": list(view.shape),
        "model_shape": list(view.model_shape),
        "scale": view.scale,
        "pixels_per_mm": view.pixels_per_mm,
    }


def is_same_scan(about: dict[str, Any], view: PreparedView) -> bool:
    """Whether a log's description fits a view as it is now; channels may have been added or removed."""
    now = described(view)
    then_scan, now_scan = about.get("scan", {}), now["scan"]
    shared = then_scan.keys() & now_scan.keys()
    same = all(about.get(name) == now[name] for name in ("shape", "model_shape", "scale"))
    same = same and composed(str(about.get("view"))) == view.name
    return bool(same and shared and all(then_scan[channel] == now_scan[channel] for channel in shared))


def require_view(about: dict[str, Any], view: PreparedView, path: Path) -> None:
    """Raise DataError unless a log, at ``path``, is of a view as it is now."""
    if not is_same_scan(about, view):
        raise DataError(
            f"{path}: was drawn on another scan of {about.get('view')}{_other_scale(about, view)}; put that scan back "
            f"and run `python -m data.setup`, or move the folder {path.parent} away to begin anew"
        )


def _other_scale(about: dict[str, Any], view: PreparedView) -> str:
    """Say that a photograph was shown at another scale, and how to have that again; nothing if it was not."""
    then, showing = about.get("scale"), view.showing
    if showing is None or not then or then == view.scale:
        return ""
    width = showing.line_width * view.scale / then
    return f", shown at {then:g} of its size (`python -m data.setup --dataset {view.dataset} --line_width {width:.4g}`)"
