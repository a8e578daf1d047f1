"""``python -m bench.protocol``: the evaluation's speed, by OpenVINO and by PyTorch, beside the machine's limit.

In FOLDER: ``protocol.json`` with all figures, ``protocol.png`` with the cost of an interaction against mirror size.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import UserPath

if TYPE_CHECKING:
    from bench.protocol.growth import Size
    from bench.protocol.results import Results
    from bench.protocol.scenes import Subject

SEEDS = 4  # of the short protocol
TORCH_SHARE, LEAST = 10, 3  # PyTorch is timed for a tenth of the interactions, or three
ANNOTATORS_TIMED = ("longer", "best-answer")
QUICK = {"height": 1024, "width": 1280, "interactions": 4, "sizes": "0.5,1"}


class Sizes(click.ParamType):
    """Numbers above 0 with commas between."""

    name = "megapixels"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """See ``click.ParamType``."""
        try:
            sizes = tuple(float(size) for size in value.split(","))
        except ValueError:
            sizes = ()
        if not sizes or not all(0 < size < float("inf") for size in sizes):
            self.fail(f"{value!r}: give numbers above 0 with commas between, such as 1,15,60", param, ctx)
        return sizes


def _quick(context: click.Context, parameter: click.Parameter, chosen: bool) -> None:
    if chosen:
        context.default_map = QUICK


@click.command(context_settings={"show_default": True})
@click.argument("folder", type=UserPath(file_okay=False), default=Path("bench-data"))
@click.option("--height", default=6716, type=click.IntRange(min=512), help="Scan rows of the made-up mirror.")
@click.option("--width", default=8964, type=click.IntRange(min=512), help="Scan columns.")
@click.option("--enc_str", default="efficientnet-b0", help="Encoder of the networks.")
@click.option("--arch", default="unet", help="Architecture of the networks.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
@click.option("--interactions", default=50, type=click.IntRange(min=1), help="Timed for each figure.")
@click.option("--sizes", default="1,4,15,60,240", type=Sizes(), help="Megapixels of the scans in the picture.")
@click.option("--workers", type=click.IntRange(min=1), show_default="one a core", help="Of the short protocol.")
@click.option("--quick", is_flag=True, is_eager=True, expose_value=False, callback=_quick, help="A small try.")
def main(folder: Path, height: int, width: int, sizes: tuple[float, ...], workers: int | None, **options: Any) -> None:
    """Measure on a made-up mirror, which stays in FOLDER; each figure comes from a fresh process."""
    from bench.protocol.growth import plot_growth
    from bench.protocol.scenes import Subject
    from data.io.files import write_json, write_whole
    from runs.commands import one_message
    from runs.device import torch_device

    with one_message():
        options["device"] = torch_device(options["device"])
        storage = _prepared(folder.resolve(), height, width)
        subject = Subject(storage, options["enc_str"], options["arch"], options["device"])
        results = measured_results(subject, options["interactions"], sizes, workers)
    write_json(folder / "protocol.json", results.as_json({"height": height, "width": width, **options}))
    write_whole(folder / "protocol.png", partial(plot_growth(results.sizes).savefig, format="png"))
    click.echo(f"{results.text()}\n\n{folder / 'protocol.json'}\n{folder / 'protocol.png'}")


def measured_results(subject: Subject, interactions: int, sizes: tuple[float, ...], workers: int | None) -> Results:
    """Measure everything.

    Parameters
    ----------
    subject : the mirror and the networks
    interactions : timed for each figure
    sizes : megapixels of the scans of the growth
    workers : processes of the short protocol; None: one a core
    """
    from bench.measure import measured
    from bench.networks import AUTO, TORCH
    from bench.protocol import hardware, initial, interaction, seeds
    from bench.protocol.results import Both, Results

    few = max(LEAST, interactions // TORCH_SHARE)
    _report("initial drawing")
    drawing = Both(*(measured(initial.drawn, subject, backend) for backend in (AUTO, TORCH)))
    timings = {}
    for annotator in ANNOTATORS_TIMED:
        _report(f"interactions, {annotator}")
        timings[annotator] = Both(
            measured(interaction.interactions, subject, AUTO, annotator, interactions),
            measured(interaction.interactions, subject, TORCH, annotator, few),
        )
    _report("short protocol")
    short = measured(seeds.side_by_side, subject, SEEDS, interactions, workers).result
    growth = [_size(subject, megapixels, interactions) for megapixels in sizes]
    _report("the device")
    rates = measured(hardware.measured_rates, subject.device).result
    work = measured(hardware.work, subject).result
    return Results(drawing, timings, short, growth, rates, work, subject.device)


def _size(subject: Subject, megapixels: float, interactions: int) -> Size:
    from bench.measure import measured
    from bench.networks import AUTO
    from bench.protocol import interaction
    from bench.protocol.growth import Size

    _report(f"{megapixels:g} megapixels")
    done = measured(interaction.interactions, subject, AUTO, "longer", interactions, megapixels)
    return Size(megapixels, done.result.medians_ms["whole"], done.peak_mib)


def _prepared(folder: Path, height: int, width: int) -> Path:
    """Make a mirror, unless it is there, and prepare it; return where."""
    from bench.measure import measured
    from bench.preparation import made_up_mirror, prepare

    storage = folder / f"prepared_{height}x{width}"
    measured(prepare, made_up_mirror(folder, height, width), storage, ("depth",))
    return storage


def _report(measurement: str) -> None:
    click.echo(f"Measuring: {measurement}", err=True)


if __name__ == "__main__":
    main()
