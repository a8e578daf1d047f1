"""The list of mirrors that can be opened, with the progress of each, read from its log without opening a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from annotate.errors import AnnotateError
from annotate.library.annotation_progress import PLACES, AnnotationProgress, read_count
from annotate.messages import Mirror
from data.errors import DataError, explain, some
from data.paths import composed, entry
from data.storage import PreparedView
from interaction.log import LOG
from interaction.log.database import wal_of

TILES = "tiles"  # in a mirror's folder, beside its log

_Stamp = tuple[int, int, int]  # of a file: which it is, its size, when it was written


class UnknownMirror(AnnotateError):
    """A name that is not in the list."""


class ImageList:
    """Prepared views by name, and the folder of annotations of each; a name that is not in the list has none.

    Parameters
    ----------
    views : what can be opened
    annotations : holds a folder for each, made when something is written
    """

    def __init__(self, views: Sequence[PreparedView], annotations: Path) -> None:
        self._views = {view.name: view for view in views}
        self._annotations = annotations
        self._lock = Lock()
        self._read_before: dict[str, tuple[tuple[_Stamp | None, _Stamp | None], AnnotationProgress]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The mirrors, in their order."""
        return tuple(self._views)

    def view(self, name: str) -> PreparedView:
        """Return a mirror's scan; raises UnknownMirror."""
        try:
            return self._views[composed(name)]
        except KeyError:
            raise UnknownMirror(f"no mirror {name[:80]!r}; there are: {some(self._views)}") from None

    def renew(self, renewed: Callable[[PreparedView], PreparedView]) -> None:
        """Replace each view by what a function returns for it: they were prepared anew."""
        with self._lock:
            self._views = {name: renewed(view) for name, view in self._views.items()}
            self._read_before = {}

    def folder(self, name: str) -> Path:
        """Return the folder of a mirror's annotations; raises UnknownMirror."""
        return entry(self._annotations, self.view(name).name)

    def log_path(self, name: str) -> Path:
        """Return where a mirror's log lies, if there is one; raises UnknownMirror."""
        return self.folder(name) / LOG

    def mirrors(self) -> list[Mirror]:
        """Return the list, as the page shows it."""
        return [self._mirror(view) for view in self._views.values()]

    def _mirror(self, view: PreparedView) -> Mirror:
        problem = None
        annotation = AnnotationProgress(view)
        try:
            annotation = self._read(view.name)
        except (DataError, OSError) as error:
            problem = explain(error)
        count = annotation.count and (read_count(self.folder(view.name) / PLACES, annotation.last) or annotation.count)
        return Mirror(
            name=view.name,
            object=view.object,
            shape=view.shape,
            pixels_per_mm=view.pixels_per_mm,
            has_truth=view.has_truth,
            started=annotation.started,
            progress=count.progress if count else None,
            places=count,
            strokes=annotation.strokes,
            changed=annotation.changed,
            problem=problem,
        )

    def _read(self, name: str) -> AnnotationProgress:
        """Return what a log says; only what was added since the last time is read."""
        path = self.log_path(name)
        with self._lock:
            stamp = _stamp(path), _stamp(wal_of(path))
            known, annotation = self._read_before.get(name, ((None, None), AnnotationProgress(self.view(name))))
            if stamp == known:
                return annotation
            if known[0] is None or stamp[0] is None or stamp[0][0] != known[0][0]:
                annotation = AnnotationProgress(self.view(name))  # another file
            if stamp[0] is not None:
                annotation.read(path)
            self._read_before[name] = stamp, annotation
            return annotation


def _stamp(path: Path) -> _Stamp | None:
    """Return values that differ once a file was written. It is not opened: closing it would drop SQLite's locks."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
