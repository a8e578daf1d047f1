"""Jobs that need one another, run in order in this process or side by side on a Dask cluster.

A job writes its results to files, continues where an earlier start was killed, and returns at once if it was finished
before. Therefore nothing is stored here: if a process is lost, its job is simply run again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from data.errors import some
from data.progress import ProgressBar
from runs.jobs.job import Job, Refused, Reporter, perform

__all__ = ["Job", "Reporter", "run_jobs"]


class Executor(Protocol):
    """Runs jobs, here or in other processes."""

    def slots(self) -> int:
        """Return how many jobs can run at once, at present."""

    def submit(self, job: Job) -> None:
        """Have a job run."""

    def ended(self) -> tuple[str, Any] | None:
        """Wait for a job to end, a second or so if others run them; return its name, and its result or a ``Refused``.

        None if no job ended.
        """


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int | None,
    scheduler: str | None,
    report: Callable[[str], None],
    verbose: bool = False,
) -> tuple[dict[str, Any], list[str]]:
    """Run jobs, each after those that it needs; if one fails for a reason that the user can repair, the others go on.

    Parameters
    ----------
    jobs : each after those that it needs
    workers : number of processes of this machine that share the jobs and the cores; None: as many as there are cores.
        No more are started than there are jobs that can run at once; with one, this process does the jobs in order
    scheduler : address of a Dask scheduler, whose workers share the jobs instead; None: there is none
    report : prints the lines of the jobs
    verbose : whether their details are printed too

    Returns
    -------
    results, skipped
        The results of the jobs that ended well, by name, in the order of ``jobs``; and why the others did not, each
        reason once.

    Raises
    ------
    RunError
        If the scheduler cannot be used.
    ValueError
        If two jobs have one name, a job comes before one that it needs, or there are no workers.
    """
    _check(jobs)
    if workers is not None and workers < 1:
        raise ValueError(f"{workers} workers can do nothing")
    if not jobs:
        return {}, []
    with (
        ProgressBar([job.name for job in jobs], report, verbose=verbose) as progress,
        _executor(jobs, workers, scheduler, progress) as executor,
    ):
        return _Run(jobs, executor, progress).to_the_end()


def _check(jobs: Sequence[Job]) -> None:
    before: set[str] = set()
    for job in jobs:
        if job.name in before:
            raise ValueError(f"two jobs are called {job.name!r}")
        for need in job.needs:
            if need not in before:
                raise ValueError(f"{job.name!r} needs {need!r}, which is none of the jobs before it")
        before.add(job.name)


@contextmanager
def _executor(
    jobs: Sequence[Job], workers: int | None, scheduler: str | None, progress: ProgressBar
) -> Iterator[Executor]:
    if scheduler is not None:
        from runs.jobs.cluster import existing_cluster

        with existing_cluster(scheduler, progress) as executor:
            yield executor
        return
    from dask.system import CPU_COUNT

    workers = min(CPU_COUNT if workers is None else workers, _chains(jobs))
    if workers == 1:
        yield _Here(progress)
        return
    from runs.jobs.cluster import local_cluster

    with local_cluster(workers, max(1, CPU_COUNT // workers), progress) as executor:
        yield executor


def _chains(jobs: Sequence[Job]) -> int:
    """Return how many jobs can run at once, at most: the number of chains in which each job needs the one before."""
    ends: set[str] = set()
    for job in jobs:
        ends -= {next((need for need in job.needs if need in ends), job.name)}
        ends.add(job.name)
    return len(ends)


class _Here:
    """Runs jobs in this process, one by one."""

    def __init__(self, progress: ProgressBar) -> None:
        self._submitted: deque[Job] = deque()
        self._progress = progress

    def slots(self) -> int:
        return 1

    def submit(self, job: Job) -> None:
        self._submitted.append(job)

    def ended(self) -> tuple[str, Any]:
        job = self._submitted.popleft()
        reporter = Reporter(partial(self._progress.update, job.name), verbose=self._progress.verbose)
        return job.name, perform(job, reporter)


class _Run:
    """The state of a batch: jobs that wait, jobs that run, and results."""

    def __init__(self, jobs: Sequence[Job], executor: Executor, progress: ProgressBar) -> None:
        self._order = [job.name for job in jobs]
        self._waiting = {job.name: job for job in jobs}
        self._running: set[str] = set()
        self._results: dict[str, Any] = {}
        self._skipped: list[str] = []
        self._executor, self._progress = executor, progress

    def to_the_end(self) -> tuple[dict[str, Any], list[str]]:
        while self._waiting or self._running:
            self._start_ready()
            if ended := self._executor.ended():
                self._end(*ended)
            self._progress.tick()
        results = {name: self._results[name] for name in self._order if name in self._results}
        return results, list(dict.fromkeys(self._skipped))

    def _start_ready(self) -> None:
        """Submit no more jobs than can run at once: Dask counts the death of a worker against all jobs queued there."""
        ready = [job for job in self._waiting.values() if self._results.keys() >= set(job.needs)]
        if not ready:
            return
        for job in ready[: max(0, self._executor.slots() - len(self._running))]:
            del self._waiting[job.name]
            self._running.add(job.name)
            self._executor.submit(job)

    def _end(self, name: str, result: Any) -> None:
        self._running.remove(name)
        self._progress.end(name)
        if isinstance(result, Refused):
            lost = self._give_up_what_needs(name)
            waited = some([f'"{dependent}"' for dependent in lost], most=3)
            self._skip(result.message + (f" ({waited} waited for it)" if lost else ""))
        else:
            self._results[name] = result

    def _give_up_what_needs(self, name: str) -> list[str]:
        """Drop the jobs that need a job, and those that need them; return their names."""
        lost = [name]
        for job in list(self._waiting.values()):
            if not set(lost).isdisjoint(job.needs):
                lost.append(job.name)
                del self._waiting[job.name]
                self._progress.end(job.name)
        return lost[1:]

    def _skip(self, message: str) -> None:
        self._skipped.append(message)
        self._progress.warn(f"SKIPPED: {message}")
