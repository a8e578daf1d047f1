"""Files are written whole or not at all, and what a killed process began is cleared away."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from data.io.files import sweep, write_json, write_text, write_whole, writer


def test_json_is_written_with_its_folders(tmp_path):
    write_json(tmp_path / "a" / "b.json", {"ort": "Graz ± 1"})
    assert json.loads((tmp_path / "a" / "b.json").read_text()) == {"ort": "Graz ± 1"}


def test_text_is_written_with_its_folders_and_its_line_ends(tmp_path):
    write_text(tmp_path / "a" / "b.csv", "ort\r\nGraz ± 1\n")
    assert (tmp_path / "a" / "b.csv").read_bytes() == b"ort\r\nGraz \xc2\xb1 1\n"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.json"
    path.write_text("old")

    def fail_half_way(file):
        file.write(b"ne")
        raise OSError("disc full")

    with pytest.raises(OSError, match="disc full"):
        write_whole(path, fail_half_way)
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("kept.json", "old")]


def test_a_failure_to_read_while_writing_names_the_file_that_was_read(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "written", lambda file: (tmp_path / "read").read_bytes())
    assert caught.value.filename == str(tmp_path / "read")


def test_what_a_killed_process_began_is_swept_away_and_what_another_writes_is_not(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, begun, hidden = (tmp_path / f".a.npy.{suffix}" for suffix in (writer(ended.pid), writer(os.getpid()), "bak"))
    elsewhere = tmp_path / f".a.npy.{ended.pid}@another-machine"
    for path in (left, begun, hidden, elsewhere, tmp_path / "a.npy"):
        path.touch()
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([begun, hidden, elsewhere, tmp_path / "a.npy"])


def test_writing_a_file_sweeps_away_what_a_killed_process_began_of_it(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, other = (tmp_path / f".{name}.json.{writer(ended.pid)}" for name in ("a [1]", "b"))
    for path in (left, other):
        path.touch()
    write_json(tmp_path / "a [1].json", {})
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a [1].json", other])
