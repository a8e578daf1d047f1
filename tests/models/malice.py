"""An object that does something when it is unpickled."""

from pathlib import Path


class Malice:
    """Leaves an empty file where its pickle is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)
