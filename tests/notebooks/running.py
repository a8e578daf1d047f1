"""Running a notebook from top to bottom."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient


class ThisInterpreter(KernelSpecManager):
    """One kernel, of the interpreter that runs the tests, whatever else is installed on the machine."""

    def get_kernel_spec(self, kernel_name):
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


def execute(path, working_folder):
    """Run a notebook; return it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as sockets:  # TCP ports may be taken by another process before the kernel has them
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=ThisInterpreter(),
            transport="ipc",
            ip=str(Path(sockets) / "kernel"),
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=1200,  # a cell takes seconds, and minutes where many processes share the machine
            startup_timeout=300,
            resources={"metadata": {"path": str(working_folder)}},
        )
        return client.execute()


def outputs(notebook, kind):
    """All outputs of a MIME type."""
    found = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in found if kind in output.get("data", {})]


def check_is_committed_valid_and_without_outputs(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
