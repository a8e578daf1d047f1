"""What preparing a scan of full size costs: streamed as ``data.setup`` does it, and with whole maps in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.measure import Row, measured

CHANNELS = ("depth", "normals", "albedo")


def rows(root: Path, storage: Path) -> list[Row]:
    """Prepare the one mirror below ``root``, and measure time, memory and what is written below ``storage``."""
    lines = []
    for what, channels, targets in (
        ("depth", ("depth",), ("20", "1536", "250")),
        ("all channels", CHANNELS, ("", "", "700")),
    ):
        folders = [storage / f"{way}_{len(channels)}" for way in ("ours", "plain")]
        ours = measured(ours_way, root, folders[0], channels)
        plain = measured(plain_way, root, folders[1], channels)
        lines += [
            Row(f"preparing {what}, mask and drawing", "s", ours.seconds, plain.seconds, targets[0]),
            Row("its memory", "MiB", ours.peak_mib, plain.peak_mib, targets[1]),
            Row("its files", "MB", ours.result, plain.result, targets[2]),
        ]
    again = measured(ours_way, root, storage / "ours_1", ("depth",))
    return [*lines, Row("preparing again what has not changed", "s", again.seconds, lines[0].plain)]


def ours_way(root: Path, storage: Path, channels: tuple[str, ...]) -> float:
    """Prepare as the command does; return megabytes written."""
    from contextlib import redirect_stdout
    from dataclasses import replace
    from io import StringIO

    from data.ingest import prepare_set
    from user_config import settings

    config = replace(settings(), root=root, storage=storage)
    with redirect_stdout(StringIO()):
        prepare_set(config, "mirrors", root, channels=channels, test=(), test_last=None, dpi=None)
    return _megabytes(storage)


def plain_way(root: Path, storage: Path, channels: tuple[str, ...]) -> float:
    """Prepare it the obvious way: whole float32 maps, one blur at full size, plain arrays; return megabytes written."""
    import cv2
    import numpy as np
    import tifffile

    read: Any = cv2.imread
    mask = read(str(next(root.glob("masks/*.png")))).any(axis=2)
    drawing = read(str(next(root.glob("drawings/*.png"))), cv2.IMREAD_UNCHANGED)[..., 3] > 127
    maps: dict[str, Any] = {"mask": mask, "drawing": drawing}
    for channel in channels:
        suffix = {"depth": "U", "normals": "N", "albedo": "RHO"}[channel]
        raw = tifffile.imread(next(root.glob(f"*/PS/*_{suffix}.tif")))
        scale = np.iinfo(raw.dtype.str).max if raw.dtype.kind == "u" else 1
        maps[channel] = raw.astype(np.float32) / np.float32(scale)
    maps["depth"] = _high_passed(maps["depth"], mask)
    storage.mkdir(parents=True)
    for name, array in maps.items():
        size = (array.shape[1] // 2, array.shape[0] // 2)
        half = cv2.resize(array.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        np.save(storage / f"{name}.npy", array)
        np.save(storage / f"{name}_half.npy", half.astype(array.dtype))
    return _megabytes(storage)


def _high_passed(depth: Any, mask: Any) -> Any:
    import cv2
    import numpy as np

    depth = np.nan_to_num(depth - np.nanmean(depth[mask])) * mask
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 40)
    relief = depth - cv2.GaussianBlur(depth, (0, 0), 40) / np.maximum(weight, 1e-3)
    return np.clip((relief - relief[mask].mean()) / (6 * relief[mask].std()) + 0.5, 0, 1)


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
