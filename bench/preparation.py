"""The cost of preparing a scan: time, memory and bytes written; and the made-up mirror that benchmarks use."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Row, measured, megabytes

CHANNELS = ("depth", "normals", "albedo")


def rows(root: Path, storage: Path) -> list[Row]:
    """Prepare the one mirror below ``root``; measure time, memory and the bytes written below ``storage``."""
    lines = []
    for what, channels, targets in (
        ("depth", ("depth",), ("20", "1536", "250")),
        ("all channels", CHANNELS, ("", "", "700")),
    ):
        done = measured(prepare, root, storage / what.replace(" ", "_"), channels)
        lines += [
            Row(f"preparing {what}, mask and drawing", "s", done.seconds, targets[0]),
            Row("its memory", "MiB", done.peak_mib, targets[1]),
            Row("its files", "MB", done.result, targets[2]),
        ]
    again = measured(prepare, root, storage / "depth", ("depth",))
    return [*lines, Row("preparing again what has not changed", "s", again.seconds, "", "first time", lines[0].value)]


def prepare(root: Path, storage: Path, channels: tuple[str, ...]) -> float:
    """Prepare as the command does; return megabytes written."""
    from contextlib import redirect_stdout
    from dataclasses import replace
    from io import StringIO

    from data.ingest import prepare_set
    from user_config import settings

    config = replace(settings(), root=root, storage=storage)
    with redirect_stdout(StringIO()):
        prepare_set(config, "mirrors", root, channels=channels, test=(), test_last=None, dpi=None)
    return megabytes(storage)


def made_up_mirror(folder: Path, height: int, width: int) -> Path:
    """Make a mirror of so many scan pixels below a folder, unless it is there; return where."""
    root = folder / f"mirror_{height}x{width}"
    if not root.exists():
        measured(_make, root, height, width)
    return root


def _make(root: Path, height: int, width: int) -> None:
    from data.synthetic.files import write_mirrors

    write_mirrors(root, 1, height, width, seed=1)
