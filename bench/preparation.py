"""What preparing a scan of full size costs: streamed as ``data.setup`` does it, and with whole maps in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.measure import Row, measured

CHANNELS = ("depth", "normals", "albedo")


def rows(root: Path, storage: Path) -> list[Row]:
    """Prepare the one mirror below ``root``, and measure time, memory and what is written below ``storage``."""
    ours, plain = measured(ours_way, root, storage / "ours", ("depth",)), measured(plain_way, root, storage / "plain")
    again = measured(ours_way, root, storage / "ours", ("depth",))
    everything = measured(ours_way, root, storage / "everything", CHANNELS)
    full = "6716 x 8964: "
    return [
        Row("preparing depth, mask and drawing", "s", ours.seconds, plain.seconds, f"{full}20"),
        Row("its memory", "MiB", ours.peak_mib, plain.peak_mib, f"{full}1536"),
        Row("its files", "MB", ours.result, plain.result, f"{full}250"),
        Row("preparing the same again, unchanged", "s", again.seconds, plain.seconds),
        Row("files with normals and albedo", "MB", everything.result, plain.result * len(CHANNELS), f"{full}700"),
    ]


def ours_way(root: Path, storage: Path, channels: tuple[str, ...]) -> float:
    """Prepare as the command does; return megabytes written."""
    from dataclasses import replace

    from data.intake import prepare_set
    from user_config import settings

    config = replace(settings(), root=root, storage=storage)
    prepare_set(config, "mirrors", root, channels=channels, test=(), test_last=None, dpi=None)
    return _megabytes(storage)


def plain_way(root: Path, storage: Path) -> float:
    """Prepare depth, mask and drawing the obvious way: whole float32 maps, one blur at full size, plain arrays."""
    import cv2
    import numpy as np
    import tifffile

    storage.mkdir(parents=True, exist_ok=True)
    read: Any = cv2.imread
    depth: Any = np.asarray(tifffile.imread(next(root.glob("*/PS/*_U.tif"))), np.float32)
    mask = read(str(next(root.glob("masks/*.png")))).any(axis=2)
    drawing = read(str(next(root.glob("drawings/*.png"))), cv2.IMREAD_UNCHANGED)[..., 3] > 127
    depth = np.nan_to_num(depth - np.nanmean(depth[mask])) * mask
    blurred = cv2.GaussianBlur(depth, (0, 0), 40) / np.maximum(
        cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 40), 1e-3
    )
    relief = depth - blurred
    values = np.clip((relief - relief[mask].mean()) / (6 * relief[mask].std()) + 0.5, 0, 1)
    arrays: dict[str, Any] = {"depth": values, "mask": mask, "drawing": drawing}
    for name, array in arrays.items():
        size = (array.shape[1] // 2, array.shape[0] // 2)
        half = cv2.resize(array.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        np.save(storage / f"{name}.npy", array)
        np.save(storage / f"{name}_half.npy", half.astype(array.dtype))
    return _megabytes(storage)


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
