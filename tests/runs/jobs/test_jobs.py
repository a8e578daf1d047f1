"""Jobs in this process and on a cluster of two: the same results, in the same order, and the same messages."""

import errno
import time

import pytest

from data.errors import DataError
from models.errors import ModelError
from runs.errors import RunError
from runs.jobs import Job, Reporter, run_jobs
from tests.runs.jobs.work import fail, give


class Awkward(Exception):
    """Cannot be unpickled: it is made from two arguments, and keeps one."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


def give_late(value, report):
    time.sleep(0.3)
    return value


def write(path, report):
    time.sleep(0.1)
    path.write_text("written")
    return str(path)


def read(path, report):
    return path.read_text()


def tell(report):
    for part in range(1, 4):
        report(f"line {part}")
        report.share(part / 4)


def go_into_detail(report):
    report.detail("row")
    report("end")


def fail_awkwardly(report):
    raise Awkward("a bug", "a job")


@pytest.fixture(params=["this process", "a cluster"])
def run(request):
    """Return a function that runs jobs and returns their results and the lines that they printed."""
    scheduler = request.getfixturevalue("address") if request.param == "a cluster" else None

    def run(*jobs):
        lines = []
        return *run_jobs(jobs, workers=1, scheduler=scheduler, report=lines.append), lines

    return run


def test_results_come_in_the_order_of_the_jobs(run):
    results, skipped, _ = run(Job("late", give_late, ("x",)), Job("early", give, ("y",)), Job("none", give, (None,)))

    assert list(results.items()) == [("late", "x"), ("early", "y"), ("none", None)]
    assert skipped == []


def test_a_job_begins_when_all_that_it_needs_have_ended(run, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    jobs = [
        Job("one", write, (one,)),
        Job("two", write, (two,), needs=("one",)),
        Job("three", read, (one,), needs=("one",)),
        Job("four", read, (two,), needs=("one", "two")),
    ]

    results, _, _ = run(*jobs)

    assert results == {"one": str(one), "two": str(two), "three": "written", "four": "written"}


def test_lines_of_a_job_are_reported_here_in_their_order(run):
    *_, lines = run(Job("a", tell))

    assert lines == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DataError("depth.npy: cut short; make it again"), "depth.npy: cut short; make it again"),
        (ModelError("base.ckpt: damaged"), "base.ckpt: damaged"),
        (RunError("out: taken"), "out: taken"),
        (OSError(errno.ENOENT, "No such file", "it's.npy"), "it's.npy: No such file; check the path"),
    ],
)
def test_what_a_user_can_mend_is_reported_at_once_and_stops_no_other_job(run, error, message, capsys):
    results, skipped, _ = run(Job("bad", fail, (error,)), Job("good", give, (1,)))

    assert (results, skipped) == ({"good": 1}, [message])
    assert capsys.readouterr().err == f"SKIPPED: {message}\n"


def test_all_that_wait_for_a_skipped_job_are_skipped_with_one_message(run, capsys):
    wrong = RunError("wrong; mend it")
    seeds = [Job(f"seed {seed}", give, (seed,), needs=("drawing",)) for seed in range(4)]
    last = Job("last", give, (9,), needs=("seed 3",))

    results, skipped, _ = run(Job("drawing", fail, (wrong,)), *seeds, last, Job("other", give, (5,)))

    assert results == {"other": 5}
    assert skipped == ['wrong; mend it ("seed 0", "seed 1", "seed 2" and 2 more waited for it)']
    assert capsys.readouterr().err.splitlines() == [f"SKIPPED: {message}" for message in skipped]


def test_one_reason_of_many_jobs_is_given_once(run):
    _, skipped, _ = run(*(Job(f"{seed}", fail, (RunError("wrong; mend it"),)) for seed in range(3)))

    assert skipped == ["wrong; mend it"]


def test_a_bug_ends_the_run_and_names_the_job(run):
    with pytest.raises(ZeroDivisionError, match="a bug") as raised:
        run(Job("good", give, (1,)), Job("bad", fail, (ZeroDivisionError("a bug"),)))

    assert raised.value.__notes__ == ["in the job 'bad'"]
    assert "fail" in [entry.name for entry in raised.traceback]


def test_a_bug_that_cannot_be_sent_is_reported_all_the_same(run):
    with pytest.raises(Exception, match="a bug in a job"):
        run(Job("bad", fail_awkwardly))


def test_no_jobs_are_nothing_to_do(run):
    assert run() == ({}, [], [])


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ((Job("a", give), Job("a", give)), "two jobs are called 'a'"),
        ((Job("a", give, needs=("b",)), Job("b", give)), "'a' needs 'b', which is none of the jobs before it"),
    ],
)
def test_jobs_that_cannot_be_told_apart_or_put_in_order_are_a_bug(jobs, message):
    with pytest.raises(ValueError, match=message):
        run_jobs(jobs, workers=1, scheduler=None, report=print)


def test_no_workers_are_a_bug():
    with pytest.raises(ValueError, match="0 workers"):
        run_jobs([Job("a", give, (1,))], workers=0, scheduler=None, report=print)


def test_a_job_reports_its_share_at_most_once_a_second():
    sent = []
    reporter = Reporter(sent.append)

    for part in range(100):
        reporter.share(part / 100)
    reporter("line")

    assert sent == [0.0, "line"]


def test_details_are_sent_where_they_are_wanted():
    terse, verbose = [], []
    for reporter in (Reporter(terse.append), Reporter(verbose.append, verbose=True)):
        reporter.detail("row")
        reporter("end")

    assert (terse, verbose) == (["end"], ["row", "end"])


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("where", ["this process", "a cluster"])
def test_whoever_does_the_jobs_sends_details_if_they_are_wanted(request, where, verbose):
    scheduler = request.getfixturevalue("address") if where == "a cluster" else None
    lines = []

    run_jobs([Job("a", go_into_detail)], workers=1, scheduler=scheduler, report=lines.append, verbose=verbose)

    assert lines == (["row", "end"] if verbose else ["end"])
