"""A report that is written once for all, and reports without pictures."""

import pytest
from matplotlib.figure import Figure

from runs.report import report
from tests.runs.builder import write_run
from tests.runs.report.written import FAST, SLOW

FILES = ["report.md", "report.csv", "report.json", "report.png", "report.pdf"]


@pytest.fixture
def no_plots(monkeypatch):
    """An empty page in place of the plots, which take a second."""
    monkeypatch.setattr("runs.report.plot_report", lambda comparison: Figure(figsize=(1, 1)))


@pytest.fixture(scope="module")
def means(tmp_path_factory):
    """A report of two mirrors with two seeds each."""
    folder = tmp_path_factory.mktemp("means")
    for mirror, seed, curves in (("M", 0, FAST), ("M", 1, FAST), ("N", 0, SLOW), ("N", 1, SLOW)):
        write_run(folder, mirror, seed, curves)
    made = report(folder)
    assert made.skipped == []
    assert [path.name for path in made.paths] == FILES
    return folder
