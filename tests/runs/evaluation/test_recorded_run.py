"""A recorded run goes on with the one that lies in its place."""

from __future__ import annotations

from types import SimpleNamespace
from unicodedata import normalize

import pytest

from runs.errors import RunError
from runs.evaluation.recorded_run import RecordedRun
from runs.provenance import RECORD, write_record

NFC, NFD = normalize("NFC", "Köln_R"), normalize("NFD", "Köln_R")


class Begun(Exception):
    """Raised in place of the correction."""


def begin():
    raise Begun


def run_of(home, mirror):
    view = SimpleNamespace(name=NFC)
    return RecordedRun("run", home, view, {"mirror": mirror, "seed": 0}, {"data": "abc"}, print, None)


@pytest.mark.parametrize("recorded", [NFC, NFD])
def test_a_mirror_that_was_recorded_in_either_form_of_unicode_is_gone_on_with(tmp_path, recorded):
    folder = tmp_path / f"{recorded}_0"
    folder.mkdir()
    write_record(folder / RECORD, {"mirror": recorded, "seed": 0}, data="abc")
    run = run_of(tmp_path, NFC)
    assert (run.folder, run.table) == (folder, tmp_path / f"{recorded}_0.csv")
    with pytest.raises(Begun):
        run.run(begin)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_another_mirror_is_refused(tmp_path):
    folder = tmp_path / f"{NFC}_0"
    folder.mkdir()
    write_record(folder / RECORD, {"mirror": "A_R", "seed": 0}, data="abc")
    with pytest.raises(RunError, match=r"holds another run \(mirror A_R there, Köln_R asked for"):
        run_of(tmp_path, NFC).run(begin)
