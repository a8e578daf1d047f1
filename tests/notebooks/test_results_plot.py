"""The notebook of results: runs from top to bottom on tables of either mode, and writes its plots."""

import sys

import nbformat
import numpy as np
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from matplotlib.image import imread
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.root import ROOT

NOTEBOOK = ROOT / "notebooks" / "results_plot.ipynb"
HEADER = "interaction,iou,pfm,iou_human,pfm_human,human_input"


class ThisInterpreter(KernelSpecManager):
    """One kernel, of the interpreter that runs the tests, whatever else is installed on the machine."""

    def get_kernel_spec(self, kernel_name):
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


def execute(working_folder):
    """Run the notebook; return it with its outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisInterpreter())
    client = NotebookClient(notebook, km=manager, timeout=120, resources={"metadata": {"path": str(working_folder)}})
    return client.execute()


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


def outputs(notebook, kind):
    """All outputs of a MIME type."""
    found = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in found if kind in output.get("data", {})]


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

    notebook = execute(started_in)

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
        execute(NOTEBOOK.parent)
    assert error.value.ename == "RunError"
    assert error.value.evalue.startswith(f"{ROOT}/no/such/folder: no run there")
    assert not (ROOT / "no").exists()


def test_is_committed_valid_and_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
