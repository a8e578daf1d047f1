"""Which scan a log is of."""

from unicodedata import normalize

import pytest

from interaction.log.scan import described, is_same_scan, scan_files
from tests.interaction.log.views import view_at


@pytest.fixture
def at(tmp_path):
    return lambda folder, **differences: view_at(tmp_path / folder / "A_R", **differences)


def test_a_scans_files_are_those_of_each_channel_without_the_mask(at):
    assert scan_files(at("one", channels=("depth", "albedo"))) == {"depth": ["depth a"], "albedo": ["albedo a"]}


def test_a_photographs_grey_image_is_called_depth_as_in_logs_of_earlier_versions(at):
    assert scan_files(at("lines", channels=("grey",))) == {"depth": ["grey a"]}


def test_a_kind_that_has_both_keeps_them_apart(at):
    assert scan_files(at("coins", channels=("depth", "grey"))) == {"depth": ["depth a"], "grey": ["grey a"]}


def test_a_log_of_a_decomposed_name_is_of_the_view_that_is_called_composed(at, tmp_path):
    composed, decomposed = (view_at(tmp_path / normalize(form, "Köln_R")) for form in ("NFC", "NFD"))
    about = described(composed) | {"view": normalize("NFD", "Köln_R")}
    assert is_same_scan(about, composed)
    assert is_same_scan(about, decomposed)
    assert not is_same_scan(about | {"view": "Ulm_R"}, composed)
