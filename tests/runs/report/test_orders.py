"""The measure of orders in a report: which runs it takes, and when it is void."""

import pytest

from runs.report.comparison import compare
from runs.report.results import find_all
from runs.report.text import report_text, terminal_text
from tests.runs.builder import Curves, write_run

# Areas over manual's 200 pixels: 10 points, 5 and 0.
BEST, HALF, NONE = (Curves(refined=pfm) for pfm in ((0.4, 0.8, 0.8), (0.4, 0.7, 0.8), (0.4, 0.6, 0.8)))
CALIBRATED = {"calibration": "c" * 64}


def write_orders(folder, mirrors="MN", seeds=(0, 1), predicted=HALF, oracle=BEST, **options):
    for mirror in mirrors:
        for seed in seeds:
            write_run(folder / "o", mirror, seed, oracle, order="oracle", **options)
            write_run(folder / "p", mirror, seed, predicted, order="predicted", hashes=CALIBRATED, **options)
            write_run(folder / "r", mirror, seed, NONE, order="random", **options)


def compared(folder):
    return compare(folder, find_all(folder))


def test_orders_are_groups_of_their_own(tmp_path):
    write_orders(tmp_path)
    labels = [group.label for group in compared(tmp_path).groups]
    assert labels == ["order oracle", "order predicted", "order random"]


def test_an_order_is_measured_between_random_and_oracle(tmp_path):
    write_orders(tmp_path)
    (found,) = compared(tmp_path).orders
    assert (found.label, found.runs) == ("order predicted", 4)
    assert found.areas == pytest.approx((5, 10, 0))
    assert found.quality == pytest.approx((0.5, 0.5, 0.5))


def test_it_is_reported(tmp_path):
    write_orders(tmp_path)
    for text in (terminal_text(compared(tmp_path)), report_text(compared(tmp_path), "report.png")):
        (row,) = (line for line in text.splitlines() if "0.50 [0.50, 0.50]" in line)
        assert [cell.strip() for cell in row.strip("|").split("|")[:5]] == [
            "order predicted",
            "4",
            "+5.00",
            "+10.00",
            "+0.00",
        ]


def test_reading_order_is_measured_too(tmp_path):
    write_orders(tmp_path)
    for mirror in "MN":
        write_run(tmp_path / "l", mirror, 0, NONE, order="reading")
    qualities = {one.label: (one.runs, one.quality) for one in compared(tmp_path).orders}
    assert qualities["order reading"] == (2, (0, 0, 0))


def test_only_runs_that_every_order_has_count(tmp_path):
    write_orders(tmp_path)
    write_run(tmp_path / "p", "N", 2, NONE, order="predicted", hashes=CALIBRATED)
    (found,) = compared(tmp_path).orders
    assert (found.runs, found.areas) == (4, pytest.approx((5, 10, 0)))


@pytest.mark.parametrize("lacking", ["o", "r"])
def test_without_an_oracles_or_a_random_order_there_is_no_measure(tmp_path, lacking):
    write_orders(tmp_path)
    write_orders(tmp_path / "elsewhere", annotator="unsteady")
    for path in (tmp_path / "elsewhere" / lacking).rglob("*.csv"):
        path.unlink()
    for path in (tmp_path / "elsewhere" / lacking).rglob("run.json"):
        path.unlink()
    assert ["unsteady" in one.label for one in compared(tmp_path).orders] == [False]


def test_void_where_the_oracle_gains_nothing(tmp_path):
    write_orders(tmp_path, oracle=NONE)
    (found,) = compared(tmp_path).orders
    assert found.quality is None
    assert "| -" in terminal_text(compared(tmp_path))


def test_models_are_not_mixed(tmp_path):
    write_orders(tmp_path / "one")
    write_orders(tmp_path / "two", predicted=BEST, base_model="b2", initial="otsu")
    qualities = {one.label: one.quality[0] for one in compared(tmp_path).orders}
    assert qualities == pytest.approx({"initial base, order predicted": 0.5, "initial otsu, order predicted": 1})


def test_estimates_of_two_calibrations_are_told_apart(tmp_path):
    write_orders(tmp_path)
    for seed in (0, 1):
        write_run(tmp_path / "q", "M", seed, BEST, order="predicted", hashes={"calibration": "d" * 64})
    assert [one.quality[0] for one in compared(tmp_path).orders] == pytest.approx([0.5, 1])
