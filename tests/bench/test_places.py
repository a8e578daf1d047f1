"""``python -m bench.places``: places are compared with what is wrong in them."""

import numpy as np
import pytest

from annotate.library.places import MATTERS
from bench import places as bench_places
from bench.places import Look, correct, done_text, look_at, made_views, means_table, mirrors_table, spearman
from data.synthetic.difficulty import SCALE
from interaction.patch_selection import MostWrong, Predicted
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from tests.bench.toy import CALIBRATION, PATCH, drawn, rows_of
from user_config import settings

MIRROR = "TOY-0001_R"
TRUE = np.array([10.0, 400.0, 30.0, 0.0])


def look(wrong, pfm, astray=(0, 0, 0, 0), true_astray=(0, 0, 0, 0)):
    return Look(*(np.array(one, float) for one in (pfm, wrong, TRUE, astray, true_astray)))


RIGHT_ORDER = look([1, 4, 2, 0], [0.9, 0.2, 0.5, 1])
WRONG_WAY = look([3, 1, 2, 4], [0.2, 0.9, 0.5, 0.1])


@pytest.fixture
def session(toy, monkeypatch):
    monkeypatch.setattr("annotate.library.places.CELL", PATCH)
    view = toy.view(MIRROR)
    return RefinementSession(view, drawn(view), ManualRefiner(view.scale), scale=view.scale, channels=(), undoable=0)


def test_ranks_agree_where_the_most_wrong_places_come_first():
    assert spearman(RIGHT_ORDER) == pytest.approx((1, 1))
    assert spearman(WRONG_WAY) == pytest.approx((-1, -1))


def test_tables_hold_each_mirror_and_the_means_over_them():
    looks = {"one": [RIGHT_ORDER, WRONG_WAY], "other": [RIGHT_ORDER, RIGHT_ORDER]}
    assert rows_of(mirrors_table(looks))[1:] == [
        ["one", "4", "1.00", "-1.00", "1.00", "-1.00", "440", "7"],
        ["other", "4", "1.00", "1.00", "1.00", "1.00", "440", "7"],
    ]
    means = rows_of(means_table(list(looks.values())))[1:]
    assert [row[2:] for row in means] == [["1.00", "0.00", "1.00", "1.00"], ["0.00", "1.41", "-1.00", "1.00"]] * 2


def test_what_is_astray_is_told_of_the_places_where_little_is_expected():
    astray, true = [MATTERS - 1, MATTERS, 0, 5], [MATTERS, 999, 2, 4]
    text = done_text([[look(TRUE, TRUE, astray, true)]])
    assert "in 3 of 4 places; there are 4 (median)" in text
    assert text.endswith("in 33 % of these places")
    assert "none of 4 places" in done_text([[look(TRUE, TRUE, [MATTERS] * 4, true)]])


def test_estimates_are_the_rankings_and_what_is_wrong_is_counted_inside_the_object(toy, session):
    view = toy.view(MIRROR)
    found = look_at(session, view, CALIBRATION)

    mask = np.asarray(view.mask)
    assert found.true_wrong.sum() == np.count_nonzero((session.drawing != view.truth) & mask) > 0
    assert found.wrong.sum() == pytest.approx(MostWrong(session, mask, PATCH, CALIBRATION).wrong.sum())
    assert sorted(found.pfm) == sorted(Predicted(session, mask, PATCH, CALIBRATION).ranks)
    assert 0 < found.true_astray.sum() < found.true_wrong.sum()


def test_strokes_are_made_and_mend_what_is_wrong(toy, session):
    view = toy.view(MIRROR)
    before = look_at(session, view, CALIBRATION)
    correct(session, view, CALIBRATION, 5)
    after = look_at(session, view, CALIBRATION)

    assert len(session.prompts) == 5
    assert after.true_wrong.sum() < before.true_wrong.sum()


@pytest.mark.slow  # ten mirrors are made
def test_mirrors_are_of_each_difficulty_for_every_seed_and_made_once(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_places, "HEIGHT", 384)
    monkeypatch.setattr(bench_places, "WIDTH", 384)
    made = {title: view.truth.mean() for title, view in made_views(tmp_path, 2, settings())}
    assert list(made) == [f"{seed} {level}" for seed in (500, 501) for level in SCALE]
    assert len(set(made.values())) == len(made)

    monkeypatch.setattr("data.synthetic.files.write_mirrors", None)
    assert {title: view.truth.mean() for title, view in made_views(tmp_path, 2, settings())} == made


def test_the_command_looks_at_each_mirror_before_and_after_the_strokes(toy, session, monkeypatch, tmp_path):
    views = {"one": toy.view(MIRROR), "other": toy.view("TOY-0002_R")}

    def manual(view, base, interactive):
        refiner = ManualRefiner(view.scale)
        return RefinementSession(view, drawn(view), refiner, scale=view.scale, channels=(), undoable=0)

    monkeypatch.setattr(bench_places, "made_views", lambda folder, seeds, config: list(views.items())[:seeds])
    monkeypatch.setattr(bench_places, "begun", manual)
    monkeypatch.setattr("runs.predicting.loaded_models.load_interactive", lambda *_: None)
    monkeypatch.setattr("runs.predicting.loaded_models.require_same_task", lambda *_: None)
    options = ["--base_model", "base", "--seeds", "2", "--strokes", "3", "--backend", "torch", "--device", "cpu"]
    output = toy.succeed(bench_places.main, str(tmp_path), *options)

    assert output.count("corrected by 3 strokes") == 2
    before = look_at(session, views["one"], CALIBRATION)
    assert ["one", str(len(before.wrong))] == rows_of(output)[1][:2]
    assert f"{spearman(before)[0]:.2f}" == rows_of(output)[1][2]
    assert str(int(before.true_wrong.sum())) == rows_of(output)[1][6]
