"""A writer of TIFFs."""

from __future__ import annotations

import pytest
import tifffile


@pytest.fixture
def tif(tmp_path):
    """A writer of one TIFF: ``tif(array, tag=...)`` gives its path."""

    def write(array, **options):
        tifffile.imwrite(tmp_path / "map.tif", array, **options)
        return tmp_path / "map.tif"

    return write
