"""The jobs of the benchmark: initial drawings, yardsticks, trainings, and a run of each domain, method and seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.domains.correcting import Drawing, Outcome, Person, Scene
from bench.domains.learning import OnlineRun
from bench.domains.methods import FOREST, FOREST_OURS, OTSU, THRESHOLD, Trained, places_of, trained
from bench.domains.records import YARDSTICKS, Place, Yardsticks, all_there, record_of, write_record
from bench.domains.rivals import Forest, ForestRival, Rival, RivalLoop, Threshold, seen_by_forest
from bench.domains.sets import Domain
from bench.domains.training import Budget, Names, train_models
from data.io.files import write_json, write_whole
from data.paths import entry
from data.regions import whole
from data.storage import PreparedView
from interaction.merging import merge_named
from models.classical import CLASSICAL
from runs.errors import RunError
from runs.jobs import Job, Reporter
from runs.predicting.channels import channels_for
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive, load_base, load_interactive
from user_config import Settings


@dataclass(frozen=True)
class Plan:
    """What all jobs of a benchmark share.

    Parameters
    ----------
    folder : gets everything
    models : the shipped ones
    person : who corrects
    budget : of trainings
    backend : a name in ``models.backends.BACKENDS``
    config : where other things lie
    """

    folder: Path
    models: Names
    person: Person
    budget: Budget
    backend: str
    config: Settings

    def work(self, domain: Domain) -> Path:
        """Return the folder of what is made of a domain on the way."""
        return entry(self.folder / "work", domain.name)

    def initial(self, domain: Domain, view: str) -> Path:
        """Return the file of the shipped base model's drawing of an image."""
        return self.work(domain) / "initial" / f"{view}.npy"

    def models_of(self, domain: Domain, method: str) -> Path:
        """Return the file that names the models that were trained for a method."""
        return self.work(domain) / method / "models.json"

    def place(self, domain: Domain, method: str, seed: int) -> Place:
        """Return where a run lies."""
        return Place(self.folder, domain.name, method, seed)


def jobs_of(plan: Plan, domain: Domain, methods: tuple[str, ...], seeds: int) -> list[Job]:
    """Return the jobs of a domain, each after those that it needs."""
    initial = f"{domain.name}: initial drawings"
    jobs = [Job(initial, draw_initials, (plan, domain))]
    runs = []
    for method in methods:
        if trained(method):
            name = f"{domain.name}: training of {method}"
            jobs.append(Job(name, train, (plan, domain, method)))
    for seed in range(seeds):
        yardsticks = f"{domain.name}: yardsticks, seed {seed}"
        jobs.append(Job(yardsticks, measure, (plan, domain, seed), needs=(initial,)))
        for method in methods:
            if method == FOREST_OURS:  # a part of the run of ``online``
                continue
            how = trained(method)
            if how and how.images >= len(domain.views):
                continue  # nothing is left to try it on
            needs = (yardsticks, f"{domain.name}: training of {method}") if how else (yardsticks,)
            title = f"{domain.name}: {method}, seed {seed}"
            runs.append(Job(title, run, (plan, domain, method, seed, FOREST_OURS in methods), needs=needs))
    return [*_needed(jobs, runs), *runs]


def _needed(jobs: list[Job], runs: list[Job]) -> list[Job]:
    """Leave out trainings that no run needs."""
    needed = {need for one in runs for need in one.needs}
    return [job for job in jobs if job.work is not train or job.name in needed]


@lru_cache(maxsize=4)
def base_of(name: str, project: Path, backend: str) -> LoadedBase:
    """Load a base model, or return the one that this process loaded lately."""
    return load_base(name, project, "cpu", backend)


@lru_cache(maxsize=4)
def interactive_of(name: str, project: Path, backend: str) -> LoadedInteractive:
    """Load an interactive model, or return the one that this process loaded lately."""
    return load_interactive(name, project, "cpu", backend)


def draw_initials(plan: Plan, domain: Domain, report: Reporter) -> Path:
    """Let the shipped base model draw all images of a domain; return the folder."""
    for view in domain.views:
        path = plan.initial(domain, view)
        if not path.exists():
            scene = Scene(domain, view, plan.person, 0)
            drawing = base_of(plan.models.base, plan.config.project, plan.backend).drawing(scene.view, report)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, partial(np.save, arr=drawing))
    return plan.initial(domain, "").parent


def measure(plan: Plan, domain: Domain, seed: int, report: Reporter) -> Path:
    """Correct a domain's images by hand and with perfect answers; return the folder of the outcomes."""
    place = plan.place(domain, YARDSTICKS, seed)
    place.home.mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(domain.views):
        report.share(number / len(domain.views))
        path = place.record(view)
        if not path.exists():
            scene, initial = Scene(domain, view, plan.person, seed), np.load(plan.initial(domain, view))
            manual = scene.manual(initial)
            Yardsticks(scene.scores(initial), manual, scene.ceiling(initial, manual.effort[-1])).write(path)
    return place.home


def train(plan: Plan, domain: Domain, method: str, report: Reporter) -> Path:
    """Train the models of a method; return the file that names them."""
    how, path = trained(method), plan.models_of(domain, method)
    assert how is not None
    if not path.exists():
        made = train_models(domain, how, plan.models, plan.budget, path.parent, plan.config, report)
        write_json(path, {"base": made.base, "interactive": made.interactive})
    return path


def run(plan: Plan, domain: Domain, method: str, seed: int, with_forest: bool, report: Reporter) -> Path:
    """Correct a domain's images by a method, one after the other; return the folder of the records."""
    place = plan.place(domain, method, seed)
    forest = plan.place(domain, FOREST_OURS, seed)
    places = places_of(method)
    if places is not None:
        with_forest = with_forest and method == "online"
        if not (all_there(place, domain.views) and (not with_forest or all_there(forest, domain.views))):
            _run_online(plan, domain, place, forest if with_forest else None, places, report)
        return place.home
    how = trained(method)
    first = how.images if how else 0
    begin = _begin_trained(plan, domain, how, method) if how else partial(_begin, method=method)
    for position, view in enumerate(domain.views[first:], first + 1):
        report.share((position - 1 - first) / len(domain.views[first:]))
        if place.record(view).exists():
            continue
        scene, yardsticks = Scene(domain, view, plan.person, seed), _yardsticks(plan, domain, view, seed)
        shipped, effort = np.load(plan.initial(domain, view)), yardsticks.manual.effort[-1]
        drawn, outcome = begin(plan=plan, scene=scene, shipped=shipped, effort=effort, report=report)
        record = record_of(place, view, position, scene.scores(drawn), yardsticks, outcome)
        write_record(place, record, outcome)
        scores = f"pFM {100 * outcome.scores['pfm']:.1f}" if outcome else "its initial drawing alone"
        report(f"{domain.name}, {method}, seed {seed}, {view}: {scores}")
    return place.home


def _yardsticks(plan: Plan, domain: Domain, view: str, seed: int) -> Yardsticks:
    return Yardsticks.read(plan.place(domain, YARDSTICKS, seed).record(view))


def _run_online(plan: Plan, domain: Domain, place: Place, forest: Place | None, places: str, report: Reporter) -> None:
    base = base_of(plan.models.base, plan.config.project, plan.backend)
    interactive = interactive_of(plan.models.interactive, plan.config.project, plan.backend)
    work = plan.work(domain) / place.method / f"seed-{place.seed}"
    online = OnlineRun(base, interactive, places, place.seed, work, report)
    there = [one for one in (place, forest) if one]
    done = online.resume(
        domain.views, [view for view in domain.views if all(one.record(view).exists() for one in there)]
    )
    for position, view in enumerate(domain.views[done:], done + 1):
        report.share((position - 1) / len(domain.views))
        scene, yardsticks = Scene(domain, view, plan.person, place.seed), _yardsticks(plan, domain, view, place.seed)
        shipped, effort = np.load(plan.initial(domain, view)), yardsticks.manual.effort[-1]
        found = online.image(scene, shipped, effort, with_forest=forest is not None)
        scores = scene.scores(found.initial)
        for one, outcome in ((place, found.outcome), (forest, found.forest)):
            if one and outcome:
                write_record(one, record_of(one, view, position, scores, yardsticks, outcome), outcome)
        report(f"{domain.name}, {place.method}, seed {place.seed}, {view}: pFM {100 * found.outcome.scores['pfm']:.1f}")


Begun = tuple[Drawing, Outcome | None]


def _begin(*, plan: Plan, scene: Scene, shipped: Drawing, effort: int, report: Reporter, method: str) -> Begun:
    """Correct an image with the models as they come, or with a rival."""
    if method == OTSU:
        return otsu(scene.view), None
    if method in (THRESHOLD, FOREST):
        rival: Rival = Threshold(shipped)
        if method == FOREST:
            rival = ForestRival(Forest(seen_by_forest(scene.view), scene.valid, scene.seed))
        loop = RivalLoop(
            scene.session(shipped), scene.view.truth, scene.view.mask, scene.user, rival=rival, **scene.shared
        )
        return shipped, scene.corrected(loop, effort=effort)
    return shipped, _refined(plan, scene, shipped, effort, plan.models, report)


def _begin_trained(plan: Plan, domain: Domain, how: Trained, method: str) -> Callable[..., Begun]:
    path = plan.models_of(domain, method)
    try:
        models = Names(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path}: missing or damaged; remove it, and the models are trained again") from error

    def begin(*, plan: Plan, scene: Scene, shipped: Drawing, effort: int, report: Reporter) -> Begun:
        initial = base_of(models.base, plan.config.project, plan.backend).drawing(scene.view, report)
        return initial, _refined(plan, scene, initial, effort, models, report)

    return begin


def _refined(plan: Plan, scene: Scene, initial: Drawing, effort: int, models: Names, report: Reporter) -> Outcome:
    """Correct an image with an interactive model, from an initial drawing, for so much effort."""
    interactive = interactive_of(models.interactive, plan.config.project, plan.backend)
    refiner = interactive.refiner(scene.view.scale, report, batch=max(1, scene.user.previews))
    channels = channels_for(interactive.trained.task, scene.view)
    merge = merge_named(interactive.trained.task.merge)
    return scene.corrected(scene.loop(scene.session(initial, refiner, channels, merge)), effort=effort)


def otsu(view: PreparedView) -> Drawing:
    """Return Otsu's binarization of a photograph's own channel, or of a mirror's depth."""
    showing = view.showing
    channel: Any = showing.channel if showing else "depth"
    (image,) = view.read(whole(view.model_shape), [channel], view.scale)
    bright = showing is not None and showing.polarity < 0
    drawn = CLASSICAL["otsu"](1 - image if bright else image, np.asarray(view.mask))
    return drawn.astype(np.float32)
