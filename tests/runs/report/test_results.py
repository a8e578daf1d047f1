"""Cards of scores, read and checked."""

import json

import pytest

from runs.errors import RunError
from runs.report.results import read_cards, read_initials
from tests.runs.builder import BASE, card, data_hash, write_initials, write_run


def test_cards_are_of_the_drawings_that_are_asked_for(tmp_path):
    table = write_run(tmp_path, "M")
    cards = read_cards(table.with_name("M_0") / "scores.json")
    assert cards == {"initial": card(0.4), "manual": card(0.8), "refined": card(0.8)}
    alone = tmp_path / "M" / "manual" / "M_0" / "scores.json"
    assert list(read_cards(alone, ("initial", "refined"))) == ["initial", "refined"]
    with pytest.raises(RunError, match=r"scores\.json: damaged \(no scores of manual\)"):
        read_cards(alone)


def test_cards_hold_known_scores_only(tmp_path):
    path = tmp_path / "scores.json"
    path.write_text(json.dumps({"refined": card(0.5) | {"newer": 1}}))
    assert read_cards(path, ["refined"]) == {"refined": card(0.5)}


def test_initials_are_of_a_mirror_a_base_model_and_data(tmp_path):
    found = read_initials(write_initials(tmp_path, "M", {"base": 0.5, "otsu": 0.3}))
    assert (found.mirror, found.base, found.data) == ("M", BASE, data_hash("M"))
    assert found.cards == {"base": card(0.5), "otsu": card(0.3)}


@pytest.mark.parametrize("lost", ["base", "data", "scores"])
def test_initials_without_a_part_are_damaged(tmp_path, lost):
    path = write_initials(tmp_path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in content.items() if name != lost}))
    with pytest.raises(RunError, match=r"initials\.json: damaged"):
        read_initials(path)
