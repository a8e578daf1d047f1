"""Where the tests find the project and what lies beside it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"  # figures to match, and real images where they are at hand
