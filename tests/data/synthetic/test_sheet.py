"""The contact sheet: every registered part is on it, once, and painted alike each time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from data.synthetic import parts, sheet
from data.synthetic.grooves import SECTIONS
from data.synthetic.motifs import MOTIFS


def test_every_registered_motif_and_section_is_shown():
    shown = parts.motif_parts()
    assert set(MOTIFS) < set(shown)
    assert len(shown) == len(MOTIFS) + len(SECTIONS)


@pytest.mark.parametrize("group", [parts.motif_parts, parts.bronze_parts])
def test_each_part_paints_a_picture_of_its_own(group, rng_of):
    seen = set()
    for number, (label, paint) in enumerate(group().items()):
        picture = paint(rng_of(1, number))
        assert picture.dtype == np.uint8
        assert picture.shape[2] == 3
        assert picture.std() > 2, label
        seen.add(picture.tobytes())
    assert len(seen) == len(group())


def test_a_sheet_repeats_byte_for_byte_and_follows_its_seed():
    shown = [sheet.Section("Some", 4, dict(list(parts.bronze_parts().items())[2:8]))]
    first, again, other = (sheet.sheet(shown, seed) for seed in (3, 3, 4))
    assert first.shape[1] == sheet.WIDTH_PX
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_part_looks_the_same_whatever_stands_beside_it():
    all_parts = parts.bronze_parts()
    alone = sheet.sheet([sheet.Section("A", 4, {"pits": all_parts["pits"]})], 0)
    beside = sheet.sheet([sheet.Section("A", 4, {"pits": all_parts["pits"], "groove": all_parts["groove"]})], 0)
    np.testing.assert_array_equal(alone[:, :400], beside[:, :400])


def test_command_writes_a_png_and_refuses_another_suffix(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "sections", lambda seed: [sheet.Section("A", 8, {"pits": parts.bronze_parts()["pits"]})])
    done = CliRunner().invoke(sheet.main, [str(tmp_path / "sheet.png")])
    assert done.exit_code == 0, done.output
    assert cv2.imread(str(tmp_path / "sheet.png")).shape[1] == sheet.WIDTH_PX
    refused = CliRunner().invoke(sheet.main, [str(tmp_path / "sheet.jpg")])
    assert refused.exit_code == 2
    assert not (tmp_path / "sheet.jpg").exists()
