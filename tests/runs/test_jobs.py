"""Jobs in this process and on a cluster of two: the same results, the same messages, whoever fails or dies."""

import errno
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import psutil
import pytest
from dask.system import CPU_COUNT
from distributed import LocalCluster, Nanny

from data.errors import DataError
from models.errors import ModelError
from runs.errors import RunError
from runs.jobs import Job, Reporter, cluster, run_jobs
from tests.root import ROOT


class Awkward(Exception):
    """Cannot be unpickled: it is made from two arguments, and keeps one."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


def give(value, report):
    return value


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


def fail(error, report):
    raise error


def fail_awkwardly(report):
    raise Awkward("a bug", "a job")


def look_around(report):
    """Tell of the process that does the job; give the other one time to begin, too."""
    time.sleep(0.5)
    ends = [socket.laddr.ip for socket in psutil.Process().net_connections() if socket.status == psutil.CONN_LISTEN]
    return os.getpid(), cv2.getNumThreads(), {name: os.environ[name] for name in cluster.THREADS}, ends


def process(report):
    return os.getpid()


def die_once(marker, report):
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def die(report):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=":0",
        local_directory=scratch,
        silence_logs=logging.CRITICAL,
    ) as existing:
        existing.scheduler.allowed_failures = 1
        yield existing.scheduler_address


@pytest.fixture(params=["this process", "a cluster"])
def run(request):
    """Return a function that runs jobs and returns their results and the lines that they printed."""
    scheduler = request.getfixturevalue("address") if request.param == "a cluster" else None

    def run(*jobs):
        lines = []
        return *run_jobs(jobs, workers=1, scheduler=scheduler, report=lines.append), lines

    return run


@pytest.fixture
def run_there(address):
    return lambda *jobs: run_jobs(jobs, workers=None, scheduler=address, report=print)


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


def test_the_job_of_a_killed_process_is_run_again(run_there, tmp_path):
    jobs = [Job("killed", die_once, (tmp_path / "marker",)), Job("next", give, (1,), needs=("killed",))]

    assert run_there(*jobs) == ({"killed": "survived", "next": 1}, [])


def test_a_job_that_kills_every_process_is_given_up_by_name(run_there):
    results, skipped = run_there(
        Job("deadly", die), Job("next", give, (1,), needs=("deadly",)), Job("other", give, (2,))
    )

    assert results == {"other": 2}
    assert skipped == [
        "deadly: given up, since 2 processes died of it, for want of memory perhaps; start fewer workers on a machine, "
        'or give them more memory ("next" waited for it)',
    ]


def test_a_job_that_kills_processes_of_a_local_cluster_asks_for_fewer(monkeypatch):
    monkeypatch.setattr(cluster, "DEATHS", 2)

    results, skipped = run_jobs([Job("deadly", die), Job("a", give, (1,))], workers=2, scheduler=None, report=print)

    assert results == {"a": 1}
    assert skipped == [
        "deadly: given up, since 2 processes died of it, for want of memory perhaps; use fewer --workers"
    ]


def test_an_existing_scheduler_goes_on_afterwards(run_there):
    assert run_there(Job("a", give, (1,))) == run_there(Job("a", give, (1,))) == ({"a": 1}, [])


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "127.0.0.1:port", "carrier-pigeon://127.0.0.1:1", "tcp://127.0.0.1:9"]
)
def test_a_scheduler_that_cannot_be_reached_is_one_message(wrong, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)

    with pytest.raises(RunError, match=re.escape(f"'{wrong}': no Dask scheduler answers there")):
        run_jobs([Job("a", give, (1,))], workers=None, scheduler=wrong, report=print)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_port_where_something_else_listens_is_one_message(greeting, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)

    def greet():
        caller, _ = listener.accept()
        with caller:
            caller.sendall(greeting)
            over.wait(30)

    over, begun = threading.Event(), time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=greet, daemon=True).start()
        wrong = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        with pytest.raises(RunError, match="no Dask scheduler answers there"):
            run_jobs([Job("a", give, (1,))], workers=None, scheduler=wrong, report=print)
        over.set()

    assert time.monotonic() - begun < 10


def test_a_scheduler_that_is_lost_is_one_message():
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    with subprocess.Popen(
        [*scheduler, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], stderr=subprocess.PIPE, text=True
    ) as process:
        address = next(found[1] for line in process.stderr if (found := re.search(r"(tcp://\S+)", line)))

        def kill_when_waited_for(line):
            assert line == f"{address}: no workers there yet; waiting for them"
            process.kill()

        with pytest.raises(RunError, match=f"{address}: the scheduler was lost"):
            run_jobs([Job("a", give, (1,))], workers=None, scheduler=address, report=kill_when_waited_for)


def test_workers_that_do_not_know_this_program_are_one_message(tmp_path):
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL) as existing:
        address = existing.scheduler_address
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "distributed.cli.dask_worker", address, "--no-dashboard", "--no-nanny"],
            cwd=tmp_path,
            env=elsewhere,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not existing.scheduler.workers:
                time.sleep(0.05)
            with pytest.raises(RunError, match=f"{address}: a worker there does not know this program"):
                run_jobs([Job("a", give, (1,))], workers=None, scheduler=address, report=print)
        finally:
            worker.kill()
            worker.wait()


def test_idle_threads_of_a_worker_are_told(capsys):
    with LocalCluster(
        n_workers=1, threads_per_worker=3, processes=False, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as existing:
        results, _ = run_jobs([Job("a", give, (1,))], workers=None, scheduler=existing.scheduler_address, report=print)

    assert results == {"a": 1}
    assert "a worker does one job at a time, and some there have 3 threads" in capsys.readouterr().err


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Two jobs on a cluster of two processes of its own: what they saw, and what was changed by it here."""
    folder = tmp_path_factory.mktemp("folder")
    before, environment = Path.cwd(), dict(os.environ)
    os.chdir(folder)
    try:
        results, _ = run_jobs([Job(name, look_around) for name in "ab"], workers=2, scheduler=None, report=print)
    finally:
        os.chdir(before)
    return list(results.values()), list(folder.iterdir()), environment, dict(os.environ)


def test_jobs_of_a_local_cluster_run_in_processes_of_their_own(local):
    (one, *_), (two, *_) = local[0]

    assert len({one, two, os.getpid()}) == 3


def test_processes_of_a_local_cluster_share_the_cores(local):
    share = max(1, CPU_COUNT // 2)

    for _, opencv, variables, _ in local[0]:
        assert str(opencv) == variables["OMP_NUM_THREADS"]
        assert all(1 <= int(threads) <= share for threads in variables.values())


def test_a_local_cluster_is_closed_to_other_machines(local):
    for *_, ends in local[0]:
        assert set(ends) == {"127.0.0.1"}


def test_a_local_cluster_leaves_nothing_behind(local):
    _, files, environment_before, environment_after = local

    assert files == []
    assert environment_after == environment_before


def test_a_chain_of_jobs_runs_in_this_process_however_many_are_allowed():
    results, _ = run_jobs([Job("a", process), Job("b", process, needs=("a",))], workers=8, scheduler=None, report=print)

    assert results == {"a": os.getpid(), "b": os.getpid()}


COMMAND = """
import signal
import time

import click

from runs.jobs import Job, run_jobs

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background jobs inherit as ignored


def wait(name, report):
    report(name)
    time.sleep(3600)


@click.command()
def main():
    run_jobs([Job(name, wait, (name,)) for name in "ab"], workers=2, scheduler=None, report=click.echo)


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("interrupt", [os.killpg, os.kill], ids=["terminal", "main process alone"])
def test_ctrl_c_ends_a_command_and_its_processes(interrupt, tmp_path):
    (tmp_path / "command.py").write_text(COMMAND)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    process = subprocess.Popen(
        [sys.executable, "-m", "command"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    begun = {process.stdout.readline(), process.stdout.readline()}
    workers = psutil.Process(process.pid).children(recursive=True)

    interrupt(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=300)  # seconds on a busy machine; the jobs themselves take an hour
    _, alive = psutil.wait_procs(workers, timeout=300)

    assert begun == {"a\n", "b\n"}
    assert errors.split() == ["Aborted!"]
    assert alive == []


def test_processes_that_are_slow_to_die_do_not_hide_the_error(monkeypatch):
    kill = Nanny.kill

    async def kill_slowly(nanny, timeout=5, **how):
        await kill(nanny, timeout=timeout, **how)
        if timeout < 1:  # as on a busy machine, where a killed process is not gone in a tenth of a second
            raise TimeoutError

    monkeypatch.setattr(Nanny, "kill", kill_slowly)

    with pytest.raises(ZeroDivisionError, match="the bug"):
        run_jobs(
            [Job("a", fail, (ZeroDivisionError("the bug"),)), Job("b", give, (1,))],
            workers=2,
            scheduler=None,
            report=print,
        )


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
