"""The state that all requests share: the list of mirrors, the models, the jobs, and the open sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from annotate.errors import AnnotateError
from annotate.images.pyramid import Pyramid
from annotate.library.image_list import TILES, ImageList
from annotate.library.jobs import Jobs, Progress
from annotate.library.model_service import ModelService
from annotate.library.shown_lines import OtherShowing, renewed_view
from annotate.messages import Source
from annotate.session.annotation_session import AnnotationSession
from annotate.session.sources import EMPTY
from annotate.session.teaching import Teaching
from data.storage import PreparedView
from interaction.log.database import MAY_NOT
from user_config import Settings

PREPARED_ANEW = "the images are being prepared anew, with lines shown otherwise; wait for that"
MOST_OPEN = 4  # mirrors; at full size each takes some 150 MB


class OpenSessions:
    """Opens mirrors on request; when too many are open, closes some that nobody uses.

    Every method may block, and is for any thread but the event loop's.

    Parameters
    ----------
    image_list : what can be opened
    models : what draws and answers
    open_session : opens one mirror
    config : where sets lie that may have to be prepared anew
    """

    def __init__(
        self,
        image_list: ImageList,
        models: ModelService,
        open_session: Callable[[PreparedView], AnnotationSession],
        config: Settings,
    ) -> None:
        self.image_list, self.models, self.jobs = image_list, models, Jobs()
        self._config = config
        self._pyramids = self._described_pyramids()
        self._open_session = open_session
        self._opening = Lock()  # held while a mirror is opened or closed, which may take seconds
        self._lock = Lock()  # of what follows, held for no time
        self._sessions: dict[str, AnnotationSession] = {}  # the one used last comes last
        self._users: Counter[str] = Counter()
        self._refuses: str | None = None  # why no mirror can be opened now
        self._aside: TemporaryDirectory[str] | None = None  # for tiles that cannot be kept
        self.jobs.follow(None, "model", self._await_models)

    def pyramid(self, name: str) -> Pyramid:
        """Return the tiles of a mirror; raises UnknownMirror."""
        return self._pyramids[self.image_list.view(name).name]

    @contextmanager
    def session(self, name: str) -> Iterator[AnnotationSession]:
        """Use the session of a mirror, opened if need be; it stays open as long as anybody uses it.

        Raises
        ------
        AnnotateError
            If there is no such mirror, it cannot be opened, or the server ends.
        """
        self.image_list.view(name)  # refused if there is none
        session = self._taken(name)
        if session is None:
            with self._opening:
                session = self._taken(name) or self._opened(self.image_list.view(name))
        session.recover()
        try:
            yield session
        finally:
            with self._lock:
                self._users[name] -= 1

    def preview(self, name: str) -> None:
        """Have drawn what a mirror can be begun from, in the background."""

        def work(progress: Progress) -> None:
            with self.session(name) as session:
                if not session.started:
                    session.beginnings.draw(progress)

        self.jobs.submit(name, "previews", work)

    def start(self, name: str, source: Source) -> None:
        """Have the initial drawing made, in the background."""
        with self.session(name) as session:
            session.beginnings.leave_to(source)

        def work(progress: Progress) -> None:
            with self.session(name) as session:
                session.start(source, progress)

        self.jobs.submit(name, "start", work)

    def teach(self, name: str, work: Callable[[Teaching, Progress], None]) -> None:
        """Have the models learn from a mirror, draw it anew, or forget, in the background.

        Raises
        ------
        AnnotateError
            If they are at it already.
        """

        def job(progress: Progress) -> None:
            with self.session(name) as session:
                work(session.teaching, progress)

        if not self.jobs.submit(name, "learn", job):
            raise AnnotateError(f"{name} is being learned from; wait for that")

    def show_lines(self, name: str, line_width: float | None, polarity: str | None) -> None:
        """Have all images of a mirror's set prepared anew, in the background, so that lines are shown otherwise.

        Raises
        ------
        AnnotateError
            If somebody has drawn on one of them, or they are being prepared already.
        """
        other = OtherShowing(self._config, self.image_list.view(name).dataset, line_width, polarity)
        other.require_possible()
        with self._lock:
            opened = list(self._sessions.values())
        for session in opened:
            session.beginnings.leave_to(EMPTY)  # what is being drawn to choose from is of no use any more
        if not self.jobs.submit(None, "showing", partial(self._show_lines, other)):
            raise AnnotateError(PREPARED_ANEW)

    def make_tiles(self, name: str) -> None:
        """Have the image pyramid made, in the background."""
        self.jobs.submit(name, "tiles", partial(self._make_tiles, name))

    def close(self) -> None:
        """Stop the jobs and close all mirrors; what is not answered yet is on disk, and answered next time."""
        self.jobs.close()
        self._close_all("the server is ending; start it again")
        if self._aside:
            self._aside.cleanup()

    def _close_all(self, refuses: str) -> None:
        """Close all mirrors, and open none as long as that is refused."""
        with self._opening, self._lock:
            self._refuses = refuses
            sessions = list(self._sessions.values())
            self._sessions.clear()
        for session in sessions:
            session.close()

    def _show_lines(self, other: OtherShowing, progress: Progress) -> None:
        """Prepare a set anew; pages that show one of its mirrors subscribe anew at the end, and see that it changed."""
        other.require_possible()
        self._close_all(PREPARED_ANEW)
        try:
            other.prepare(progress)
        finally:
            self.image_list.renew(renewed_view)
            self._pyramids = self._described_pyramids()
            with self._lock:
                self._refuses = None if self._refuses == PREPARED_ANEW else self._refuses  # the server may be ending

    def _described_pyramids(self) -> dict[str, Pyramid]:
        names = self.image_list.names
        return {name: Pyramid(self.image_list.view(name), self.image_list.folder(name) / TILES) for name in names}

    def _make_tiles(self, name: str, progress: Progress) -> None:
        """Make the tiles of a mirror; aside, until the server ends, where the annotations cannot be written."""
        try:
            self._pyramids[name].make(progress)
        except OSError as error:
            if error.errno not in MAY_NOT:
                raise
            with self._lock:
                self._aside = self._aside or TemporaryDirectory()
            self._pyramids[name] = Pyramid(self.image_list.view(name), Path(self._aside.name) / name)
            self._pyramids[name].make(progress)

    def _taken(self, name: str) -> AnnotationSession | None:
        """Count one more user of a mirror that is open; one in trouble has to be opened anew once nobody uses it."""
        with self._lock:
            if self._refuses:
                raise AnnotateError(self._refuses)
            session = self._sessions.get(name)
            if session is None or (session.in_trouble and not self._users[name]):
                return None
            self._sessions[name] = self._sessions.pop(name)
            self._users[name] += 1
            return session

    def _opened(self, view: PreparedView) -> AnnotationSession:
        while (idle := self._idle(view.name)) is not None:
            idle.close()
        session = self._open_session(view)
        with self._lock:
            self._sessions[view.name] = session
            self._users[view.name] += 1
        return session

    def _idle(self, wanted: str) -> AnnotationSession | None:
        """Take out what has to be closed: the wanted mirror in trouble, or of too many the one unused for longest."""
        with self._lock:
            if wanted in self._sessions:
                return self._sessions.pop(wanted)
            if len(self._sessions) < MOST_OPEN:
                return None
            name = next((name for name in self._sessions if not self._users[name]), None)
            return None if name is None else self._sessions.pop(name)

    def _await_models(self, progress: Progress) -> None:
        self.models.wait()
        if self.models.problem is not None:
            raise AnnotateError(self.models.problem)
