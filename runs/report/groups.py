"""Groups of runs that may be averaged: their records differ in nothing but mirror and seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from runs.provenance import NO_FIGURE, run_id_of
from runs.report.run_curves import RunCurves

FREE_TO_DIFFER = ("mirror", "seed", *NO_FIGURE)
MODELS = {"interactive": "ckpt", "base": "base_model"}  # hash of the weights: option that names them
CALIBRATION = "calibration"  # hash of what a predicted order goes by; no other order has one
DATA = "data"  # hash of a mirror's own data, so that it says nothing of another mirror's
SHORT = 8  # hexadecimal digits of a hash that is shown
NOT_RECORDED = "not recorded"

Run = TypeVar("Run", bound=RunCurves)


@dataclass(frozen=True)
class Group(Generic[Run]):
    """Runs that differ in nothing but mirror and seed.

    Parameters
    ----------
    label : short text of the settings in which it differs from the other groups
    settings : its runs' options and the hashes of their weights, by name
    data : hash of the data of each mirror, by mirror
    runs : in the order in which they came
    """

    label: str
    settings: dict[str, str]
    data: dict[str, str]
    runs: tuple[Run, ...]

    @property
    def mirrors(self) -> list[str]:
        """Its mirrors, by name."""
        return sorted(self.data)

    @property
    def seeds(self) -> list[int]:
        """The seeds of any of its mirrors, rising."""
        return sorted({run.seed for run in self.runs})

    @property
    def missing(self) -> list[str]:
        """``<MIRROR>_<seed>`` for each seed that a mirror lacks and another one has."""
        there = {(run.mirror, run.seed) for run in self.runs}
        wanted = [(mirror, seed) for mirror in self.mirrors for seed in self.seeds]
        return [f"{mirror}_{seed}" for mirror, seed in wanted if (mirror, seed) not in there]

    def shown(self, name: str) -> str:
        """Return a setting as a person reads it: a model's weights by the name it was given and a short hash."""
        if name == CALIBRATION:
            return self.settings.get(name, "-")[:SHORT]
        value = self.settings.get(name, NOT_RECORDED)
        if name not in MODELS:
            return value
        return f"{self.model(name)} ({value[:SHORT]})"

    def model(self, name: str) -> str:
        """Return the name that was given to a model, ``interactive`` or ``base``."""
        return run_id_of(str(self.runs[0].config.get(MODELS[name], name)))


def grouped(runs: Sequence[Run]) -> list[Group[Run]]:
    """Put runs together that may be averaged, in the order in which their groups appear.

    Runs of one mirror that were made from different data are in different groups, too.
    """
    members: dict[tuple[frozenset[tuple[str, str]], int], list[Run]] = defaultdict(list)
    versions: dict[tuple[frozenset[tuple[str, str]], str], list[str]] = defaultdict(list)
    for run in runs:
        settings, data = frozenset(_settings(run).items()), run.hashes.get(DATA, NOT_RECORDED)
        known = versions[settings, run.mirror]
        if data not in known:
            known.append(data)
        members[settings, known.index(data)].append(run)
    groups = [
        Group(
            label="",
            settings=_settings(group[0]),
            data={run.mirror: run.hashes.get(DATA, NOT_RECORDED) for run in group},
            runs=tuple(group),
        )
        for group in members.values()
    ]
    return [replace(group, label=label) for group, label in zip(groups, _labels(groups), strict=True)]


def differences(groups: Sequence[Group[Run]]) -> dict[str, list[str]]:
    """Return what groups differ in: by name, the value in each of them. Data are compared mirror by mirror."""
    values = {titled(name): [group.shown(name) for group in groups] for name in _differing(groups)}
    for mirror in sorted({mirror for group in groups for mirror in group.data}):
        if len({group.data[mirror] for group in groups if mirror in group.data}) > 1:
            values[f"data of {mirror}"] = [group.data.get(mirror, "-")[:SHORT] for group in groups]
    return values


def difference_text(groups: Sequence[Group[Run]]) -> str:
    """Return as text what groups differ in, as in ``annotator: longer / unsteady; mode: headline / published``."""
    return "; ".join(
        f"{name}: {' / '.join(value for value in dict.fromkeys(values) if value != '-')}"
        for name, values in differences(groups).items()
    )


def by_mirror(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Put runs of one mirror together, in the order in which mirrors appear."""
    mirrors: dict[str, list[Run]] = {}
    for run in runs:
        mirrors.setdefault(run.mirror, []).append(run)
    return mirrors


def titled(name: str) -> str:
    """Return a setting's name as a person reads it."""
    return f"{name} model" if name in MODELS else name


def _settings(run: RunCurves) -> dict[str, str]:
    """Return what has to be equal for runs to be averaged, weights first."""
    weights = {name: run.hashes[name] for name in MODELS if name in run.hashes}
    others = {name: value for name, value in sorted(run.hashes.items()) if name not in (*MODELS, DATA)}
    options = {name: str(value) for name, value in run.config.items() if name not in FREE_TO_DIFFER}
    return weights | others | options


def _differing(groups: Sequence[Group[Run]]) -> list[str]:
    """Return the names of settings that are not the same in all groups."""
    names = dict.fromkeys(name for group in groups for name in group.settings)
    return [name for name in names if len({group.settings.get(name) for group in groups}) > 1]


def _labels(groups: Sequence[Group[Run]]) -> list[str]:
    """Name each group by its values of what they differ in; a single one by its interactive model."""
    names = _differing(groups) or ["interactive"]
    labels = [", ".join(_in_a_label(group, name) for name in names if name != CALIBRATION) for group in groups]
    if len(set(labels)) < len(labels):  # models of one name, or one mirror's data
        long = [", ".join(group.shown(name) for name in names) for group in groups]
        labels = long if len(set(long)) == len(long) else [f"{label}, #{n}" for n, label in enumerate(long, 1)]
    return labels


def _in_a_label(group: Group[Run], name: str) -> str:
    if name == "interactive":
        return group.model(name)
    if name in MODELS:
        return f"on {group.model(name)}"
    value = group.settings.get(name, NOT_RECORDED)
    return value if name == "annotator" else f"{name} {value}"
