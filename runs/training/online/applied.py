"""Models with the weights of versions, ready to draw or to answer; and versions of both networks, made of two."""

from __future__ import annotations

from typing import TypeVar

from models.versions import BASE, INTERACTIVE, Version
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive, LoadedModel

KEPT = 2  # of each network: the version in use, and the one that a preview shows
Model = TypeVar("Model", bound=LoadedModel)


class Applied:
    """The models of versions; the last ones are kept, since backends take a moment to load new weights.

    Parameters
    ----------
    base, interactive : as they were shipped
    """

    def __init__(self, base: LoadedBase, interactive: LoadedInteractive | None) -> None:
        self._shipped, self._shipped_interactive = base, interactive
        self._base: dict[str, LoadedBase] = {}  # by the hash of its difference
        self._interactive: dict[str, LoadedInteractive] = {}
        self._together: dict[tuple[str, str], Version] = {}  # by the hashes of the two

    def base(self, version: Version) -> LoadedBase:
        """Return the base model with the weights of a version."""
        if not version.base:
            return self._shipped
        return _kept(self._base, version, BASE, version.base_sha256, self._shipped)

    def interactive(self, version: Version) -> LoadedInteractive | None:
        """Return the interactive model with the weights of a version; None if there is none."""
        if self._shipped_interactive is None or not version.interactive:
            return self._shipped_interactive
        return _kept(self._interactive, version, INTERACTIVE, version.interactive_sha256, self._shipped_interactive)

    def together(self, base: Version, interactive: Version) -> Version:
        """Return the version of both networks that two versions of one each make."""
        key = base.sha256, interactive.sha256
        if key not in self._together:
            candidate = f"{base.candidate}+{interactive.candidate}"
            lessons = tuple(sorted({*base.lessons, *interactive.lessons}))
            self._together = {key: Version(base.parent, candidate, base.base, interactive.interactive, lessons)}
        return self._together[key]


def _kept(models: dict[str, Model], version: Version, kind: str, sha256: str, shipped: Model) -> Model:
    """Return a model from those that are kept; it is loaded, and the oldest goes, if it is not among them."""
    if sha256 not in models:
        models[sha256] = type(shipped)(version.applied(shipped.trained, kind), shipped.device, shipped.backend, shipped)
        while len(models) > KEPT:
            del models[next(iter(models))]
    return models[sha256]
