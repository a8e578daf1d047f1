"""The registry of scores: what a declaration needs, in which order scores come, and that one file is enough."""

import copy
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from metrics import iou, pfm, registry
from metrics.registry import MaskPair, Score, Shown, all_scores, register, run_table_scores, score_named
from metrics.scorecard import scorecard
from metrics.torch_metrics import line_metrics
from metrics.truths import TruthCache
from tests.root import ROOT
from tests.scores import ADDED, add_score

TRUTH = np.zeros((5, 12), bool)
TRUTH[2, 1:11] = True
PREDICTION = TRUTH & (np.arange(12) < 7)  # 6 of 10 pixels
PREDICTION[0, 0] = True  # and one beside
TVERSKY = 6 / (6 + 0.3 * 1 + 0.7 * 4)


def score(**fields):
    return Score(**{"name": "new", "title": "new", "from_counts": lambda tally: tally.counts.iou} | fields)


class TestOrder:
    def test_scorecards_keep_the_order_that_they_were_published_in(self):
        assert [one.name for one in all_scores() if one.always_recorded] == [
            *("pfm", "pfm_dibco", "iou", "f_measure", "precision", "recall", "accuracy", "cl_dice"),
            *("pseudo_recall", "pseudo_precision"),
        ]

    def test_run_tables_are_ordered_by_name(self):
        names = [one.name for one in run_table_scores()]
        assert names == sorted(names)
        assert {"iou", "pfm", "pfm_dibco"} <= set(names)

    def test_a_new_score_comes_last(self, monkeypatch):
        add_score(monkeypatch)
        assert all_scores()[-1].name == "tversky"


class TestDeclaration:
    def test_two_scores_of_one_name_are_refused(self):
        with pytest.raises(ValueError, match=rf"two scores 'pfm', in metrics\.scores\.published and in {__name__};"):
            register(score(name="pfm"))

    @pytest.mark.parametrize(("value", "within"), [(1 + 1e-15, 1), (-1e-15, 0), (0.3, 0.3)])
    def test_a_value_that_rounding_carries_out_of_range_is_put_back(self, value, within):
        rounded = score(from_counts=lambda tally: value)
        assert rounded.of(MaskPair(PREDICTION, TRUTH)) == within

    @pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1, float("inf")])
    def test_a_value_that_reports_would_call_damaged_is_refused_when_it_is_computed(self, value):
        wrong = score(from_counts=lambda tally: value)
        with pytest.raises(ValueError, match=rf"the score new is {value:g} of a drawing; it has to be from 0 to 1"):
            wrong.of(MaskPair(PREDICTION, TRUTH))

    def test_exactly_one_function_is_needed(self):
        for functions in ({"from_counts": None}, {"from_masks": lambda pair: 0.0}):
            with pytest.raises(ValueError, match="either from_counts or from_masks"):
                score(**functions)

    @pytest.mark.parametrize(
        "fields",
        [
            {"from_counts": None, "from_masks": lambda pair: 0.0},
            {"unit": "px"},
            {"higher_is_better": False},
        ],
    )
    def test_a_run_table_takes_rising_shares_that_follow_from_counts(self, fields):
        with pytest.raises(ValueError, match="a score of the run table"):
            score(shown=Shown.RUN_TABLE, **fields)
        score(**fields)

    def test_the_summary_shows_scores_of_the_run_table_only(self):
        with pytest.raises(ValueError, match="add RUN_TABLE"):
            score(summary=("refined",))

    def test_a_score_of_another_unit_says_so(self):
        distance = score(unit="px", higher_is_better=False)
        assert (distance.heading, distance.factor, distance.upper) == ("new (px)", 1, float("inf"))

    def test_copies_and_pickles_are_the_score_itself(self):
        published = score_named("pfm")
        assert copy.deepcopy(published) is published
        assert pickle.loads(pickle.dumps(published)) is published


class TestMaskPair:
    def test_computes_no_skeleton_for_who_asks_for_none(self):
        pair = MaskPair(PREDICTION, TRUTH, truths=None)
        assert pair.pixels == 60
        assert "counts" not in vars(pair)

    def test_shares_the_skeleton_of_a_truth(self):
        truths = TruthCache()
        before = truths.skeleton(TRUTH)
        assert pfm(PREDICTION, TRUTH, truths) == pfm(PREDICTION, TRUTH)
        assert truths.skeleton(TRUTH.copy()) is before


class TestAddedScore:
    def test_is_in_scorecards(self, monkeypatch):
        add_score(monkeypatch)
        card = scorecard(PREDICTION, TRUTH)
        assert card["tversky"] == pytest.approx(TVERSKY)
        assert card["iou"] == iou(PREDICTION, TRUTH)

    def test_is_logged_by_trainings(self, monkeypatch):
        add_score(monkeypatch)
        masks = (torch.from_numpy(mask[None].astype(np.float32)) for mask in (PREDICTION, TRUTH))
        logged = line_metrics("val_")(*masks)
        assert set(logged) >= {"val_iou", "val_pfm", "val_tversky"}
        assert logged["val_tversky"].item() == pytest.approx(TVERSKY)

    def test_is_gone_after_the_test_that_adds_it(self):
        with pytest.raises(KeyError):
            registry.score_named("tversky")

    def test_needs_one_file_in_the_folder_of_scores(self, tmp_path):
        shutil.copytree(ROOT / "metrics", tmp_path / "metrics")
        shutil.copy(ADDED, tmp_path / "metrics" / "scores")
        command = "from metrics.registry import run_table_scores; print([score.name for score in run_table_scores()])"
        listed = subprocess.run(
            [sys.executable, "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert "'tversky'" in listed.stdout
