"""The annotation page's server on made-up mirrors, without models: in this process, or on a port of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import cv2
import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray
from starlette.testclient import TestClient

from annotate.library.image_list import ImageList
from annotate.library.model_service import ModelService
from annotate.server.app import create_app
from annotate.server.guard import Guard, ServerAddress
from annotate.server.serving import PageServer, address_of, listening
from annotate.session.annotation_session import AnnotationSession
from annotate.session.open_sessions import OpenSessions
from data.io.files import write_json
from data.line_statistics import MIRROR_LINES
from data.storage import VIEW_MANIFEST, PreparedSet, PreparedView
from tests.interaction.log.scans import grain, prepared
from user_config import Settings

SHAPE, MODEL_SHAPE = (600, 800), (300, 400)  # of a scan, and of its drawing: two rows of two places
GROOVE = (slice(300, 312), slice(100, 700))
ADDRESS = ServerAddress.of("127.0.0.1", "127.0.0.1", 8765)
DRAWN, UNDRAWN = "SYN-0001_R", "SYN-0002_R"  # one with a truth, one without
MIRROR = f"/api/mirrors/{DRAWN}"


@dataclass
class Site:
    """Made-up mirrors and where their annotations lie."""

    folder: Path

    @property
    def config(self) -> Settings:
        places = {name: self.folder / name for name in ("storage", "root", "eval", "annotations", "project")}
        return Settings(wandb_entity="", gt_rel=Path("drawings"), masks_rel=Path("masks"), **places)

    @property
    def environment(self) -> dict[str, str]:
        names = {"STORAGE": "storage", "DIR_ROOT": "root", "DIR_EVAL": "eval", "ANNOTATIONS": "annotations"}
        return {f"RETRACE_{name}": str(self.folder / place) for name, place in names.items()}

    def prepare(self, *names: str) -> None:
        truth = np.zeros(SHAPE, bool)
        truth[GROOVE] = True
        home = self.folder / "storage" / "mirrors"
        for name in names:
            view = prepared(home / name, {"depth": grain(SHAPE)}, truth=truth if name == DRAWN else None)
            mask = {"files": [{"file": "/mask.png", "sha256": "a mask"}], "parameters": {}}
            write_json(view.folder / VIEW_MANIFEST, view.manifest | {"parts": view.manifest["parts"] | {"mask": mask}})
        PreparedSet(home, "mirrors", "made up", 0.5, names, (), MIRROR_LINES).save()

    def views(self) -> list[PreparedView]:
        return PreparedSet.open(self.config.storage, "mirrors").views()

    def image_list(self) -> ImageList:
        return ImageList(self.views(), self.config.annotations)

    def open_sessions(self) -> OpenSessions:
        models = ModelService(None, None, self.config)
        return OpenSessions(
            self.image_list(), models, lambda view: AnnotationSession.open(view, self.config, models), self.config
        )


@contextmanager
def asking(app: FastAPI, server_address: ServerAddress = ADDRESS) -> Iterator[TestClient]:
    """A client of an application in this process, through its guard, which behaves as the page does."""
    with TestClient(Guard(app, server_address), base_url=server_address.url, raise_server_exceptions=False) as client:
        client.headers["Content-Type"] = "application/json"
        yield client


@contextmanager
def running(sessions: OpenSessions) -> Iterator[httpx.Client]:
    """A client of a server that listens on a port of its own, and of which event streams can be read."""
    listener = listening("127.0.0.1", 0)
    server_address, ready = address_of(listener, "127.0.0.1"), threading.Event()
    server = PageServer(create_app(sessions), server_address, ready.set)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert ready.wait(10)
        with httpx.Client(
            base_url=server_address.url, headers={"Content-Type": "application/json"}, timeout=10
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def stroke(*points: tuple[float, float], sign: int = 1, radius: float = 6.0, **fields: object) -> dict[str, object]:
    """A stroke as the page sends it."""
    path = points or ((300.0, 200.0), (300.0, 260.0))
    made = {"client": str(uuid4()), "sign": sign, "path_px": path, "radius_px": [radius] * len(path), "refine": False}
    return made | fields


def messages(response: httpx.Response) -> Iterator[dict]:
    """The messages of an event stream, as they come."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def start(client: httpx.Client | TestClient, name: str, source: str = "empty", seconds: float = 10) -> None:
    """Have a mirror started, and wait for it."""
    assert client.post(f"/api/mirrors/{name}/start", json={"source": source}).status_code == 202
    until(lambda: client.get(f"/api/mirrors/{name}").json()["started"], seconds)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something to be true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def settled(client: httpx.Client | TestClient, strokes: int) -> None:
    """Wait until the drawing has so many strokes, all answered."""
    until(lambda: (state := client.get(MIRROR).json())["strokes"] == strokes and state["waiting"] == 0)


def picture(response: httpx.Response) -> NDArray[np.uint8]:
    """The pixels that an answer carries."""
    assert response.status_code == 200, response.text
    return np.asarray(cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)
