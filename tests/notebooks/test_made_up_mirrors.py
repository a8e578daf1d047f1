"""The notebook of made-up mirrors: a contact sheet, and a table that sets real patches beside made-up ones."""

import cv2
import numpy as np

from data.synthetic.difficulty import SCALE
from tests.notebooks.running import check_is_committed_valid_and_without_outputs, execute, outputs
from tests.root import ROOT

NOTEBOOK = ROOT / "notebooks" / "made_up_mirrors.ipynb"


def test_it_shows_all_parts_and_compares_with_real_patches(tmp_path, monkeypatch):
    patch, mask = np.full((200, 200), 150, np.uint8), np.zeros((200, 200), np.uint8)
    patch += np.random.default_rng(0).integers(0, 20, patch.shape, dtype=np.uint8)
    mask[90:98] = 255
    patch[mask > 0] -= 100
    cv2.imwrite(str(tmp_path / "patch0.png"), patch)
    cv2.imwrite(str(tmp_path / "mask0.png"), mask)
    monkeypatch.setenv("REAL_PATCHES", str(tmp_path))
    monkeypatch.setenv("SIDE", "512")
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the notebook has to find the repository by itself

    notebook = execute(NOTEBOOK, NOTEBOOK.parent)

    (table,) = outputs(notebook, "text/markdown")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert [row[0] for row in rows] == [*SCALE, "real patch0"]
    assert rows[-1][1] == "0.04"  # 8 rows of 200
    assert all(float(row[3]) > 0 for row in rows)  # lines read dark
    assert len(outputs(notebook, "image/png")) == 3


def test_is_committed_valid_and_without_outputs():
    check_is_committed_valid_and_without_outputs(NOTEBOOK)
