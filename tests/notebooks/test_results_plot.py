"""The notebook of results: runs from top to bottom on tables of either mode, and writes its plots."""

import numpy as np
import pytest
from matplotlib.image import imread
from nbclient.exceptions import CellExecutionError

from tests.notebooks.running import check_is_committed_valid_and_without_outputs, execute, outputs
from tests.root import ROOT

NOTEBOOK = ROOT / "notebooks" / "results_plot.ipynb"
HEADER = "interaction,iou,pfm,iou_human,pfm_human,human_input"


def write_run(folder, mirror, seed, *, independent_manual):
    """A run of 40 to 60 interactions; refined gets there faster than manual."""
    rows = 5 + seed
    interactions = np.arange(rows) * 10
    effort = interactions * 30
    manual = np.linspace(0.4, 0.7, rows)
    refined = np.minimum(np.linspace(0.4, 1.0, rows), 0.75)
    write_table(folder / mirror / f"{mirror}_{seed}.csv", interactions, refined, manual, effort)
    if independent_manual:
        write_table(folder / mirror / "manual" / f"{mirror}_{seed}.csv", interactions, manual, manual, 2 * effort)


def write_table(path, interactions, refined, manual, effort):
    rows = [
        f"{interaction},{ours / 2:.6f},{ours:.6f},{theirs / 2:.6f},{theirs:.6f},{pixels}"
        for interaction, ours, theirs, pixels in zip(interactions, refined, manual, effort, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n")


@pytest.mark.parametrize(
    ("independent_manual", "started_in"), [(True, ROOT), (False, ROOT / "notebooks")], ids=["headline", "published"]
)
def test_draws_tables_of_both_modes_from_root_and_from_its_folder(
    tmp_path, monkeypatch, independent_manual, started_in
):
    monkeypatch.setenv("RETRACE_DIR_EVAL", str(tmp_path))
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the notebook has to find the repository by itself
    for mirror, seed in (("ANSA-VI-1700_R", 0), ("ANSA-VI-1700_R", 2), ("wels-11944_R", 0)):
        write_run(tmp_path, mirror, seed, independent_manual=independent_manual)

    notebook = execute(NOTEBOOK, started_in)

    (table,) = outputs(notebook, "text/markdown")
    assert [line.split(" | ")[0].rstrip() for line in table.splitlines()[2:]] == [
        "| ANSA-VI-1700_R",
        "| wels-11944_R",
        "| mean of 2",
    ]
    assert len(outputs(notebook, "image/png")) == 2
    for name in ("gain.png", "effort.png"):
        image = imread(tmp_path / "plots" / name)
        assert image.shape[1] == 1800
        assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 100  # lines, not an empty page


def test_relative_dir_eval_is_in_the_repository(monkeypatch):
    monkeypatch.setenv("RETRACE_DIR_EVAL", "no/such/folder")
    with pytest.raises(CellExecutionError) as error:
        execute(NOTEBOOK, NOTEBOOK.parent)
    assert error.value.ename == "RunError"
    assert error.value.evalue.startswith(f"{ROOT}/no/such/folder: no run there")
    assert not (ROOT / "no").exists()


def test_is_committed_valid_and_without_outputs():
    check_is_committed_valid_and_without_outputs(NOTEBOOK)
