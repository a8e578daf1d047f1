"""Adds a score for the length of a test."""

import runpy

from metrics import registry
from tests.root import ROOT

ADDED = ROOT / "tests" / "added_score.py"


def add_score(monkeypatch):
    """Load the file that declares a score; it is gone after the test."""
    monkeypatch.setattr(registry, "_REGISTERED", dict(registry._REGISTERED))
    runpy.run_path(str(ADDED))
