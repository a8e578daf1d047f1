"""What a view's manifest says it was made from, and what of that no longer holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.errors import DataError, explain
from data.io.files import file_hash
from data.preparing.source import Part, Recalling, Source
from data.preparing.writing import ViewWriter
from data.storage import FORMAT

READER = (
    2  # of raw files; what an older one read is read anew once, since it took some masks and maps for another thing
)


def with_memory(source: Source, before: dict[str, Any]) -> Source:
    """Return a source with the channels and the options that a manifest, from ``read_manifest``, remembers."""
    source = source.keeping(before["statistics"], before["pixels_per_mm"])
    if isinstance(source, Recalling):
        return source.recalling(before["given"], {name: part["parameters"] for name, part in before["parts"].items()})
    return source


def given_for(source: Source) -> dict[str, Any]:
    """Return the options that were given for a source's scan, now or before."""
    return source.given if isinstance(source, Recalling) else {}


def stale_parts(parts: dict[str, Any], known: dict[str, Any], writer: ViewWriter) -> list[str]:
    """Return the names of the parts that have to be made: other files or parameters, an older reader, lost arrays."""
    return [
        name
        for name, part in parts.items()
        if name not in known
        or _cause(part) != _cause(known[name])
        or known[name].get("reader") != READER
        or writer.sizes(name) != known[name].get("arrays")
    ]


def is_recorded(source: Source, parts: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether a manifest already says where the files of all parts lie, and what was given for them."""
    there = [part["files"] for part in before["parts"].values()]
    return bool(given_for(source) == before["given"] and [part["files"] for part in parts.values()] == there)


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a view's manifest; an empty one if there is none, or if it has another format."""
    nothing: dict[str, Any] = {"shape": (0, 0), "pixels_per_mm": None, "encodings": {}, "statistics": {}, "parts": {}}
    later: dict[str, Any] = {"given": {}, "notes": {}, "showing": None}  # which older manifests lack
    try:
        manifest = json.loads(path.read_text())
        usable = manifest["format"] == FORMAT and nothing.keys() <= manifest.keys()
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        usable = False
    return later | (manifest if usable else nothing)


def described(parts: dict[str, Part], known: dict[str, Any]) -> dict[str, Any]:
    """Return parts as a manifest holds them; a file of unchanged size and time is not read again."""
    seen = {file["file"]: file for part in known.values() for file in part["files"]}

    def readable(path: Path) -> dict[str, Any]:
        try:
            return looked_up(path)
        except OSError as error:
            raise DataError(explain(error, path)) from error

    def looked_up(path: Path) -> dict[str, Any]:
        stat = path.stat()
        now = {"file": str(path), "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns}
        before = seen.get(str(path))
        if before is None or not now.items() <= before.items():
            now["sha256"] = file_hash(path)
            seen[str(path)] = now
        return seen[str(path)]

    return {
        name: {"files": [readable(path) for path in part.files], "parameters": part.parameters}
        for name, part in parts.items()
    }


def _cause(part: dict[str, Any]) -> tuple[Any, ...]:
    """Return what determines a part's arrays: hashes of files, without their paths, and parameters."""
    return part["parameters"], [file["sha256"] for file in part["files"]]
