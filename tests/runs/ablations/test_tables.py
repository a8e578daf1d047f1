"""Tables of ablations: means over mirrors and seeds, beside the published figures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from runs import ablations
from runs.ablations import ablate
from runs.ablations.tables import over_seeds
from runs.errors import RunError
from tests.runs.ablations.setting import EVERY, NO_WORKERS, read_rows
from tests.runs.toy import MIRROR

OTHER = "SYN-0003_R"
# Tables by hand: of each mirror and seed the final IoU and pFM of refined and pFM of manual; all begin at 0.2, 0.3, and
# rise straight to their end after 100 pixels.
ENDS = {
    (MIRROR, 0): (0.5, 0.66, 0.6),
    (MIRROR, 1): (0.6, 0.72, 0.6),
    (OTHER, 0): (0.7, 0.80, 0.8),
    (OTHER, 1): (0.8, 0.88, 0.8),
}


@pytest.fixture
def by_hand(config, tmp_path, monkeypatch):
    """Nothing is trained, and all runs of a mirror and seed end alike, but those that are skipped."""

    def evaluate(evaluations, *_, **__):
        tables = {}
        for options in evaluations:
            iou, pfm, manual = ENDS[options.mirror, options.seed]
            path = tmp_path / options.group / options.mirror / f"{options.mirror}_{options.seed}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            ends = f"1,{iou},{pfm},{iou},{manual},100"
            path.write_text(f"interaction,iou,pfm,iou_human,pfm_human,human_input\n0,0.2,0.3,0.2,0.3,0\n{ends}\n")
            if (options.group.rpartition("/")[2], options.mirror, options.seed) not in skipped:
                tables[options] = path
        return tables, [f"{mirror} was refused" for _, mirror, _ in skipped]

    skipped = []
    monkeypatch.setattr(ablations, "train_variants", lambda *_: None)
    monkeypatch.setattr(ablations, "evaluate", evaluate)
    return replace(config, eval=tmp_path), skipped


EVERYTHING = [replace(EVERY, mirror=mirror, seed=seed) for mirror, seed in ENDS]


def test_figures_are_means_over_mirrors_with_the_deviation_over_seeds(by_hand):
    config, _ = by_hand
    text, _ = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    rows = {row["row"]: row for row in read_rows(config.eval / "ablation-inputs")}
    # Means over mirrors, of each seed: IoU 60 and 70, pFM 73 and 80, gain 5 and 15, area 1.5 and 5
    expected = {
        "refined_iou": (65, 50**0.5),
        "refined_pfm": (76.5, 24.5**0.5),
        "final_gain_pfm": (10, 50**0.5),
        "area_pfm": (3.25, 6.125**0.5),
    }
    for name, (mean, deviation) in expected.items():
        assert float(rows["both"][name]) == pytest.approx(mean)
        assert float(rows["both"][f"{name}_deviation"]) == pytest.approx(deviation)
    both = [cell.strip() for cell in text.split("| both")[1].split("\n")[0].split("|")[1:-1]]
    assert both == ["65.00 ± 7.07", "76.50 ± 4.95", "+10.0 ± 7.1 %", "+3.25 ± 2.47", "36.04", "53.44", "+5.5 %"]
    assert "means of 2 mirrors and 2 seeds ± deviation over seeds" in text


def test_published_figures_stand_beside_ours(by_hand):
    config, _ = by_hand
    for ablation, stated in (
        (
            "inputs",
            [("32.86", "49.28", ""), ("32.72", "49.27", ""), ("35.83", "53.6", "5.8"), ("36.04", "53.44", "5.5")],
        ),
        (
            "operations",
            [("", "", ""), ("38.25", "58.92", "1.9"), ("55.19", "73.55", "8.4"), ("58.41", "76.56", "12.3")],
        ),
    ):
        ablate(ablation, EVERYTHING, "", config=config, **NO_WORKERS)

        rows = read_rows(config.eval / f"ablation-{ablation}")
        assert [tuple(row[f"published_{name}"] for name in ("iou", "pfm", "gain")) for row in rows] == stated


def test_the_initial_drawing_has_no_gain(by_hand):
    config, _ = by_hand
    text, _ = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    line = next(line for line in text.splitlines() if "| initial prediction" in line)
    assert [cell.strip() for cell in line.split("|")[2:6]] == ["20.00", "30.00", "-", "-"]


def test_a_mirror_that_lacks_a_run_is_in_no_row_and_reported(by_hand):
    config, skipped = by_hand
    skipped.append(("strokes", OTHER, 1))

    text, why = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    assert why == [f"{OTHER} was refused"]
    assert f"Left out of all rows, as runs of them were skipped: {OTHER}" in text
    assert "means of 1 mirror and 2 seeds" in text
    rows = read_rows(config.eval / "ablation-inputs")
    assert [float(row["refined_pfm"]) for row in rows[1:]] == pytest.approx([69, 69, 69])
    assert json.loads((config.eval / "ablation-inputs" / "table.json").read_bytes())["left_out"] == [OTHER]


def test_without_a_whole_mirror_there_is_no_table(by_hand):
    config, skipped = by_hand
    skipped += [("strokes", OTHER, 1), ("both", MIRROR, 0)]

    with pytest.raises(RunError, match=f"no mirror came to its end in all its runs: {OTHER} was refused; {MIRROR} was"):
        ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)
    assert not (config.eval / "ablation-inputs" / "table.csv").exists()


def test_other_conditions_have_a_folder_of_their_own(by_hand):
    config, _ = by_hand
    unsteady = [replace(options, annotator="unsteady") for options in EVERYTHING]

    for every in (EVERYTHING, unsteady):
        ablate("inputs", every, "", config=config, **NO_WORKERS)

    assert (config.eval / "ablation-inputs-unsteady" / "table.csv").exists()
    assert (config.eval / "ablation-inputs" / "table.csv").exists()


def test_a_value_that_one_run_lacks_is_none():
    assert over_seeds(np.array([[0.5, np.nan]]), "final_gain_pfm").text == "-"
