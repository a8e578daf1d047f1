"""Pictures of the parts of made-up mirrors: every registered part has one of its own."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic import parts
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
