"""The teacher of a simulated correction: learns online from the places that the simulated person puts right.

What was taught is a journal of lessons, with a mark wherever something was learned from them. Learning depends on
lessons and seed alone, so a learner that is given the same journal comes to the same versions: that is how a run that
was killed, and the next image of a collection, go on.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.regions import Region
from data.storage import PreparedView
from interaction.learning_places import disagreement
from interaction.prompts import prompt_from_json
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from runs.errors import RunError
from runs.predicting.channels import channels_for
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online import Lesson, OnlineLearner, Version
from runs.training.online.lessons import lesson_of
from simulation.learning import Taught

Report = Callable[[str], None]
Drawing = NDArray[np.float32]
ARRAYS = ("image", "truth", "known", "initial", "reference")  # fields of a lesson; each of the others is a JSON value
REGIONS = ("region", "shown")


@dataclass
class Journal:
    """The lessons of a learner in their order; None where it learned from those before."""

    entries: list[Lesson | None] = field(default_factory=list)

    def to_json(self) -> list[dict[str, Any] | None]:
        """Return it as JSON values, exactly."""
        return [None if lesson is None else _as_json(lesson) for lesson in self.entries]

    @classmethod
    def from_json(cls, content: Sequence[dict[str, Any] | None]) -> Journal:
        """Return the journal that ``to_json`` wrote; raises LookupError, TypeError or ValueError if it is damaged."""
        return cls([None if fields is None else _lesson(fields) for fields in content])


class CollectionTeacher:
    """Teaches the models of one person's images, one after the other.

    Parameters
    ----------
    base, interactive : the models that are taught
    seed : what chance depends on
    journal : of images before; the learner is taught it first
    """

    def __init__(
        self, base: LoadedBase, interactive: LoadedInteractive, *, seed: int, journal: Journal | None = None
    ) -> None:
        self._base = base
        self.learner = OnlineLearner(base, interactive, seed=seed)
        self.journal = Journal()
        for entry in journal.entries if journal else ():
            self.take(entry)

    def take(self, entry: Lesson | None) -> None:
        """Take an entry of a journal: a lesson, or None: learn from those before."""
        if entry is None:
            self.learner.learn()
        else:
            self.learner.add(entry)
        self.journal.entries.append(entry)

    def lesson(
        self, session: RefinementSession, view: PreparedView, region: Region, reference: Drawing | None = None
    ) -> Lesson:
        """Read a lesson from a place that was put right in the session of a view; parameters as of ``lesson_of``."""
        channels = channels_for(self._base.trained.task, view)
        return lesson_of(session, view.name, region, channels=channels, reference=reference)

    def of_next_image(self) -> Version:
        """Return the version that an image begins with of which nothing is known yet."""
        return self.learner.in_use()

    def taught_on(
        self,
        view: PreparedView,
        report: Report,
        *,
        batch: int = 1,
        disagreeing: bool = False,
        reference: Drawing | None = None,
    ) -> ImageTeacher:
        """Return the teacher of an image that was begun with ``reference`` or, where there is none, with the drawing of
        the version that ``of_next_image`` returns.
        """
        version = self.of_next_image()
        return ImageTeacher(self, view, report, version, batch, disagreeing=disagreeing, reference=reference)

    def refiner(self, version: Version, view: PreparedView, report: Report, batch: int = 1) -> NetworkRefiner:
        """Return what answers prompts on a view with a version's weights."""
        interactive = self.learner.interactive(version)
        assert interactive is not None
        return interactive.refiner(view.scale, report, batch=batch)


class ImageTeacher:
    """Teaches on one image; see ``simulation.learning.Teacher``.

    Parameters
    ----------
    collection : of which it is an image
    view : the image
    report : as for ``LoadedModel.predictor``
    version : what drew the drawing that the session begins with, and answers its first prompts
    batch : prompts that are answered at once
    disagreeing : whether all versions draw the image after each learning, to see what they disagree on
    reference : (H, W) float32, the drawing that the session begins with where no version drew it, see ``Lesson``
    """

    def __init__(
        self,
        collection: CollectionTeacher,
        view: PreparedView,
        report: Report,
        version: Version,
        batch: int,
        *,
        disagreeing: bool = False,
        reference: Drawing | None = None,
    ) -> None:
        self._collection, self._view, self._report, self._batch = collection, view, report, batch
        self._version, self._disagreeing, self._reference = version, disagreeing, reference
        self._before = len(collection.journal.entries)

    def finished(self, session: RefinementSession, region: Region) -> None:
        """See ``Teacher``."""
        self._take(self._collection.lesson(session, self._view, region, self._reference))

    def learn(self) -> Taught | None:
        """See ``Teacher``: the version in use, which may be the shipped one again."""
        before = self._version
        self._take(None)
        version, unsettled = self._version, self._disagreement()
        if version.sha256 == before.sha256:
            return None if unsettled is None else Taught(version.sha256, disagreement=unsettled)
        drawing = None
        if version.base_sha256 != before.base_sha256:
            drawing = self._drawing(version) if version.base or self._reference is None else self._reference
        return Taught(version.sha256, drawing, self._refiner(version), unsettled)

    def state(self) -> dict[str, Any]:
        """See ``Teacher``: what was taught on this image."""
        lessons = Journal(self._collection.journal.entries[self._before :])
        return {"journal": lessons.to_json(), "version": self._version.sha256}

    def restore(self, state: dict[str, Any]) -> Taught | None:
        """See ``Teacher``; what was learned on this image is learned again. Raises RunError if it is something else."""
        entries = Journal.from_json(state["journal"]).entries
        for entry in entries:
            self._take(entry)
        if self._version.sha256 != state["version"]:
            raise RunError(
                "what was learned comes out otherwise than it did before; remove the run, and it begins again"
            )
        unsettled = self._disagreement() if None in entries else None  # nobody had asked before something was learned
        return Taught(self._version.sha256, None, self._refiner(self._version), unsettled)

    def _take(self, entry: Lesson | None) -> None:
        """Take an entry of a journal; the version changes where something is learned, and nowhere else."""
        self._collection.take(entry)
        if entry is None:
            self._version = self._collection.learner.in_use(self._view.name)

    def _drawing(self, version: Version) -> Drawing:
        return self._collection.learner.base(version).drawing(self._view, self._report)

    def _disagreement(self) -> Drawing | None:
        """Return what versions of the base model disagree on; None before there are several, or if nobody asks."""
        if not self._disagreeing:
            return None
        versions = {version.base_sha256: version for version in self._collection.learner.versions}
        if len(versions) < 2:
            return None
        return disagreement([self._drawing(version) for version in versions.values()])

    def _refiner(self, version: Version) -> NetworkRefiner:
        return self._collection.refiner(version, self._view, self._report, self._batch)


def _as_json(lesson: Lesson) -> dict[str, Any]:
    values = {each.name: getattr(lesson, each.name) for each in fields(lesson)}
    arrays = {name: values.pop(name) for name in ARRAYS if values[name] is not None}
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    values |= {name: values[name].to_json() for name in REGIONS}
    values["prompts"] = [prompt.to_json() for prompt in lesson.prompts]
    values = {name: value for name, value in values.items() if name not in ARRAYS}
    return values | {"arrays": base64.b64encode(packed.getvalue()).decode()}


def _lesson(content: dict[str, Any]) -> Lesson:
    values = dict(content)
    with np.load(io.BytesIO(base64.b64decode(values.pop("arrays"))), allow_pickle=False) as arrays:
        values |= {name: arrays[name] for name in arrays.files}
    values |= {name: Region(*values[name]) for name in REGIONS}
    values["prompts"] = tuple(prompt_from_json(one) for one in values["prompts"])
    return Lesson(**values)


def journal_text(journal: Journal) -> str:
    """Return a journal as text, for a file."""
    return json.dumps(journal.to_json())
