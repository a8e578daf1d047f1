"""A made-up mirror and the part of the server that its viewer asks: tiles, drawings, the page's own files."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.images.layers import LAYERS, TILED
from tests.root import ROOT

PAGE = ROOT / "annotate" / "page"
POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; frame-ancestors 'none'"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
TILE = 256
Grey = NDArray[np.uint8]
_versions = count()


def png(picture: NDArray[Any]) -> bytes:
    """Encode a picture, (H, W) grey or (H, W, 3) red, green, blue."""
    kept, data = cv2.imencode(".png", picture[..., ::-1] if picture.ndim == 3 else picture)
    assert kept
    return data.tobytes()


def base64_png(picture: NDArray[Any]) -> str:
    """Encode a picture as messages carry it."""
    return base64.b64encode(png(picture)).decode()


@dataclass
class MadeUpMirror:
    """A mirror of any size: pictures (rows, columns[, 3]) at scan size, drawings at half of it."""

    pictures: dict[str, NDArray[Any]]
    drawings: dict[str, Grey]
    name: str = "MADE_R"
    event: int = 7
    tiles_ready: bool = True
    layers: list[str] | None = None  # of tiles that it says it has; None: its pictures
    version: str = field(default_factory=lambda: f"{next(_versions)}")  # so that no browser keeps another's tiles
    asked: list[str] = field(default_factory=list)  # addresses, in the order of the requests

    @property
    def shape(self) -> tuple[int, int]:
        height, width = next(iter(self.pictures.values())).shape[:2]
        return height, width

    @cached_property
    def levels(self) -> dict[str, list[NDArray[Any]]]:
        """Of each picture, the smallest first."""
        return {name: _halved(picture) for name, picture in self.pictures.items()}

    @property
    def state(self) -> dict[str, Any]:
        height, width = next(iter(self.drawings.values())).shape
        tiled = list(self.pictures) if self.layers is None else self.layers
        return {
            "name": self.name,
            "shape": self.shape,
            "model_shape": [height, width],
            "scale": 0.5,
            "pixels_per_mm": 40.0,
            "version": self.version,
            "has_truth": "truth" in self.drawings,
            "layers": [layer.model_dump() for layer in LAYERS if layer.kind not in TILED or layer.name in tiled],
            "tiles": {"ready": self.tiles_ready, "size": TILE, "levels": len(next(iter(self.levels.values())))},
        }

    def answer(self, path: str) -> tuple[bytes, dict[str, str]]:
        """Return body and headers; raises KeyError, IndexError or ValueError where there is nothing."""
        self.asked.append(path)
        parts = path.partition("?")[0].split("/")[4:]  # behind /api/mirrors/<name>
        if parts[0] == "drawings":
            return png(self.drawings[parts[1]]), {"Content-Type": "image/png", "X-Event": str(self.event)}
        layer, level, column, row = parts[1], *map(int, parts[2:])
        tile = self.levels[layer][level][row * TILE :, column * TILE :][:TILE, :TILE]
        return png(tile), {"Content-Type": "image/png", "Cache-Control": "public, max-age=31536000"}


def _halved(picture: NDArray[Any]) -> list[NDArray[Any]]:
    levels = [picture]
    while max(levels[0].shape[:2]) > TILE:
        height, width = levels[0].shape[:2]
        size = ((width + 1) // 2, (height + 1) // 2)
        levels.insert(0, cv2.resize(levels[0], size, interpolation=cv2.INTER_AREA))
    return levels


HARNESS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Viewer</title>
<link rel="stylesheet" href="/harness.css"><div id="mirror"></div>
<script src="/page/vendor/openseadragon/openseadragon.min.js"></script>
<script type="module" src="/harness.js"></script></html>"""
STYLE = "html,body{margin:0;height:100%;background:#222} #mirror{position:fixed;inset:0}"
SCRIPT = """import { Viewer } from "/page/layers/viewer.js";
window.frame = () => new Promise(requestAnimationFrame);
window.show = async () => {
  window.viewer?.destroy();
  window.viewer = new Viewer(document.getElementById("mirror"), await (await fetch("/state")).json());
  await window.viewer.ready;
};
window.settled = async () => {
  await frame();
  await frame();
  const { osd, drawings } = window.viewer;
  const pictures = () => [...Array(osd.world.getItemCount()).keys()].map((place) => osd.world.getItemAt(place));
  const waiting = (picture) => picture.getOpacity() > 0 && !picture.getFullyLoaded();
  while (drawings.unfinished || osd.isAnimating() || pictures().some(waiting)) await frame();
  await frame();
};
window.until = async (condition) => {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${condition}`);
    await frame();
  }
};
window.canvas = (name) => document.querySelector(`[data-canvas=${name}]`);
"""


class Server:
    """Serves a page with one viewer and nothing else, of the mirror it is given."""

    def __init__(self) -> None:
        self.mirror: MadeUpMirror | None = None
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}/"
        Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, path: str) -> tuple[bytes, dict[str, str]]:
        assert self.mirror is not None
        if path.startswith("/api/"):
            return self.mirror.answer(path)
        if path.startswith("/page/"):
            file = PAGE / path.removeprefix("/page/")
            return file.read_bytes(), {"Content-Type": TYPES[file.suffix]}
        own = {
            "/": ("text/html", HARNESS),
            "/harness.css": ("text/css", STYLE),
            "/harness.js": ("text/javascript", SCRIPT),
            "/state": ("application/json", json.dumps(self.mirror.state)),
            "/favicon.ico": ("image/x-icon", ""),
        }
        kind, text = own[path]
        return text.encode(), {"Content-Type": kind}


def _handler(answer: Callable[[str], tuple[bytes, dict[str, str]]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                body, headers = answer(self.path)
                status = 200
            except (KeyError, IndexError, ValueError, OSError):
                status, body, headers = 404, b"{}", {"Content-Type": "application/json"}
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body)), "Content-Security-Policy": POLICY}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
