"""Errors of the system become one line: which file, what went wrong, and what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from data.errors import DataError, explain


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space and run again"),
        (errno.EACCES, "allow this user"),
        (errno.EROFS, "choose a folder"),
        (errno.ELOOP, "replace it by the file"),
        (errno.EBUSY, "mend that and run again"),
    ],
)
def test_file_reason_and_remedy(number, remedy):
    text = explain(OSError(number, os.strerror(number), "somewhere/a.tif"))
    assert text.startswith(f"somewhere/a.tif: {os.strerror(number)}; ")
    assert remedy in text


def test_a_file_that_the_error_does_not_name_is_the_one_worked_on():
    assert explain(OSError(errno.EIO, "Input/output error"), Path("a.tif")).startswith("a.tif: Input/output error; ")


def test_a_file_that_nobody_knows_is_left_out():
    assert explain(OSError(errno.ENOSPC, "No space left on device")).startswith("No space left on device; free")


def test_an_error_of_this_project_says_all_by_itself():
    assert explain(DataError("a.tif: cut short; copy it again")) == "a.tif: cut short; copy it again"


def test_an_error_without_a_number_keeps_its_text():
    assert explain(OSError("no more tape"), Path("a.tif")) == "a.tif: no more tape"
