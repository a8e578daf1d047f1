"""``python -m bench.patches``: a base model on single patches of real scans, beside classical binarizations.

A folder holds ``patchN.png``, high-passed depth in 8 bits, with ``maskN.png``, 255 on the line. The drawings of such
patches lie a pixel or two off, so besides the published pFM there is an F-measure that forgives as much: the share of
predicted pixels within ``TOLERANCE_PX`` of the truth, and of the truth's skeleton within as much of the prediction.
It falls where lines are drawn thicker than the truth's, which the share of the prediction's skeleton leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from data.options import ModelName, UserPath
from user_config import settings

if TYPE_CHECKING:
    from data.regions import Region, Shape
    from models.checkpoints import TrainedModel
    from models.prediction import Predictor

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

TOLERANCE_PX = 2  # model pixels
MODEL = "model"  # the first row of a patch's table; the others are names in `models.classical.CLASSICAL`
ADDED, MISSED = (230, 0, 0), (0, 90, 230)  # colours of errors, RGB: drawn beside the truth, left out of it
GUTTER_PX = 8


@dataclass(frozen=True)
class Scores:
    """The scores of a drawing of a patch, each in [0, 1].

    Attributes
    ----------
    pfm : published pFM
    near : share of the drawn pixels that lie within `TOLERANCE_PX` of the truth
    centred : share of the drawing's skeleton that does
    found : share of the truth's skeleton that lies within `TOLERANCE_PX` of the drawing
    """

    pfm: float
    near: float
    centred: float
    found: float

    @property
    def tolerant_f(self) -> float:
        """Harmonic mean of `near` and `found`."""
        from metrics.counts import harmonic_mean

        return harmonic_mean(self.near, self.found)


def scores(drawing: Mask, truth: Mask) -> Scores:
    """Score a drawing of a patch, both (H, W) bool."""
    from metrics import pfm
    from metrics.counts import share_within
    from metrics.thinning import thin

    beside = _widened(truth)
    near, centred = share_within(beside, drawing), share_within(beside, thin(drawing))
    return Scores(pfm(drawing, truth), near, centred, share_within(_widened(drawing), thin(truth)))


def _widened(mask: Mask) -> Mask:
    """Return what lies within `TOLERANCE_PX` of a mask, by straight distance; nothing if it is empty."""
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return mask | (distance <= TOLERANCE_PX) if mask.any() else mask


def as_learned(depth: Image, mean: float, deviation: float) -> Image:
    """Shift and scale a patch to the mean and the deviation of what a model has learned on, clipped to [0, 1].

    Preparation scales a whole object's high-passed depth by its own deviation; a picture of a part of it has lost
    that scale, and its contrast may have been stretched. An even patch is left at the mean.
    """
    own = float(depth.std())
    level = (depth - float(depth.mean())) * (deviation / own if own else 0.0) + mean
    return np.clip(level, 0, 1).astype(np.float32)


def read_patches(folder: Path, enlarge: float) -> dict[str, tuple[Image, Mask]]:
    """Read each ``patchN.png`` of a folder with its ``maskN.png`` (255 = line), enlarged to model scale.

    Raises
    ------
    DataError
        If there is no such pair, or a file cannot be read.
    """
    from data.errors import DataError
    from data.images import read_grey

    found = {}
    for path in sorted(folder.glob("patch*.png")):
        files = path, path.with_name(path.name.replace("patch", "mask"))
        if not files[1].exists():
            raise DataError(f"{files[1]} is missing; each patchN.png needs its maskN.png")
        depth, drawing = (
            cv2.resize(read_grey(file), None, fx=enlarge, fy=enlarge, interpolation=method)
            for file, method in zip(files, (cv2.INTER_CUBIC, cv2.INTER_LINEAR), strict=True)
        )
        found[path.stem] = np.asarray(depth, np.float32), np.asarray(drawing > 0.5)
    if not found:
        raise DataError(f"{folder} holds no patchN.png")
    return found


@dataclass(frozen=True)
class _Patch:
    """A canvas of one plane, (H, W) at model scale."""

    plane: Image

    @property
    def shape(self) -> Shape:
        from data.regions import shape_of

        return shape_of(self.plane)

    @property
    def pixels_per_mm(self) -> None:
        return None

    @property
    def channels(self) -> tuple[str, ...]:
        return ("depth",)

    def read(self, region: Region, channels: Sequence[str], scale: float) -> Image:
        return self.plane[None, *region.slices]


def canvas_of(model: TrainedModel, depth: Image) -> _Patch:
    """Return a patch (H, W) in [0, 1] at model scale as the canvas that a model is shown."""
    learned = model.network.config
    return _Patch(as_learned(depth, learned.mean[0], learned.deviation[0]))


def probabilities(model: TrainedModel, predictor: Predictor, canvas: _Patch) -> Image:
    """Draw a patch of any size by overlapping windows, as a mirror is drawn: (H, W) in [0, 1]."""
    from models.prediction import predict_bands

    task = model.task
    bands = predict_bands(
        canvas, canvas.shape, predictor, channels=task.channels, scale=task.scale, patch=task.patch, batch=1
    )
    return np.concatenate(list(bands))


def drawn_by(model: TrainedModel, predictor: Predictor, depth: Image) -> Mask:
    """Draw a patch (H, W) in [0, 1] at model scale, of any size, by overlapping windows as a mirror is drawn."""
    return probabilities(model, predictor, canvas_of(model, depth)) > 0.5


def picture(depth: Image, drawing: Mask, truth: Mask) -> NDArray[np.uint8]:
    """Put a patch, its drawing and the errors side by side: RGB, (H, 3 W and gaps, 3) of bytes.

    Errors are what lies beyond `TOLERANCE_PX`: drawn but not in the truth red, in the truth but not drawn blue, the
    rest of the drawing grey.
    """
    grey = np.round(255 * depth).astype(np.uint8)
    ink = np.where(drawing, 0, 255).astype(np.uint8)
    first, second = (np.repeat(plane[..., None], 3, axis=2) for plane in (grey, ink))
    third = np.full_like(first, 255)
    third[drawing] = 170
    third[drawing & ~_widened(truth)] = ADDED
    third[truth & ~_widened(drawing)] = MISSED
    gap = np.full((len(grey), GUTTER_PX, 3), 255, np.uint8)
    return np.concatenate([first, gap, second, gap, third], axis=1)


def table(rows: dict[tuple[str, str], Scores]) -> str:
    """Return a line for each patch and method, in percent."""
    titles = ("patch", "method", "pFM", "tolerant F", "drawn near the truth", "its centre lines", "truth found")
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    for (patch, method), each in rows.items():
        values = (each.pfm, each.tolerant_f, each.near, each.centred, each.found)
        lines.append(f"| {patch} | {method} | " + " | ".join(f"{100 * value:.1f}" for value in values) + " |")
    return "\n".join(lines)


@click.command(context_settings={"show_default": True})
@click.option(
    "--base_model",
    type=ModelName(),
    default="small-base",
    metavar="MODEL",
    help="Run id, checkpoint or name of weights.",
)
@click.option("--real", type=UserPath(exists=True, file_okay=False), required=True, help="patchN.png, maskN.png")
@click.option("--enlarge", default=1.34, type=click.FloatRange(min=0.1), help="To model scale, 20 pixels a millimetre.")
@click.option(
    "--margin",
    default=0,
    type=click.IntRange(0, 32),
    help="Pixels at a patch's edge that are drawn and not scored: masks cut from a figure may hold its frame.",
)
@click.option("--out", type=UserPath(file_okay=False), help="For a picture of each patch.")
def main(base_model: str, real: Path, enlarge: float, margin: int, out: Path | None) -> None:
    """Draw patches by a base model and by classical binarizations, and score them in percent."""
    import torch

    from data.errors import DataError
    from data.io.png import write_png
    from models.checkpoints import find_checkpoint, load_model
    from models.classical import CLASSICAL
    from models.errors import ModelError
    from models.prediction import TorchPredictor
    from runs.commands import one_message

    with one_message():
        patches = read_patches(real, enlarge)
        for name, (_, truth) in patches.items():
            if min(truth.shape) <= 2 * margin:
                size = f"{truth.shape[1]} x {truth.shape[0]} pixels at model scale"
                raise DataError(f"{real / name}.png: its {size} leave nothing within --margin {margin}")
        model = load_model(find_checkpoint(base_model, settings().project), "base")
        if model.task.channels != ("depth",):
            raise ModelError(f"{model.path}: sees {', '.join(model.task.channels)}; such patches show depth alone")
        predictor = TorchPredictor(model.network, torch.device("cpu"))
        rows: dict[tuple[str, str], Scores] = {}
        for name, (cubic, truth) in patches.items():
            depth = np.clip(cubic, 0, 1)  # enlarging overshoots
            drawings = {MODEL: drawn_by(model, predictor, depth)}
            drawings |= {method: draw(depth, np.ones(depth.shape, bool)) for method, draw in CLASSICAL.items()}
            inner = (slice(margin, -margin or None),) * 2
            rows |= {(name, method): scores(drawing[inner], truth[inner]) for method, drawing in drawings.items()}
            if out:
                write_png(out / f"{name}.png", picture(depth, drawings[MODEL], truth))
    click.echo(table(rows))
    if out:
        click.echo(f"Pictures of patch, drawing and errors: {out}")


if __name__ == "__main__":
    main()
