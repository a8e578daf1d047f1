"""The command; see the package."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.domains.methods import FINETUNED, HELP, USUAL, chosen, trained
from data.options import ModelName, UserPath
from runs.options import ANNOTATORS, AT_LEAST_ONE, SHIPPED
from user_config import settings

if TYPE_CHECKING:
    from bench.domains.sets import Domain, Limits
    from bench.domains.work import Plan
    from user_config import Settings


def methods_of(context: click.Context, param: click.Parameter, text: str) -> tuple[str, ...]:
    """Read ``--methods``."""
    try:
        return chosen(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def sets_of(context: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> dict[str, Path]:
    """Read ``--set``."""
    found: dict[str, Path] = {}
    for text in texts:
        name, given, folder = text.partition("=")
        if not (name and given and folder) or "/" in name:
            raise click.BadParameter(f"{text!r} is not NAME=DIR")
        if name in found:
            raise click.BadParameter(f"two domains are called {name}")
        found[name] = Path(UserPath(exists=True, file_okay=False).convert(folder, param, context))
    return found


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False))
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=DIR",
    callback=sets_of,
    help="A folder of images/ and masks/ as a domain. Repeatable.",
)
@click.option("--style", "styles", multiple=True, help="Made-up mirrors in a style that no training saw. Repeatable.")
@click.option(
    "--real",
    type=UserPath(exists=True, file_okay=False),
    help="A folder with any of lines/documents, lines/cracks-deepcrack, lines/vessels-chase, lines/roads, cracks and "
    "etruscan.",
)
@click.option("--methods", default=",".join(USUAL), callback=methods_of, help=HELP)
@click.option("--images", default=4, type=AT_LEAST_ONE, help="Images of a domain, at most, evenly spread.")
@click.option("--seeds", default=3, type=AT_LEAST_ONE, help="Of the simulated person, 0 to N-1.")
@click.option("--strokes", default=300, type=AT_LEAST_ONE, help="By hand, at most; others draw as many pixels.")
@click.option(
    "--side",
    default=512,
    type=click.IntRange(min=128),
    help="Larger photographs are cropped to this, where most line is.",
)
@click.option("--patch", default=96, type=click.IntRange(min=32), help="Side of the places that are put right.")
@click.option("--annotator", default="longer+rim", help=f"The simulated person: {ANNOTATORS}.")
@click.option("--crops", default=1200, type=AT_LEAST_ONE, help="That a base model learns from in a training.")
@click.option("--interactive_crops", default=1200, type=AT_LEAST_ONE, help="That an interactive model learns from.")
@click.option("--base_model", type=ModelName(), default=SHIPPED["base_model"], metavar="MODEL", help="As for eval.")
@click.option("--ckpt", type=ModelName(), default=SHIPPED["ckpt"], metavar="MODEL", help="As for eval.")
@click.option("--backend", type=click.Choice(["auto", "torch", "openvino"]), default="auto", help="As for eval.")
@click.option("--workers", type=AT_LEAST_ONE, show_default="one a core", help="Processes that share the runs.")
def main(
    folder: Path,
    sets: dict[str, Path],
    styles: tuple[str, ...],
    real: Path | None,
    methods: tuple[str, ...],
    images: int,
    seeds: int,
    strokes: int,
    side: int,
    patch: int,
    annotator: str,
    crops: int,
    interactive_crops: int,
    base_model: str,
    ckpt: str,
    backend: str,
    workers: int | None,
) -> None:
    """Correct images of domains that no model has learned, one after the other, by several methods.

    Writes domains.json as runs end, and table.md and curve.png at the end, into FOLDER. A benchmark that was killed
    goes on; methods, domains and seeds may be added to one.
    """
    import torch

    from bench.domains.correcting import Person
    from bench.domains.sets import MIRRORS_BESIDE, Limits
    from bench.domains.training import Budget, Names
    from bench.domains.work import Plan
    from data.synthetic.styles import STYLES
    from models.backends import chosen_backend
    from runs.commands import one_message
    from simulation.annotators import chosen_annotators

    if not (sets or styles or real):
        raise click.UsageError("give --set NAME=DIR, --style NAME or --real FOLDER")
    if unknown := [style for style in styles if style not in STYLES]:
        raise click.UsageError(f"--style {unknown[0]}: there are {', '.join(STYLES)}")
    config = settings()
    with one_message():
        (person,) = chosen_annotators([annotator])
        backend = chosen_backend(backend, torch.device("cpu"), click.echo)
        plan = Plan(
            folder,
            Names(base_model, ckpt),
            Person(person, strokes, patch),
            Budget(crops, interactive_crops),
            backend,
            config,
        )
        _require_same(plan, images, side)
        beside = MIRRORS_BESIDE if FINETUNED in methods else int(any(map(trained, methods)))
        domains = _domains(folder, sets, styles, real, Limits(images, side, beside), config)
        _compare(plan, domains, methods, seeds, workers)


def _require_same(plan: Plan, images: int, side: int) -> None:
    """Note what the folder is about, or raise RunError if it was begun with something else."""
    import json

    from data.io.files import write_json
    from models.checkpoints import find_checkpoint, load_model
    from runs.errors import RunError

    project, person, names = plan.config.project, plan.person, plan.models
    about = {
        "base": load_model(find_checkpoint(names.base, project), "base").sha256,
        "interactive": load_model(find_checkpoint(names.interactive, project), "interactive").sha256,
        **{"images": images, "side": side, "strokes": person.strokes, "patch": person.patch},
        **{"annotator": person.annotator, "crops": [plan.budget.base, plan.budget.interactive]},
    }
    path = plan.folder / "about.json"
    if not path.exists():
        plan.folder.mkdir(parents=True, exist_ok=True)
        write_json(path, about)
        return
    before = json.loads(path.read_text())
    if differing := [
        f"{name}: {before.get(name)}, now {about[name]}" for name in about if before.get(name) != about[name]
    ]:
        raise RunError(f"{plan.folder}: was begun otherwise ({'; '.join(differing)}); name another folder")


def _domains(
    folder: Path, sets: dict[str, Path], styles: tuple[str, ...], real: Path | None, limits: Limits, config: Settings
) -> list[Domain]:
    """Prepare all domains, unless that was done."""
    from bench.domains.sets import of_folder, of_real, of_style

    home = folder / "domains"
    found = [of_folder(name, root, None, home / name, limits, config) for name, root in sets.items()]
    found += of_real(real, home, limits, config) if real else []
    return found + [of_style(style, home / style, limits, config, click.echo) for style in styles]


def _compare(plan: Plan, domains: list[Domain], methods: tuple[str, ...], seeds: int, workers: int | None) -> None:
    """Make the runs, and write tables and picture."""
    from bench.domains.plot import plot_domains
    from bench.domains.records import ALL, gathered
    from bench.domains.tables import domains_table
    from bench.domains.targets import targets_table
    from bench.domains.work import jobs_of
    from data.io.files import write_json, write_text, write_whole
    from runs.commands import conclude
    from runs.errors import RunError
    from runs.jobs import run_jobs

    jobs = [job for domain in domains for job in jobs_of(plan, domain, methods, seeds)]
    _, skipped = run_jobs(jobs, workers=workers, scheduler=None, report=click.echo)
    records = gathered(plan.folder)
    if not records:
        raise RunError("\n".join(["nothing could be run", *skipped]))
    write_json(plan.folder / ALL, records)
    drawn = [method for method in methods if method == "online" or trained(method) or method == "otsu"]
    write_whole(plan.folder / "curve.png", partial(plot_domains(records, drawn).savefig, format="png"))
    text = (
        "# Domains that no training saw\n\nMeans over images and seeds; drawings as pFM / contest pFM / IoU / clDice, "
        f"in percent.\n\n{domains_table(records, methods)}\n\n![Initial pFM of image after image](curve.png)\n\n"
        f"{targets_table(records, plan.folder)}\n"
    )
    write_text(plan.folder / "table.md", text)
    click.echo(f"\n{text}\n{plan.folder}/table.md, domains.json, curve.png")
    conclude(skipped)


if __name__ == "__main__":
    main()
