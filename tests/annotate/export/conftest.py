"""The view and the logged session of the tests of interaction.log."""

from tests.interaction.log.conftest import session, view

__all__ = ["session", "view"]
