"""Work in the background makes way for what answers strokes, and gives back what it returns or raises."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from annotate.library.background import NICENESS, in_background


def niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def in_another_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(niceness()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no niceness of threads")
@pytest.mark.parametrize("where", [niceness, in_another_thread])
def test_it_and_its_threads_make_way_and_who_waits_for_it_does_not(where):
    before = niceness()

    assert in_background(where) == min(NICENESS, 19)
    assert niceness() == before == in_another_thread()


def test_what_it_raises_reaches_who_waits_for_it():
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 / 0)
