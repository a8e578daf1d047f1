"""A small view, and what a person drew on it: those of the journal's tests."""

from tests.journal.conftest import session, view

__all__ = ["session", "view"]
