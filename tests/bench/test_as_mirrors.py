"""Photographs of lines in the mirrors' layout: as broad as a mirror's lines, in the same place, dark is deep."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from bench.as_mirrors import main
from data.ingest import prepare_set
from data.line_statistics import MIRROR_LINES, line_radii
from data.regions import whole
from data.storage import PreparedSet
from user_config import settings


@pytest.fixture
def photographs(tmp_path):
    line = np.zeros((160, 240), np.uint8)
    cv2.line(line, (20, 40), (220, 120), 255, 8)
    for name in ("001", "002"):
        for kind, picture in (("images", 200 - (line > 0) * np.uint8(120)), ("masks", line)):
            (tmp_path / "lines" / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / "lines" / kind / f"{name}.png"), picture)
    return tmp_path / "lines"


def written(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_what_is_written_is_prepared_as_a_scan_with_a_mirrors_line_width(photographs, tmp_path):
    result = written(photographs, tmp_path / "mirrors", "--last", 1)
    assert result.exit_code == 0, result.output
    config = replace(settings(), root=tmp_path / "mirrors", storage=tmp_path / "storage")
    prepare_set(config, "mirrors", config.root, channels=("depth",), test=(), test_last=None, dpi=None)
    (view,) = PreparedSet.open(config.storage, "mirrors").views()
    assert view.name == "LINES-002_R"
    assert line_radii(view.scan_truth()).mean() == pytest.approx(MIRROR_LINES.mean, abs=0.5)
    depth = view.read(whole(view.model_shape), ("depth",), view.scale)[0]
    assert depth[view.truth].mean() < depth[~view.truth].mean() - 0.2
    assert view.mask.all()


def test_objects_that_exist_are_left_alone(photographs, tmp_path):
    assert written(photographs, tmp_path / "mirrors").exit_code == 0
    again = written(photographs, tmp_path / "mirrors")
    assert again.exit_code == 1
    assert "exists" in again.output
    assert written(photographs, tmp_path / "mirrors", "--overwrite").exit_code == 0


def test_photographs_without_masks_are_refused(photographs, tmp_path):
    for mask in (photographs / "masks").iterdir():
        mask.unlink()
    refused = written(photographs, tmp_path / "mirrors")
    assert refused.exit_code == 1
    assert "no image there has a mask" in refused.output


def test_photographs_without_a_line_are_refused(photographs, tmp_path):
    for mask in (photographs / "masks").iterdir():
        cv2.imwrite(str(mask), np.zeros((160, 240), np.uint8))
    refused = written(photographs, tmp_path / "mirrors")
    assert refused.exit_code == 1
    assert "no mask there holds a line" in refused.output
    assert not (tmp_path / "mirrors").exists()
