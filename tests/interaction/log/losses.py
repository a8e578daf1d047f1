"""Ways in which a log's file is lost or spoiled while it is open."""

from __future__ import annotations

import os
import shutil

from interaction.log.database import wal_of


def delete(path):
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()


def delete_folder(path):
    shutil.rmtree(path.parent)


def move_away(path):
    path.parent.rename(path.parent.with_name("elsewhere"))


def replace_by_an_older_copy(path):
    aside = path.with_name("older")
    shutil.copyfile(path, aside)  # without what is in the WAL
    aside.replace(path)


def replace_by_something_else(path):
    aside = path.with_name("other")
    aside.write_text("no log")
    aside.replace(path)


def lose_the_wal(path):
    wal_of(path).unlink()


def cut_short(path):
    os.truncate(path, 4096)


def empty(path):
    os.truncate(path, 0)


def overwrite(path):
    content = bytearray(path.read_bytes())
    content[2000:] = os.urandom(len(content) - 2000)
    with path.open("r+b") as file:
        file.write(content)


LOSSES = [
    delete,
    delete_folder,
    move_away,
    replace_by_an_older_copy,
    replace_by_something_else,
    lose_the_wal,
    cut_short,
    empty,
    overwrite,
]
