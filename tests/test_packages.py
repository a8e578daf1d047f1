"""What an installed copy holds: every package of the program, so that a new one is not left behind."""

import tomllib

from tests.root import ROOT

BESIDE = {"configs", "weights"}  # folders of data, which hold no module


def test_every_package_is_installed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    rooms = {name.partition(".")[0] for name in listed} - BESIDE
    found = {
        ".".join(path.parent.relative_to(ROOT).parts) for room in rooms for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(listed) == found | BESIDE
