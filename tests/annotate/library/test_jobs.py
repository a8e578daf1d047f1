"""Jobs: one at a time, once each, and told to whoever listens."""

from __future__ import annotations

import threading

import pytest

from annotate.errors import AnnotateError
from annotate.library.jobs import Jobs

MIRROR, OTHER = "SYN-0001_R", "SYN-0002_R"


@pytest.fixture
def jobs():
    made = Jobs()
    yield made
    made.close()


class Inbox:
    """Keeps messages, and waits for the end of a job."""

    def __init__(self, jobs, mirror=MIRROR):
        self.received, self._done = [], threading.Event()
        self.stop = jobs.subscribe(mirror, self)

    def __call__(self, message):
        self.received.append(message)
        if message.done:
            self._done.set()

    def wait(self):
        assert self._done.wait(5)
        return [(message.job, message.share, message.done, message.error) for message in self.received]


def test_a_job_tells_its_beginning_its_progress_and_its_end(jobs):
    inbox = Inbox(jobs)

    jobs.submit(MIRROR, "tiles", lambda progress: progress(0.5))

    assert inbox.wait() == [("tiles", 0, False, None), ("tiles", 0.5, False, None), ("tiles", 1, True, None)]


def test_a_job_does_not_tell_every_small_step(jobs):
    inbox = Inbox(jobs)

    jobs.submit(MIRROR, "tiles", lambda progress: [progress(step / 100_000) for step in range(100_000)])

    assert 90 <= len(inbox.wait()) <= 102


def test_a_job_of_one_mirror_is_not_reported_to_another_and_one_of_all_is(jobs):
    one, other = Inbox(jobs), Inbox(jobs, OTHER)

    jobs.submit(MIRROR, "tiles", lambda progress: None)
    one.wait()
    jobs.submit(None, "model", lambda progress: None)

    assert [job for job, *_ in other.wait()] == ["model", "model"]


@pytest.mark.parametrize(
    ("error", "message"),
    [(AnnotateError("no room; make some"), "no room; make some"), (KeyError("x"), "KeyError: 'x'; this is a fault")],
)
def test_a_job_that_fails_says_why_and_the_next_one_runs(jobs, error, message):
    def fail(progress):
        progress(0.25)
        raise error

    inbox = Inbox(jobs)
    jobs.submit(MIRROR, "start", fail)
    end = inbox.wait()[-1]
    again = Inbox(jobs)
    jobs.submit(MIRROR, "start", lambda progress: None)

    assert end[:3] == ("start", 0.25, True)
    assert end[3].startswith(message)
    assert again.wait()[-1] == ("start", 1, True, None)


def test_a_job_asked_for_twice_is_one_job_until_it_is_done(jobs):
    go, runs = threading.Event(), []

    def work(progress):
        runs.append(1)
        go.wait(5)

    inbox = Inbox(jobs)
    new = [jobs.submit(MIRROR, "tiles", work), jobs.submit(MIRROR, "tiles", work), jobs.submit(OTHER, "tiles", work)]
    go.set()
    inbox.wait()
    later = Inbox(jobs)
    new.append(jobs.submit(MIRROR, "tiles", work))
    later.wait()

    assert new == [True, False, True, True]
    assert len(runs) == 3


def test_jobs_run_one_at_a_time_in_their_order(jobs):
    running, order, most = [], [], []

    def work(name):
        def do(progress):
            running.append(name)
            most.append(len(running))
            order.append(name)
            running.remove(name)

        return do

    last = Inbox(jobs, "M9")
    for number in range(10):
        jobs.submit(f"M{number}", "tiles", work(number))
    last.wait()

    assert order == list(range(10))
    assert max(most) == 1


def test_work_that_others_do_is_reported_and_keeps_no_job_waiting(jobs):
    over = threading.Event()
    inbox, models = Inbox(jobs), Inbox(jobs, OTHER)

    def wait(progress):
        over.wait(5)
        raise AnnotateError("no weights")

    jobs.follow(None, "model", wait)
    jobs.submit(MIRROR, "tiles", lambda progress: None)
    assert inbox.wait()[-1] == ("tiles", 1, True, None)
    over.set()

    assert models.wait() == [("model", 0, False, None), ("model", 0, True, "no weights")]


def test_who_comes_later_can_read_where_jobs_under_way_stand_and_hears_their_end(jobs):
    half, go = threading.Event(), threading.Event()

    def work(progress):
        progress(0.5)
        half.set()
        go.wait(5)

    jobs.submit(MIRROR, "tiles", work)
    assert half.wait(5)
    late, elsewhere = Inbox(jobs), Inbox(jobs, OTHER)
    stand = [(job.job, job.share, job.done) for job in jobs.of(MIRROR)]
    go.set()

    assert stand == [("tiles", 0.5, False)]
    assert late.wait() == [("tiles", 1, True, None)]
    assert jobs.of(MIRROR) == []
    assert elsewhere.received == jobs.of(OTHER) == []


def test_a_job_that_failed_is_kept_with_its_error_until_it_is_tried_again(jobs):
    go = threading.Event()

    def fail(progress):
        raise AnnotateError("no room; make some")

    inbox = Inbox(jobs)
    jobs.submit(MIRROR, "tiles", fail)
    inbox.wait()
    failed = [(job.job, job.done, job.error) for job in jobs.of(MIRROR)]
    jobs.submit(MIRROR, "tiles", lambda progress: go.wait(5))
    again = [(job.job, job.done, job.error) for job in jobs.of(MIRROR)]
    last = Inbox(jobs)
    go.set()
    last.wait()

    assert failed == [("tiles", True, "no room; make some")]
    assert again == [("tiles", False, None)]
    assert jobs.of(MIRROR) == []


def test_a_job_that_waits_says_for_what(jobs):
    begun, go = threading.Event(), [threading.Event(), threading.Event()]

    def work(number):
        def do(progress):
            begun.set()
            go[number].wait(5)

        return do

    first, second, third = (Inbox(jobs, mirror) for mirror in (MIRROR, OTHER, "SYN-0003_R"))
    jobs.submit(MIRROR, "tiles", work(0))
    assert begun.wait(5)
    jobs.submit(OTHER, "start", work(1))
    jobs.submit("SYN-0003_R", "tiles", lambda progress: None)
    go[0].set()
    first.wait()
    go[1].set()
    third.wait()

    def reasons(inbox):
        return [message.waits_for for message in inbox.received]

    one, other = f"the picture of {MIRROR} is prepared", f"the initial drawing of {OTHER} is made"
    assert reasons(first) == [None, None]
    assert reasons(second)[:2] == [one, None]
    assert reasons(third) == [one, other, None, None]


def test_who_has_stopped_listening_hears_nothing(jobs):
    deaf, inbox = Inbox(jobs), Inbox(jobs)
    deaf.stop()

    jobs.submit(MIRROR, "tiles", lambda progress: None)
    inbox.wait()

    assert deaf.received == []


def test_the_end_of_the_server_stops_the_job_that_runs_and_those_that_wait(jobs):
    begun, waited = threading.Event(), []

    def endless(progress):
        begun.set()
        while True:
            progress(0)

    inbox = Inbox(jobs)
    jobs.submit(MIRROR, "tiles", endless)
    jobs.submit(MIRROR, "start", waited.append)
    assert begun.wait(5)
    jobs.close()

    assert inbox.wait()[-1][2:] == (True, "the server has ended")
    assert waited == []
    assert not jobs.submit(OTHER, "tiles", waited.append)
