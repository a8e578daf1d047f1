"""Records become a table, a picture and verdicts on the targets."""

import pytest

from bench.domains.correcting import Outcome
from bench.domains.plot import plot_domains
from bench.domains.records import Place, Yardsticks, gathered, record_of, write_record
from bench.domains.tables import domains_table, pooled_harm, share_of_ceiling
from bench.domains.targets import targets_table, verdicts

NAMES = ("pfm", "pfm_dibco", "iou", "cl_dice")


def card(value):
    return dict.fromkeys(NAMES, value)


def outcome(*pfm, repaired=90, spoiled=3, strokes=None, effort=None, **notes):
    count = len(pfm)
    return Outcome(
        strokes or list(range(0, 30 * count, 30)),
        effort or list(range(0, 100 * count, 100)),
        list(pfm),
        card(pfm[-1]),
        repaired,
        spoiled,
        2.5,
        notes,
    )


YARDSTICKS = Yardsticks(card(0.5), outcome(0.5, 0.6, 0.7), outcome(0.5, 0.8, 0.9))


def record(folder, method="online", domain="documents", seed=0, position=1, found=None, initial=0.5):
    place = Place(folder, domain, method, seed)
    found = outcome(0.5, 0.7, 0.8) if found is None else found
    one = record_of(place, f"image-{position}", position, card(initial), YARDSTICKS, found)
    write_record(place, one, found)
    return one


def test_a_record_has_what_was_asked_for_first(tmp_path):
    one = record(tmp_path)
    assert list(one)[:12] == [
        *("domain", "method", "seed", "image", "initial_pfm", "manual_pfm", "refined_pfm"),
        *("area", "saved", "harm", "seconds", "position"),
    ]
    assert one["area"] == pytest.approx(10 * 0.75)  # a lead of 0, 10 and 10 points at 0, 100 and 200 pixels
    assert one["ceiling_area"] == pytest.approx(15)
    assert one["share"] == pytest.approx(0.5)
    assert one["saved"] == pytest.approx(0.5)
    assert one["harm"] == pytest.approx(3 / 90)


def test_an_initial_drawing_alone_has_no_figures_of_a_correction(tmp_path):
    place = Place(tmp_path, "documents", "otsu", 0)
    one = record_of(place, "a", 1, card(0.9), YARDSTICKS, None)
    assert (one["initial_pfm"], one["refined_pfm"], one["area"], one["share"]) == (0.9, None, None, None)
    write_record(place, one, None)
    assert gathered(tmp_path) == [one]


def test_what_is_not_finite_is_written_as_missing(tmp_path):
    one = record(tmp_path, found=outcome(0.5, 0.6, repaired=0, spoiled=4))
    assert one["harm"] is None
    assert "Infinity" not in (tmp_path / "domains.json").read_text()


def test_records_are_gathered_in_order_whatever_came_first(tmp_path):
    for seed, position in ((1, 1), (0, 2), (0, 1)):
        record(tmp_path, seed=seed, position=position)
    assert [(one["seed"], one["position"]) for one in gathered(tmp_path)] == [(0, 1), (0, 2), (1, 1)]


def test_yardsticks_are_read_as_they_were_written(tmp_path):
    YARDSTICKS.write(tmp_path / "a.json")
    again = Yardsticks.read(tmp_path / "a.json")
    assert (again.initial, again.manual, again.ceiling) == (YARDSTICKS.initial, YARDSTICKS.manual, YARDSTICKS.ceiling)


def test_the_table_has_a_row_for_each_method_in_their_order_and_names_the_worst(tmp_path):
    record(tmp_path, "shipped", found=outcome(0.5, 0.6, 0.71))
    record(tmp_path, seed=0)
    record(tmp_path, seed=1, found=outcome(0.5, 0.55, 0.6))
    lines = domains_table(gathered(tmp_path), ["shipped", "online"]).splitlines()
    assert [line.split("|")[2].strip() for line in lines[2:]] == ["shipped", "online"]
    assert "image-1, seed 1: area -5" in lines[3]
    assert "50.0 / 50.0 / 50.0 / 50.0" in lines[2]


def test_shares_and_harm_are_of_all_runs_together():
    records = [
        {"area": 2.0, "ceiling_area": 10.0, "repaired": 90, "spoiled": 0},
        {"area": 4.0, "ceiling_area": 2.0, "repaired": 10, "spoiled": 5},
        {"area": None, "ceiling_area": 50.0, "repaired": None},
    ]
    assert share_of_ceiling(records) == pytest.approx(0.5)
    assert pooled_harm(records) == pytest.approx(0.05)


def test_the_picture_has_a_panel_for_each_domain(tmp_path):
    for domain in ("documents", "cracks", "roads", "vessels"):
        for position in (1, 2, 3):
            record(tmp_path, domain=domain, position=position, initial=0.5 + position / 10)
    figure = plot_domains(gathered(tmp_path), ["online", "adapt-1"])
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]
    assert titles == ["cracks", "documents", "roads", "vessels"]
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    assert list(lines["online"].get_ydata()) == pytest.approx([60, 70, 80])
    assert list(lines["shipped"].get_ydata()) == pytest.approx([50, 50, 50])


class TestTargets:
    def verdict(self, folder, title):
        return next(one for one in verdicts(gathered(folder), folder) if one.target == title)

    def test_gains_are_those_of_the_rest_and_of_the_next_images(self, tmp_path):
        for seed, gain in ((0, 20.0), (1, 8.0)):
            record(tmp_path, seed=seed, found=outcome(0.5, 0.7, 0.8, rest_gain=gain))
            record(tmp_path, seed=seed, position=2, initial=0.5 + gain / 100)
        rest = self.verdict(tmp_path, "gain on the rest of the first image")
        assert (rest.value, rest.limit, rest.met) == (pytest.approx(14), 15, False)
        assert rest.row[-1] == "missed by 1.0"
        worst = self.verdict(tmp_path, "gain on next images, worst seed")
        assert (worst.value, worst.met) == (pytest.approx(8), True)

    def test_a_fall_at_an_update_is_found_and_one_by_a_stroke_is_not(self, tmp_path):
        found = outcome(0.5, 0.7, 0.69, 0.6, 0.8, strokes=[0, 1, 1, 2, 3], effort=[0, 9, 9, 20, 30])
        assert found.worst_update == pytest.approx(1)
        record(tmp_path, found=found)
        verdict = self.verdict(tmp_path, "fall of pFM at an update")
        assert not verdict.met
        assert verdict.row[-1] == "missed by 0.50"

    def test_the_forest_is_compared_at_its_own_efforts_from_twenty_strokes_on(self, tmp_path):
        record(tmp_path, found=outcome(0.5, 0.7, 0.8))
        theirs = outcome(0.5, 0.9, 0.6, 0.65, strokes=[0, 10, 20, 30], effort=[0, 50, 100, 200])
        record(tmp_path, "forest", found=theirs)
        verdict = self.verdict(tmp_path, "lead over the forest from 20 strokes on")
        assert verdict.value == pytest.approx((10 + 15) / 2)

    def test_what_was_not_run_is_not_judged(self, tmp_path):
        record(tmp_path, "shipped")
        assert [one.target for one in verdicts(gathered(tmp_path), tmp_path)] == ["initial pFM, shipped"]

    def test_the_table_says_what_is_missed_and_by_how_much(self, tmp_path):
        record(tmp_path, domain="cracks")
        text = targets_table(gathered(tmp_path), tmp_path)
        assert "| saved, first image " in text
        assert "| share of the ceiling's area" in text
        assert "missed by 10%" in text
