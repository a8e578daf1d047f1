"""Made-up photographs of lines, prepared as a set, and the page's server on them without models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from data.ingest import prepare_set
from data.storage import PreparedSet, PreparedView
from tests.annotate.serving import Site

HEIGHT, WIDTH = 240, 320
ROWS = slice(100, 112)  # of the line, which is 12 pixels wide
COLUMNS = slice(20, 300)
LINE, GROUND = 60, 180


class PhotographSite(Site):
    """Photographs of one dark line each, and where their annotations lie."""

    def photograph(self, *names: str, drawn: Sequence[str] = (), **options: Any) -> None:
        """Write photographs, and masks of the lines of some, and prepare them."""
        rng = np.random.default_rng(0)
        grey = np.full((HEIGHT, WIDTH), GROUND, np.float64)
        mask = np.zeros(grey.shape, np.uint8)
        grey[ROWS, COLUMNS], mask[ROWS, COLUMNS] = LINE, 255
        for folder in ("images", "masks"):
            (self.config.root / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            noisy = (grey + rng.normal(0, 4, grey.shape)).clip(0, 255).astype(np.uint8)
            assert cv2.imwrite(str(self.config.root / "images" / f"{name}.png"), noisy)
            assert name not in drawn or cv2.imwrite(str(self.config.root / "masks" / f"{name}.png"), mask)
        self.prepare_set(**options)

    def prepare_set(self, **options: Any) -> None:
        given: dict[str, Any] = {"channels": (), "test": (), "test_last": None, "dpi": None} | options
        assert not prepare_set(self.config, "lines", self.config.root, **given)

    @property
    def prepared(self) -> PreparedSet:
        return PreparedSet.open(self.config.storage, "lines")

    def views(self) -> list[PreparedView]:
        return self.prepared.views()
