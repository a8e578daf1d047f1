"""Schedulers that do not answer, or answer otherwise: one message each."""

import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest
from distributed import LocalCluster

from runs.errors import RunError
from runs.jobs import Job, cluster, run_jobs
from tests.runs.jobs.work import give


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
