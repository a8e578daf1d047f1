"""``python -m annotate`` as a process of its own, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from user_config import Settings

POLL_S = 0.5
IDLE, QUIET = 5, 8  # percent of a core, and looks in a row: on a busy machine it may only have to wait for its turn


@dataclass(frozen=True)
class Program:
    """A running server.

    Parameters
    ----------
    process : its own
    address : without a slash at its end
    """

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.address.rpartition(":")[2])

    @property
    def peak_mib(self) -> float:
        """The most memory that it has held so far, MiB; Linux alone tells that of another process."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024

    def rest(self, seconds: float = 300) -> None:
        """Wait until it computes nothing: the models have been loaded, and all that was asked for is done.

        Raises
        ------
        TimeoutError
            If it computes longer than that.
        """
        import psutil

        process, end, quiet = psutil.Process(self.process.pid), time.monotonic() + seconds, 0
        process.cpu_percent()
        while time.monotonic() < end:
            time.sleep(POLL_S)
            quiet = quiet + 1 if process.cpu_percent() < IDLE else 0
            if quiet == QUIET:
                return
        raise TimeoutError(f"the server still computes after {seconds:.0f} s")


@contextmanager
def program(config: Settings, *options: str, port: int = 0) -> Iterator[Program]:
    """Run a server, and kill it in the end.

    Parameters
    ----------
    config : where things lie
    options : of the command
    port : 0 chooses a free one

    Raises
    ------
    RuntimeError
        If it ends before it answers.
    """
    command = [sys.executable, "-m", "annotate", "--no_open", "--port", str(port), *options]
    environment = os.environ | {f"RETRACE_{name}": str(value) for name, value in _variables(config).items()}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        line = next((line for line in server.stdout if "http://" in line), None)
        if line is None:
            raise RuntimeError(f"the server has ended before it answered: {' '.join(command)}")
        yield Program(server, line.split()[-1].rstrip("/"))
    finally:
        server.kill()
        server.wait()


def _variables(config: Settings) -> dict[str, Path]:
    return {
        "WANDB_PROJECT": config.project,
        "STORAGE": config.storage,
        "DIR_ROOT": config.root,
        "DIR_EVAL": config.eval,
        "ANNOTATIONS": config.annotations,
    }
