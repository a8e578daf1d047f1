"""Tables of evaluations, and ways to end one early."""

import csv

from tests.runs.toy import MIRROR


def table(project, seed=0, folder=""):
    """Return a run's table, of another folder if it is an absolute one."""
    return project.folder / "out" / MIRROR / folder / f"{MIRROR}_{seed}.csv"


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def die(*arguments):
    raise KeyboardInterrupt


# Saves its state after each row. From the fifth line of a table on it waits to be killed, however late that comes.
KILLABLE = """
import os, pathlib, time
import runs.evaluation.recorded_run as recorded_run, eval
recorded_run.SNAPSHOT_SECONDS = 0
row, halt = recorded_run._row, pathlib.Path(os.environ.get("HALT_AT", "nowhere"))
def halting(*arguments):
    while halt.exists() and len(halt.read_text().splitlines()) > 4:
        time.sleep(1)
    return row(*arguments)
recorded_run._row = halting
eval.main()
"""
