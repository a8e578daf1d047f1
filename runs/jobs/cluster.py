"""Executors of ``runs.jobs`` in other processes: a Dask cluster on this machine, or an existing one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import dask.config
from distributed import Client, Future, LocalCluster, Nanny, get_worker
from distributed.comm.core import connect
from distributed.scheduler import KilledWorker
from distributed.security import Security
from distributed.utils import LoopRunner, silence_logging_cmgr

from data.progress import ProgressBar, Update
from runs.errors import RunError
from runs.jobs.job import Job, Refused, Reporter, perform

CONNECT_SECONDS = 10.0
TICK_SECONDS = 1.0
DEATHS = 3  # of processes that ran a job, until it is given up
SILENT = logging.CRITICAL + 1
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


@contextmanager
def local_cluster(workers: int, threads: int, progress: ProgressBar) -> Iterator[DaskExecutor]:
    """Start worker processes that only this machine can reach; they end with the context, at once if it fails.

    Parameters
    ----------
    workers : number of processes; each does one job at a time
    threads : that each may use to compute, unless the environment allows fewer
    progress : prints the lines of the jobs, and shows their progress
    """
    config = {"distributed.scheduler.allowed-failures": DEATHS - 1, "distributed.scheduler.worker-ttl": None}
    with (
        silence_logging_cmgr(SILENT),
        dask.config.set(config),
        _environment({name: str(_at_most(threads, name)) for name in THREADS}),  # read when libraries are imported
        TemporaryDirectory(prefix="jobs-") as scratch,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # a status page is served, which needs a free port
            memory_limit=0,  # no limit: files that are mapped would count
            local_directory=scratch,
            silence_logs=SILENT,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        try:
            yield DaskExecutor(client, progress, when_killed="use fewer --workers")
        except BaseException:
            cluster.sync(_stop_workers, cluster)
            raise


def require_scheduler(address: str) -> None:
    """Raise RunError if no Dask scheduler answers at an address."""
    with silence_logging_cmgr(SILENT), _connected(address):
        pass


@contextmanager
def existing_cluster(address: str, progress: ProgressBar) -> Iterator[DaskExecutor]:
    """Connect to a scheduler, and leave it running afterwards.

    Raises
    ------
    RunError
        If it cannot be reached or is lost, or if its workers do not know this program.
    """
    with silence_logging_cmgr(SILENT), _connected(address) as client:
        with _there(address):
            threads = client.nthreads().values()
            if not threads:
                progress.echo(f"{address}: no workers there yet; waiting for them")
            elif max(threads) > 1:
                progress.warn(
                    f"{address}: a worker does one job at a time, and some there have {max(threads)} threads; more of "
                    "them with `--nthreads 1` would do more at once"
                )
            answers = client.run(_know_this_program, on_error="return").values()
        for error in answers:
            if isinstance(error, Exception) and not isinstance(error, OSError):  # which is a worker that has just gone
                raise RunError(
                    f"{address}: a worker there does not know this program ({error}); start the workers in its folder "
                    "and its environment"
                )
        remedy = "start fewer workers on a machine, or give them more memory"
        yield DaskExecutor(client, progress, when_killed=remedy)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        LoopRunner().run_sync(_shake_hands, address)
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, MemoryError) as error:  # what answers of other services raise
        raise RunError(
            f"{address!r}: no Dask scheduler answers there ({str(error) or 'no answer'}); start one with "
            "`dask scheduler` and give the address that it prints, or leave --scheduler out"
        ) from error
    with client:
        yield client


@contextmanager
def _there(address: str) -> Iterator[None]:
    """Turn errors about a lost scheduler into one message."""
    try:
        yield
    except (CancelledError, OSError) as error:
        raise RunError(
            f"{address}: the scheduler was lost; start it again and run again: what was finished is kept"
        ) from error


async def _shake_hands(address: str) -> None:
    """Make sure that Dask answers; a client would wait forever for another service."""
    security = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_SECONDS, **security), CONNECT_SECONDS)
    comm.abort()


def _know_this_program() -> None:
    """Do nothing; a worker that cannot import this module raises."""


class DaskExecutor:
    """Runs jobs on the workers of a Dask cluster, one job a worker at a time.

    Parameters
    ----------
    client : connected
    progress : prints the lines of the jobs, and shows their progress
    when_killed : advice for the user if the processes of a job are killed
    """

    def __init__(self, client: Client, progress: ProgressBar, *, when_killed: str) -> None:
        self._client, self._progress, self._when_killed = client, progress, when_killed
        self._address: str = client.scheduler.address
        self._topic = f"jobs-{uuid4().hex}"
        self._running: dict[str, Future] = {}
        self._events: SimpleQueue[tuple[str, Update | Future]] = SimpleQueue()
        client.subscribe_topic(self._topic, lambda event: self._events.put(event[1]))

    def slots(self) -> int:
        """Return how many workers there are."""
        with _there(self._address):
            return len(self._client.nthreads())

    def submit(self, job: Job) -> None:
        """Have a job run."""
        future = self._client.submit(
            _perform, job, self._topic, self._progress.verbose, key=f"{self._topic}-{job.name}", pure=False
        )
        self._running[job.name] = future
        future.add_done_callback(lambda ended: self._events.put((job.name, ended)))

    def ended(self) -> tuple[str, Any] | None:
        """Wait a second or so for news of the jobs; return one that has ended, see ``runs.jobs.Executor``."""
        try:
            name, event = self._events.get(timeout=TICK_SECONDS)
        except Empty:
            return None
        if isinstance(event, Future):
            return name, self._result(name)
        self._progress.update(name, event)
        return None

    def _result(self, name: str) -> Any:
        try:
            with _there(self._address):
                return self._running.pop(name).result()
        except KilledWorker as error:
            return Refused(
                f"{name}: given up, since {error.allowed_failures + 1} processes died of it, for want of memory "
                f"perhaps; {self._when_killed}"
            )


def _perform(job: Job, topic: str, verbose: bool) -> Any:
    """Do a job in a worker, limited to its share of threads."""
    worker = get_worker()
    if threads := _given_threads(THREADS[0]):  # which OpenCV does not read
        import cv2

        cv2.setNumThreads(threads)
    return perform(job, Reporter(lambda update: worker.log_event(topic, (job.name, update)), verbose=verbose))


async def _stop_workers(cluster: LocalCluster) -> None:
    """End the processes at once, without waiting for their jobs."""
    await asyncio.gather(*(_stop(nanny) for nanny in cluster.workers.values()))


async def _stop(nanny: Nanny) -> None:
    with suppress(TimeoutError):  # killed, and on a busy machine not gone yet; the error that stops us is to be told
        await nanny.close(timeout=0.1)


def _given_threads(name: str) -> int | None:
    given = os.environ.get(name, "")
    return int(given) if given.isdecimal() else None


def _at_most(threads: int, name: str) -> int:
    """Return a number of threads, or the lower one that an environment variable gives."""
    return min(threads, _given_threads(name) or threads)


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Change environment variables for the processes that are started meanwhile; Dask leaves its own behind, too."""
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
