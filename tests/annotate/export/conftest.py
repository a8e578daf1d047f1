"""A small view, and what a person drew on it: those of the interaction.log's tests."""

from tests.interaction.log.conftest import session, view

__all__ = ["session", "view"]
