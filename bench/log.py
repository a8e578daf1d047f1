"""``python -m bench.log``: whether the log of the page holds all that was acknowledged, and grows no more than that.

Two measurements, each on a small made-up mirror and a server of its own without models: the server is killed at random
moments while strokes are drawn; and strokes and undos are sent one after the other while its resources are watched.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
import numpy as np

if TYPE_CHECKING:
    import httpx

    from bench.page.program import Program
    from user_config import Settings

VIEW, SIDE, SEED = "SYN-0001_R", 768, 3  # of the made-up mirror, scan pixels
HANDS = 2  # that draw at once
LATEST_KILL_S = 0.8  # after the first stroke that was acknowledged
LOOKS = 10  # at the server's resources on the way
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Kills:
    """What was found after a server was killed again and again.

    Parameters
    ----------
    kills : how often
    sent, acknowledged : strokes in all
    lost : acknowledged strokes that the log does not hold
    twice : strokes that it holds more than once
    """

    kills: int
    sent: int
    acknowledged: int
    lost: int
    twice: int


@dataclass(frozen=True)
class Look:
    """The resources of a server.

    Parameters
    ----------
    strokes : that were drawn before
    memory_mib : resident
    files, threads : that are open
    log_bytes : of the log and its WAL
    """

    strokes: int
    memory_mib: float
    files: int
    threads: int
    log_bytes: int


@click.command(context_settings={"show_default": True})
@click.option("--kills", default=40, type=click.IntRange(min=0), help="How often the server is killed.")
@click.option("--strokes", default=2000, type=click.IntRange(min=0), help="How many are drawn, each undone or not.")
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Chooses the strokes and the moments.")
def main(kills: int, strokes: int, seed: int) -> None:
    """Kill the page's server while strokes are drawn, and watch it over many strokes; nothing is left on the disk."""
    from runs.report.markdown import markdown_table

    with made_up() as config:
        if kills:
            found = killed(config, kills, np.random.default_rng(seed))
            click.echo(
                f"{found.kills} kills; {found.sent} strokes sent, {found.acknowledged} acknowledged; "
                f"{found.lost} of those lost, {found.twice} taken twice"
            )
        if strokes:
            looks = watched(config, strokes, np.random.default_rng(seed))
            head = ("strokes", "memory, MiB", "open files", "threads", "log, kB", "bytes a stroke")
            click.echo(markdown_table([head, *_rows(looks)]))


@contextmanager
def made_up() -> Iterator[Settings]:
    """Prepare a small mirror in a temporary folder."""
    from data.ingest import prepare_set
    from data.synthetic.files import write_mirrors
    from user_config import Settings

    folder = Path(tempfile.mkdtemp())
    try:
        places = {name: folder / name for name in ("storage", "root", "eval", "annotations", "project")}
        config = Settings(wandb_entity="", gt_rel=Path("drawings"), masks_rel=Path("masks"), **places)
        write_mirrors(config.root, 1, SIDE, SIDE, SEED)
        prepare_set(config, "mirrors", config.root, channels=("depth",), test=(), test_last=None, dpi=None)
        yield config
    finally:
        shutil.rmtree(folder)


def killed(config: Settings, kills: int, rng: np.random.Generator) -> Kills:
    """Kill a server again and again while strokes are drawn, and look for those that it acknowledged."""
    from bench.page.program import program

    sent, acknowledged = list[str](), list[str]()
    for _ in range(kills):
        with program(config, "--no_models") as server:
            _begin(server)
            before = len(acknowledged)
            hands = [
                threading.Thread(target=_draw_until_killed, args=(server, seed, sent, acknowledged))
                for seed in rng.integers(1 << 30, size=HANDS)
            ]
            for hand in hands:
                hand.start()
            _await(lambda count=before: len(acknowledged) > count)
            time.sleep(rng.uniform(0, LATEST_KILL_S))
            os.kill(server.process.pid, signal.SIGKILL)
            for hand in hands:
                hand.join()
    held = _clients_in(config)
    lost = set(acknowledged) - set(held)
    return Kills(kills, len(sent), len(acknowledged), len(lost), len(held) - len(set(held)))


def watched(config: Settings, strokes: int, rng: np.random.Generator) -> list[Look]:
    """Draw strokes and undo every other one, and look at the server now and then."""
    from bench.page.program import program

    shutil.rmtree(config.annotations, ignore_errors=True)
    looks = []
    with program(config, "--no_models") as server, _client(server) as client:
        _begin(server)
        for number in range(strokes):
            _post(client, "strokes", _stroke(rng))
            if number % 2:
                _post(client, "undo", {})
            if (number + 1) % max(1, strokes // LOOKS) == 0:
                _await(lambda: client.get(f"/api/mirrors/{VIEW}").json()["waiting"] == 0)
                looks.append(_look(server, config, number + 1))
    return looks


def _rows(looks: Sequence[Look]) -> Iterator[tuple[str, ...]]:
    for look in looks:
        yield (
            str(look.strokes),
            f"{look.memory_mib:.0f}",
            str(look.files),
            str(look.threads),
            f"{look.log_bytes / 1000:.0f}",
            f"{look.log_bytes / look.strokes:.0f}",
        )


def _client(server: Program) -> httpx.Client:
    import httpx

    return httpx.Client(base_url=server.address, headers={"Content-Type": "application/json"}, timeout=PATIENCE_S)


def _begin(server: Program) -> None:
    with _client(server) as client:
        if not client.get(f"/api/mirrors/{VIEW}").json()["started"]:
            _post(client, "start", {"source": "empty"})
            _await(lambda: client.get(f"/api/mirrors/{VIEW}").json()["started"])


def _draw_until_killed(server: Program, seed: int, sent: list[str], acknowledged: list[str]) -> None:
    import httpx

    rng = np.random.default_rng(seed)
    with suppress(httpx.TransportError), _client(server) as client:
        while True:
            stroke = _stroke(rng)
            sent.append(stroke["client"])
            _post(client, "strokes", stroke)
            acknowledged.append(stroke["client"])
            if rng.random() < 0.3:
                _post(client, "undo", {})


def _post(client: httpx.Client, what: str, body: dict[str, Any]) -> None:
    """Send until it is taken: where too many strokes wait, the page waits too."""
    while (answer := client.post(f"/api/mirrors/{VIEW}/{what}", json=body)).status_code == 429:
        time.sleep(0.05)
    answer.raise_for_status()


def _stroke(rng: np.random.Generator) -> dict[str, Any]:
    path = rng.uniform(50, SIDE - 50, 2) + np.cumsum(rng.normal(0, 8, (12, 2)), axis=0)
    radii = rng.uniform(4, 8, len(path))
    sign = int(rng.choice([1, -1]))
    points, widths = path.round(2).tolist(), radii.round(2).tolist()
    return {"client": str(uuid4()), "sign": sign, "path_px": points, "radius_px": widths, "refine": False}


def _clients_in(config: Settings) -> list[str]:
    from interaction.log import LOG
    from interaction.log.log import Log

    with Log.read(config.annotations / VIEW / LOG) as log:
        return [str(event.body["client"]) for event in log.events(blobs=False) if event.kind == "stroke"]


def _look(server: Program, config: Settings, strokes: int) -> Look:
    import psutil

    from interaction.log import LOG

    process = psutil.Process(server.process.pid)
    folder = config.annotations / VIEW
    size = sum(path.stat().st_size for path in (folder / LOG, folder / f"{LOG}-wal") if path.exists())
    memory = process.memory_info().rss / (1 << 20)
    return Look(strokes, memory, process.num_fds(), process.num_threads(), size)


def _await(true: Any) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s in vain for the server")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
