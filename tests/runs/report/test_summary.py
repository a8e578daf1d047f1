"""What an evaluation prints of its runs: means worked out by hand, and room for them."""

import re
from dataclasses import replace

import numpy as np

from metrics.effort import Curve
from runs.report.run_curves import RunCurves
from runs.report.summary import summary
from runs.report.table import PUBLISHED, read_run

EFFORT = [0, 100, 200]
MANUAL = [0.4, 0.6, 0.8]


def run(mirror, seed, refined, repaired=50, spoiled=0, **config):
    """A run over `EFFORT` against `MANUAL`, its IoU half and its contest pFM nine tenths of its pFM."""
    curves = [
        {
            score: Curve(np.array(EFFORT), factor * np.array(pfm))
            for score, factor in (("pfm", 1), ("iou", 0.5), ("pfm_dibco", 0.9))
        }
        for pfm in (refined, MANUAL)
    ]
    return RunCurves(mirror, seed, *curves, (0, 10, 20), repaired, spoiled, config)


# Over 200 pixels, manual's mean is 0.6. At half of them, M 0 has 0.8 against 0.6, a gain of a third, and is where
# manual ends: half is saved, and it leads by 0.1 on average. M 1 is ahead only from there: a gain of 0.96 / 0.8,
# a lead of 0.04 on average, and 0.8 reached after 155.6 pixels, so 22.2 % saved. N stays at 0.6.
# Of 50 pixels that answers repaired, they spoiled 5 on M 0, a harm of 10 %, and none elsewhere.
M0, M1, N = run("M", 0, [0.4, 0.8, 0.8], spoiled=5), run("M", 1, [0.4, 0.6, 0.96]), run("N", 0, [0.4, 0.6, 0.6])


def lines(*runs):
    header, rule, *rows = summary(runs).splitlines()
    assert header.count("|") == rule.count("|") == 15
    assert len({len(line) for line in (header, rule, *rows)}) == 1, "columns are as wide as their widest cell"
    return [re.sub(" +", " ", row) for row in rows]


def test_means_over_seeds_and_then_over_mirrors():
    assert lines(M0, M1, N) == [
        "| M | 2 | 20.00 | 40.00 | 44.00 | 40.00 | 80.00 | 88.00 | 79.20 | +26.7 % | +10.0 % | +7.00 | 36 % | 5.0 % |",
        "| N | 1 | 20.00 | 40.00 | 30.00 | 40.00 | 80.00 | 60.00 | 54.00 | +0.0 % | -25.0 % | -5.00 | 0 % | 0.0 % |",
        "| mean of 2 | 3 | 20.00 | 40.00 | 37.00 | 40.00 | 80.00 | 74.00 | 66.60 | +13.3 % | -7.5 % | +1.00 | 18 % "
        "| 2.5 % |",
    ]


def test_one_mirror_has_no_mean_over_mirrors():
    assert lines(M0) == [
        "| M | 1 | 20.00 | 40.00 | 40.00 | 40.00 | 80.00 | 80.00 | 72.00 | +33.3 % | +0.0 % | +10.00 | 50 % | 10.0 % |"
    ]


def test_a_run_without_harm_leaves_the_mean_to_the_others():
    spoiling = run("M", 1, [0.4, 0.6, 0.6], repaired=0, spoiled=3)  # no harm: nothing was repaired to measure it by
    assert [line.split(" | ")[-1] for line in lines(M0, spoiling, N)] == [
        "10.0 % (1 of 2) |",
        "0.0 % |",
        "5.0 % (2 of 3) |",
    ]


def test_what_a_published_table_does_not_hold_is_a_dash(tmp_path):
    path = tmp_path / "M_0.csv"
    path.write_text(f"{','.join(PUBLISHED)}\n0,0.2,0.4,0.2,0.4,0\n10,0.4,0.8,0.3,0.6,100\n")
    (line,) = lines(read_run(path))
    cells = line.split(" | ")
    assert (cells[7], cells[8], cells[-1]) == ("80.00", "-", "- |")


def test_a_line_fits_a_wide_terminal():
    header, *_ = summary([replace(M0, mirror=f"wels-{number}_R") for number in range(11900, 11930)]).splitlines()
    assert len(header) <= 156


def test_runs_of_two_annotators_get_a_table_each_and_it_is_reported():
    both = [run("M", 0, [0.4, 0.8, 0.8], annotator=name) for name in ("longer", "unsteady")]
    first, second, message = summary(both).split("\n\n")
    assert first.startswith("longer:\n| mirror")
    assert second.startswith("unsteady:\n| mirror")
    assert first.count("\n") == second.count("\n") == 3, "a head and a line for the mirror"
    assert message == "Not averaged, as they differ in annotator: longer / unsteady"
