"""Tables of runs: which manual curve is taken, and what is refused."""

import pytest

from runs.errors import RunError
from runs.report.table import PUBLISHED, find_runs, read_curves, read_run, table_columns
from tests.runs.builder import Curves
from tests.runs.builder import write_run as write_sample

HEADER = ",".join(PUBLISHED)
ROWS = ("0,0.2,0.4,0.2,0.4,0", "10,0.3,0.6,0.25,0.5,100", "13,0.4,0.8,0.3,0.6,12345")


def write_table(path, rows=ROWS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


class TestReadRun:
    def test_manual_pastes_the_same_strokes_where_it_has_no_run_of_its_own(self, tmp_path):
        run = read_run(write_table(tmp_path / "wels-11944_R_7.csv"))
        assert (run.mirror, run.seed, run.interactions) == ("wels-11944_R", 7, (0, 10, 13))
        assert run.refined_curves["pfm"].score.tolist() == [0.4, 0.6, 0.8]
        assert run.refined_curves["iou"].score.tolist() == [0.2, 0.3, 0.4]
        assert run.manual_curves["pfm"].score.tolist() == [0.4, 0.5, 0.6]
        assert run.manual_curves["iou"].score.tolist() == [0.2, 0.25, 0.3]
        assert run.manual_curves["pfm"].effort.tolist() == run.refined_curves["pfm"].effort.tolist() == [0, 100, 12345]

    def test_manual_run_of_its_own_is_taken_with_its_own_efforts(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        write_table(tmp_path / "manual" / "M_0.csv", ["0,0.2,0.4,0.2,0.4,0", "10,0.5,0.9,0.5,0.9,20000"])
        run = read_run(path)
        assert run.manual_curves["pfm"].effort.tolist() == [0, 20000]
        assert run.manual_curves["pfm"].score.tolist() == [0.4, 0.9]
        assert run.manual_curves["iou"].score.tolist() == [0.2, 0.5]
        assert run.refined_curves["pfm"].score.tolist() == [0.4, 0.6, 0.8]

    def test_manual_run_of_another_seed_is_not_taken(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        write_table(tmp_path / "manual" / "M_1.csv", ["0,0.2,0.4,0.2,0.4,0", "10,0.5,0.9,0.5,0.9,20000"])
        assert read_run(path).manual_curves["pfm"].total == 12345

    def test_published_run_keeps_its_own_strokes_beside_a_manual_run(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        write_table(tmp_path / "manual" / "M_0.csv", ["0,0.2,0.4,0.2,0.4,0", "10,0.5,0.9,0.5,0.9,20000"])
        (tmp_path / "M_0").mkdir()
        (tmp_path / "M_0" / "run.json").write_text('{"config": {"mode": "published"}, "hashes": {}}')

        assert read_run(path).manual_curves["pfm"].total == 12345

    def test_line_ends_of_another_system_are_read(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert read_run(path).refined_curves["pfm"].total == 12345


class TestOtherColumns:
    def test_contest_pfm_and_turned_pixels_are_read_where_they_are(self, tmp_path):
        run = read_run(write_sample(tmp_path, "M", 3, Curves(repaired=80, spoiled=20)))
        assert run.refined_curves["pfm_dibco"].score == pytest.approx([0.36, 0.72, 0.72])
        assert run.manual_curves["pfm_dibco"].score == pytest.approx([0.36, 0.54, 0.72])
        assert (run.repaired, run.spoiled) == (80, 20)
        assert (run.config["annotator"], run.hashes["interactive"][:4]) == ("longer", "1111")

    def test_published_table_has_none_of_them(self, tmp_path):
        run = read_run(write_table(tmp_path / "M_0.csv"))
        assert set(run.refined_curves) == set(run.manual_curves) == {"iou", "pfm"}
        assert (run.repaired, run.spoiled, run.config, run.hashes) == (None, None, {}, {})

    def test_row_that_ends_before_them_is_refused(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        path.write_text("\n".join([",".join(table_columns()), *ROWS]) + "\n")
        with pytest.raises(RunError, match=r"no value for pfm_dibco, pfm_dibco_human, repaired, spoiled; .* cut short"):
            read_run(path)

    def test_manual_run_lies_where_the_record_says(self, tmp_path):
        path = write_sample(tmp_path / "ablation", "M", curves=Curves(), manual="../../manual-runs/M")
        assert (tmp_path / "manual-runs" / "M" / "M_0.csv").exists()
        write_table(path.parent / "manual" / "M_0.csv")
        assert read_run(path).manual_curves["pfm"].total == 200

    def test_manual_run_that_is_gone_is_named(self, tmp_path):
        path = write_sample(tmp_path, "M")
        (tmp_path / "M" / "manual" / "M_0.csv").unlink()
        with pytest.raises(OSError, match=r"manual/M_0\.csv"):
            read_run(path)

    def test_curves_of_a_manual_table_are_its_own(self, tmp_path):
        curves = read_curves(write_table(tmp_path / "M_0.csv"))
        assert curves["pfm"].score.tolist() == [0.4, 0.6, 0.8]
        assert curves["iou"].score.tolist() == [0.2, 0.3, 0.4]


class TestCutShort:
    @pytest.mark.parametrize("kept", range(len("\n".join([HEADER, *ROWS]))))
    def test_cut_anywhere_in_a_line_is_refused_by_name(self, tmp_path, kept):
        path = write_table(tmp_path / "M_0.csv")
        text = path.read_text()[:kept]
        path.write_text(text)
        if text.count("\n") > 1 and text.endswith("\n"):  # a run that is still going
            assert len(read_run(path).interactions) == text.count("\n") - 1
            return
        with pytest.raises(RunError, match=r"M_0\.csv.*cut short, run the evaluation again"):
            read_run(path)

    def test_last_number_cut_to_a_shorter_one_is_refused(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        path.write_text(path.read_text().removesuffix("45\n"))
        assert path.read_text().endswith(",123")
        with pytest.raises(RunError, match="the last line does not end"):
            read_run(path)

    def test_row_without_all_values_is_refused_wherever_it_is(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv", [ROWS[0], "10,0.3,0.6,0.25", ROWS[2]])
        with pytest.raises(RunError, match=r"M_0\.csv: no value for pfm_human, human_input"):
            read_run(path)

    def test_manual_table_cut_short_is_the_one_named(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv")
        write_table(tmp_path / "manual" / "M_0.csv", [])
        with pytest.raises(RunError, match=r"manual/M_0\.csv"):
            read_run(path)


class TestDamaged:
    @pytest.mark.parametrize(
        "content",
        [
            bytes(range(256)) + b"\n",
            f"{HEADER}\n0,0.2,0.4,0.2,0.4,x\n".encode(),
            f"{HEADER}\n0,0.2,high,0.2,0.4,0\n".encode(),
            f"{HEADER}\n0,0.2,nan,0.2,0.4,0\n".encode(),
            f"{HEADER}\n0,0.2,0.4,0.2,0.4,{10**30}\n".encode(),
            f"{HEADER}\n0,0.2,0.4,0.2,0.4,{'0' * 200_000}\n".encode(),
        ],
    )
    @pytest.mark.parametrize("folder", [".", "manual"])
    def test_table_is_named_with_what_to_do(self, tmp_path, content, folder):
        path = write_table(tmp_path / "M_0.csv")
        damaged = write_table(tmp_path / folder / "M_0.csv")
        damaged.write_bytes(content)
        with pytest.raises(RunError, match=r"damaged .*; run the evaluation again") as error:
            read_run(path)
        assert str(error.value).startswith(f"{damaged}: ")

    def test_interaction_that_is_no_number_is_refused_too(self, tmp_path):
        path = write_table(tmp_path / "M_0.csv", ["first,0.2,0.4,0.2,0.4,0"])
        with pytest.raises(RunError, match=r"M_0\.csv: damaged .*; run the evaluation again"):
            read_run(path)

    @pytest.mark.parametrize(
        "content", [b"", b"\xff\xfe\x80", b"{", b"[1, 2]", b"3", b'{"hashes": {}}', b'{"config": 1, "hashes": {}}']
    )
    def test_record_is_named_with_what_to_do(self, tmp_path, content):
        path = write_table(tmp_path / "M_0.csv")
        (tmp_path / "M_0").mkdir()
        (tmp_path / "M_0" / "run.json").write_bytes(content)
        with pytest.raises(RunError, match=r"M_0/run\.json: damaged, .*; move .*M_0 away and run again"):
            read_run(path)


class TestFindRuns:
    def test_runs_by_mirror_and_seed_as_numbers(self, tmp_path):
        for name in ("b_R_10", "b_R_2", "a_R_0"):
            write_table(tmp_path / name.rpartition("_")[0] / f"{name}.csv")
        assert [(run.mirror, run.seed) for run in find_runs(tmp_path)] == [("a_R", 0), ("b_R", 2), ("b_R", 10)]

    def test_manual_runs_and_other_tables_are_no_runs(self, tmp_path):
        write_table(tmp_path / "a_R" / "manual" / "a_R_0.csv")
        write_table(tmp_path / "a_R" / "notes.csv")
        write_table(tmp_path / "plots" / "a_R_0.csv")
        with pytest.raises(RunError, match="no run there"):
            find_runs(tmp_path)

    def test_runs_below_are_of_other_conditions(self, tmp_path):
        write_sample(tmp_path, "M")
        write_sample(tmp_path / "unsteady", "M", annotator="unsteady")
        assert [run.config["annotator"] for run in find_runs(tmp_path)] == ["longer"]

    def test_runs_that_differ_in_more_than_mirror_and_seed_are_refused(self, tmp_path):
        write_sample(tmp_path, "M", 0)
        write_sample(tmp_path, "N", 0, ckpt="other", hashes={"interactive": "2" * 64})
        with pytest.raises(RunError, match=r"interactive model: inter \(11111111\) / other \(22222222\).*not averaged"):
            find_runs(tmp_path)
