"""Ways in which a log is lost while it is open."""

from __future__ import annotations

import os
import shutil

from interaction.log.database import wal_of


def delete(path):
    for each in (path, wal_of(path)):
        each.unlink()


def delete_folder(path):
    shutil.rmtree(path.parent)


def cut_short(path):
    os.truncate(path, 100)


def replace(path):
    aside = path.with_name("other")
    aside.write_text("no log")
    aside.replace(path)
