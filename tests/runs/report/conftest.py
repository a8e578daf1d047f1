"""Reports without pictures."""

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def no_plots(monkeypatch):
    """An empty page in place of the plots, which take a second."""
    monkeypatch.setattr("runs.report.plot_report", lambda comparison: Figure(figsize=(1, 1)))
