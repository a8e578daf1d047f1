"""A kind of data that is declared outside the program: scans of stamps under infrared light, ``<VIEW>.npy`` each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.channels import Channel
from data.errors import DataError
from data.kinds import Kind
from data.preparing.channels import Prepared
from data.preparing.source import Part, PreparationReport

INFRARED = Channel("infrared", planes=2)


@dataclass(frozen=True)
class Stamp:
    """An array (2, H, W) in [0, 1]; what is dark in its first plane is line."""

    path: Path
    pixels_per_mm = None
    masked = False
    drawn = True

    @property
    def view(self):
        return self.path.stem

    @property
    def object(self):
        return object_of(self.view)

    @property
    def parts(self):
        return dict.fromkeys((INFRARED.name, "mask", "truth"), Part((self.path,)))

    def keeping(self, channels, pixels_per_mm):
        return self

    def prepare(self, parts, writer):
        image = np.load(self.path)
        if image.ndim != 3:
            raise DataError(f"{self.path}: no two planes")
        everywhere = np.ones(image.shape[1:], bool)
        report = PreparationReport(everywhere.shape)
        if INFRARED.name in parts:
            rows = Prepared(image.shape, lambda top, bottom: image[:, top:bottom], 0.0)
            report.statistics[INFRARED.name] = writer.planes(INFRARED.name, rows, everywhere)
            report.encodings[INFRARED.name] = str(image.dtype)
        for name, mask in (("mask", everywhere), ("truth", image[0] < 0.5)):
            if name in parts:
                writer.mask(name, mask)
        return report


def object_of(view):
    return view.partition("-")[0]


KIND = Kind(
    name="stamps",
    title="infrared scans of stamps: <OBJ>-<SIDE>.npy",
    called="stamps",
    channels=(INFRARED,),
    default_channels=(INFRARED.name,),
    model_scale=0.5,
    sources=lambda raw: [Stamp(path) for path in sorted(raw.root.glob("*.npy"))],
    object_of=object_of,
    test_views=("penny-front",),
)
