"""Long tasks, done one at a time in the background: image pyramids, initial drawings, loading models."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread

from annotate.errors import reason
from annotate.messages import JobKind, JobMessage
from annotate.stream_messages import Subscriber

STEP = 0.01  # of a job's share, between two messages about it

Progress = Callable[[float], None]
Key = tuple[str | None, JobKind]  # the mirror whose subscribers get a job's messages, None: all; and its kind

_ENDS = {  # for who waits for it
    "tiles": "the picture of {} is prepared",
    "previews": "what {} can be begun from is drawn",
    "start": "the initial drawing of {} is made",
    "learn": "{} has been learned from",
    "showing": "the images are prepared anew",
}


class Stopped(Exception):
    """Raised by a job's progress report when the server ends, so that the job ends too."""


class Jobs:
    """A queue of jobs and the thread that performs them; their progress is published.

    A job is known by its mirror and its kind: asked for again while it waits or runs, it is the same job.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # held while a message is handed out, so that a new subscriber misses none
        self._latest: dict[Key, JobMessage] = {}  # of those that wait or run, and of those that failed
        self._waiting: list[Key] = []  # in the queue, behind the one that runs
        self._running: Key | None = None
        self._subscribers: dict[object, tuple[str, Subscriber]] = {}
        self._queue: SimpleQueue[tuple[Key, Callable[[Progress], None]] | None] = SimpleQueue()
        self._stopped = False
        self._thread = Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def submit(self, mirror: str | None, kind: JobKind, work: Callable[[Progress], None]) -> bool:
        """Queue a job; return whether it is new.

        Parameters
        ----------
        mirror : whose subscribers get its messages; None: all
        kind : tiles, previews, start, model, learn or showing
        work : called in the background with a function that takes the share that is done, 0 to 1
        """
        job = mirror, kind
        with self._lock:
            if not self._begin(job, self._running or next(iter(self._waiting), None)):
                return False
            self._waiting.append(job)
        self._queue.put((job, work))
        return True

    def follow(self, mirror: str | None, kind: JobKind, wait: Callable[[Progress], None]) -> None:
        """Publish the progress of work that others do, beside the queue: ``wait`` returns, or raises, at its end."""
        job = mirror, kind
        with self._lock:
            begun = self._begin(job)
        if begun:
            Thread(target=self._do, args=(job, wait), name=kind, daemon=True).start()

    def of(self, mirror: str) -> list[JobMessage]:
        """Return where a mirror's jobs stand: those that wait or run, and those that failed and were not tried again.

        A subscriber reads this after subscribing: whatever ended before left its result, or its error, here.
        """
        with self._lock:
            return [message for job, message in self._latest.items() if job[0] in (None, mirror)]

    def subscribe(self, mirror: str, subscriber: Subscriber) -> Callable[[], None]:
        """Send the messages about a mirror's jobs from now on; return what ends that.

        ``subscriber`` is called from other threads, and must return at once.
        """
        key = object()
        with self._lock:
            self._subscribers[key] = mirror, subscriber

        def stop() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return stop

    def close(self, seconds: float = 1) -> None:
        """Begin no more jobs, stop the one that runs at its next report, and wait a while for that."""
        self._stopped = True
        self._queue.put(None)
        self._thread.join(seconds)

    def _begin(self, job: Key, ahead: Key | None = None) -> bool:
        """Publish that a job waits or runs, unless it does already; with the lock."""
        known = self._latest.get(job)
        if self._stopped or (known is not None and not known.done):
            return False
        self._publish(job, JobMessage(job=job[1], waits_for=_end_of(ahead)))
        return True

    def _run(self) -> None:
        while (queued := self._queue.get()) is not None:
            if self._stopped:
                continue
            job, work = queued
            with self._lock:
                self._waiting.remove(job)
                self._running = job
                for waiting in (job, *self._waiting):
                    self._tell(waiting, waits_for=None if waiting == job else _end_of(job))
            self._do(job, work)

    def _do(self, job: Key, work: Callable[[Progress], None]) -> None:
        error = None
        try:
            work(lambda share: self._report(job, share))
        except Stopped:
            error = "the server has ended"
        except Exception as failure:
            error = reason(failure)
        with self._lock:
            if job == self._running:
                self._running = None
            self._tell(job, share=self._latest[job].share if error else 1.0, done=True, error=error)

    def _report(self, job: Key, share: float) -> None:
        if self._stopped:
            raise Stopped
        share = min(max(float(share), 0.0), 1.0)
        if share - self._latest[job].share >= STEP:
            with self._lock:
                self._tell(job, share=share)

    def _tell(self, job: Key, **changed: object) -> None:
        """Publish where a job stands, if that has changed; with the lock."""
        before = self._latest[job]
        if (message := before.model_copy(update=changed)) != before:
            self._publish(job, message)

    def _publish(self, job: Key, message: JobMessage) -> None:
        self._latest[job] = message
        if message.done and message.error is None:
            del self._latest[job]  # what it made is part of the mirror's state
        for mirror, subscriber in self._subscribers.values():
            if job[0] in (None, mirror):
                with suppress(RuntimeError):  # an event loop that has ended
                    subscriber(message)


def _end_of(job: Key | None) -> str | None:
    """Return until when one waits who waits for a job, for people."""
    return None if job is None else _ENDS.get(job[1], "{}").format(job[0])
