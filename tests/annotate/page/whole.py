"""The whole of the annotation page: made-up mirrors, the models that come with the program, its server, a browser."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from annotate.images.pyramid import Pyramid
from annotate.library.image_list import TILES, ImageList
from annotate.library.model_service import ModelService
from annotate.session.annotation_session import AnnotationSession
from annotate.session.open_sessions import OpenSessions
from bench.page.tab import Tab
from data.ingest import prepare_set
from data.storage import PreparedSet, PreparedView
from data.synthetic.files import write_mirrors
from interaction.log.log import Event, Log
from interaction.prompts.strokes import ADD, Stroke
from simulation.strokes import Brush, trace_false_negative, trace_false_positive
from tests.annotate.serving import running
from user_config import Settings

BASE, INTERACTIVE = "small-base", "small-interactive"  # come with the program
SIDE, SEED = 768, 3  # of the made-up scans; 384 model pixels, four places
BEGUN, UNTOUCHED = "SYN-0001_R", "SYN-0002_R"
CHANNELS = ("depth", "normals", "albedo")
WINDOW: ViewportSize = {"width": 1280, "height": 720}
LINE = 127  # of 255, above which a pixel is line
PEN = Brush(length=30)  # model pixels of line that a stroke follows
Grey = NDArray[np.uint8]
Lines = NDArray[np.bool_]


@dataclass(frozen=True)
class Made:
    """Two prepared mirrors, models that are loaded, and the annotations of one mirror that was begun."""

    config: Settings
    models: ModelService

    @classmethod
    def into(cls, folder: Path) -> Made:
        places = {name: folder / name for name in ("storage", "root", "eval", "annotations", "project")}
        config = Settings(wandb_entity="", gt_rel=Path("drawings"), masks_rel=Path("masks"), **places)
        models = ModelService(BASE, INTERACTIVE, config, "cpu")  # loads while the mirrors are made
        write_mirrors(config.root, 2, SIDE, SIDE, SEED)
        prepare(config)
        assert models.wait(300)
        assert models.problem is None
        view = PreparedSet.open(config.storage, "mirrors").view(BEGUN)
        with closing(AnnotationSession.open(view, config, models)) as session:
            session.start("model")
            session.wait()
        Pyramid(view, config.annotations / BEGUN / TILES).make(lambda share: None)
        return cls(config, models)

    @property
    def views(self) -> list[PreparedView]:
        return PreparedSet.open(self.config.storage, "mirrors").views()


def prepare(config: Settings) -> None:
    """Prepare what lies below a root, as ``python -m data.setup`` does."""
    with redirect_stdout(io.StringIO()):
        skipped = prepare_set(config, "mirrors", config.root, channels=CHANNELS, test=(), test_last=None, dpi=None)
    assert not skipped, skipped


@dataclass
class Site:
    """A server with annotations of its own, and the tabs in which it is looked at; nothing may go wrong in those."""

    browser: Browser
    config: Settings
    views: list[PreparedView]
    address: str = ""
    sessions: OpenSessions | None = None
    problems: list[str] = field(default_factory=list)  # what browsers complained about
    expected: str = "$."  # what they may complain about, as a regular expression
    contexts: list[BrowserContext] = field(default_factory=list)

    @contextmanager
    def serving(self, models: ModelService) -> Iterator[None]:
        sessions = OpenSessions(
            ImageList(self.views, self.config.annotations),
            models,
            lambda view: AnnotationSession.open(view, self.config, models),
            self.config,
        )
        with running(sessions) as client:
            self.sessions, self.address = sessions, str(client.base_url).rstrip("/")
            try:
                yield
            finally:
                self.leave()

    def tab(self, beside: Tab | None = None, **options: Any) -> Tab:
        """Open a tab; beside another one, or in a window that nothing is kept of yet."""
        context = beside.page.context if beside else self._context(**options)
        return Tab(context.new_page(), self.address)

    def leave(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()

    def view(self, name: str = BEGUN) -> PreparedView:
        return next(view for view in self.views if view.name == name)

    def log_path(self, name: str = BEGUN) -> Path:
        return self.config.annotations / name / "log.sqlite"

    def events(self, *kinds: str, name: str = BEGUN) -> list[Event]:
        """What the log holds at this moment, of some kinds."""
        with closing(Log.read(self.log_path(name))) as log:
            return [event for event in log.events(blobs=False) if event.kind in kinds]

    def drawing(self, which: str = "current", name: str = BEGUN) -> Grey:
        """The server's drawing, (H, W) at model scale."""
        answer = httpx.get(f"{self.address}/api/mirrors/{name}/drawings/{which}").raise_for_status()
        return decoded(answer.content).astype(np.uint8)

    def mistake(self, sign: int, seed: int = 0) -> Stroke:
        """A user's stroke that corrects the drawing: along a false negative or a false positive."""
        truth, rng = np.array(self.view().truth), np.random.default_rng(seed)
        lines = self.drawing() > LINE
        found = (trace_false_negative if sign == ADD else trace_false_positive)(lines, truth, rng, PEN)
        assert found is not None
        return found

    def _context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(**{"viewport": WINDOW, "reduced_motion": "reduce", **options})
        context.set_default_timeout(60_000)
        self.contexts.append(context)
        context.on(
            "console",
            lambda message: self._note(
                f"{message.text} ({message.location['url']})", message.type in ("error", "warning")
            ),
        )
        context.on("weberror", lambda error: self._note(str(error.error), True))
        own = (self.address, "data:", f"blob:{self.address}")
        context.on("request", lambda request: self._note(f"asked {request.url}", not request.url.startswith(own)))
        return context

    def _note(self, text: str, wrong: bool) -> None:
        if wrong and not re.search(self.expected, text):
            self.problems.append(text)


@contextmanager
def site_of(made: Made, browser: Browser, folder: Path) -> Iterator[Site]:
    """A site at which nobody has drawn yet; it serves nobody either."""
    shutil.copytree(made.config.annotations, folder)
    site = Site(browser, replace(made.config, annotations=folder), made.views)
    yield site
    site.leave()
    assert not site.problems, site.problems


def decoded(data: bytes, how: int = cv2.IMREAD_UNCHANGED) -> NDArray[Any]:
    """The pixels of a PNG."""
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), how))
