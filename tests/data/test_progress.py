"""How far a command is: a bar on a terminal, and elsewhere no more than a line now and then."""

import io

import pytest

from data import progress
from data.inspection import inspect_all
from data.kinds import RawData
from data.progress import ProgressBar
from data.synthetic.files import write_mirrors
from user_config import settings


class Clock:
    """Stands still until it is told otherwise."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    return clock


def test_without_a_terminal_a_line_says_what_is_done_and_what_is_left(clock, capsys):
    with ProgressBar(["a", "b"], print) as bar:
        clock.now += 60
        bar.update("a", 0.5)
        clock.now += 60
        bar.end("a")
        bar.tick()

    assert capsys.readouterr().err.splitlines() == [
        "25% done, 0 of 2 jobs [01:00, 03:00 to go]",
        "50% done, 1 of 2 jobs [02:00, 02:00 to go]",
    ]


def test_fast_work_prints_no_line_however_often_it_reports(clock, capsys):
    with ProgressBar(["a"], print, unit="views") as bar:
        for part in range(100):
            clock.now += 0.1
            bar.update("a", part / 100)

    assert capsys.readouterr().err == ""


def test_slow_work_prints_few_lines(clock, capsys):
    with ProgressBar(["a"], print) as bar:
        for second in range(10_000):
            clock.now += 1
            bar.update("a", second / 10_000)

    assert 10 <= len(capsys.readouterr().err.splitlines()) <= 34, "one a tenth, or one in five minutes"


def test_lines_of_the_work_go_to_the_one_who_reports(capsys):
    lines = []
    with ProgressBar(["a"], lines.append) as bar:
        bar.update("a", "drawn")
        bar.warn("skipped")

    assert lines == ["drawn"]
    assert capsys.readouterr() == ("", "skipped\n")


def a_terminal(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    return terminal


def test_on_a_terminal_a_bar_says_how_much_time_is_left(monkeypatch):
    terminal = a_terminal(monkeypatch)

    with ProgressBar(["a", "b"], print, unit="views") as bar:
        bar.end("a")
        bar.tick()

    assert "1 of 2 views" in terminal.getvalue()
    assert "to go]" in terminal.getvalue()


def test_making_mirrors_and_checking_them_show_a_bar(monkeypatch, tmp_path):
    terminal = a_terminal(monkeypatch)

    write_mirrors(tmp_path, 2, 256, 256, seed=0)
    assert "1 of 2 mirrors" in terminal.getvalue()

    raw = RawData(tmp_path, tmp_path / settings().gt_rel, tmp_path / settings().masks_rel, ("depth",))
    assert inspect_all("mirrors", raw, True, lambda line: None) == 0
    assert "1 of 2 views" in terminal.getvalue()
