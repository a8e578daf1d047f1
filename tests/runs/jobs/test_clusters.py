"""Clusters, made for a run or there before: who is found, who is shut out, and what becomes of a process that dies."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import psutil
import pytest
from dask.system import CPU_COUNT
from distributed import LocalCluster, Nanny

from runs.jobs import Job, cluster, run_jobs
from tests.root import ROOT
from tests.runs.jobs.work import fail, give, process


def look_around(report):
    """Tell of the process that does the job; give the other one time to begin, too."""
    time.sleep(0.5)
    ends = [socket.laddr.ip for socket in psutil.Process().net_connections() if socket.status == psutil.CONN_LISTEN]
    return os.getpid(), cv2.getNumThreads(), {name: os.environ[name] for name in cluster.THREADS}, ends


def die_once(marker, report):
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def die(report):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def run_there(address):
    return lambda *jobs: run_jobs(jobs, workers=None, scheduler=address, report=print)


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
