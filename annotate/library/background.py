"""Work that takes seconds beside answers that must take none: on a thread that the system gives a core to last."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

NICENESS = 5  # a third of the share of a core that a thread gets which answers strokes
Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> Result:
    """Do some work on a thread that makes way for others, and wait for what it returns; raises what it raises.

    Threads that it starts make way, too. Only Linux knows the niceness of a thread; elsewhere it is as any other.
    """
    with ThreadPoolExecutor(1, "background", _make_way) as pool:
        return pool.submit(work).result()


def _make_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
