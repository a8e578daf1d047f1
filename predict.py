"""``python -m predict``: draw a scan that nobody has drawn yet."""

from __future__ import annotations

from pathlib import Path

import click

from data.kinds import DEFAULT
from data.options import KindName
from user_config import settings


@click.command(context_settings={"show_default": True})
@click.option("--mirror", "views", required=True, multiple=True, help="A view below DIR_ROOT; may be repeated.")
@click.option(
    "--base_model",
    default="small-base",
    metavar="MODEL",
    help="Run id, checkpoint or name of weights of the base model; the default came with the program.",
)
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the raw data.")
@click.option("--root", type=click.Path(path_type=Path), show_default="DIR_ROOT", help="Where the raw data lie.")
@click.option("--dpi", type=click.FloatRange(min=1), help="Resolution of scans whose files don't say it.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "torch", "openvino"]),
    default="auto",
    help="What computes the network; auto: OpenVINO on a CPU, if it is installed.",
)
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
def main(
    views: tuple[str, ...],
    base_model: str,
    dataset: str,
    root: Path | None,
    dpi: float | None,
    backend: str,
    device: str,
) -> None:
    """Draw views, prepared or not, as PNGs of the scan's size: DIR_EVAL/VIEW/VIEW_drawings.png."""
    from data.ingest import prepared_view
    from models.checkpoints import find_checkpoint, load_model
    from runs.commands import conclude, for_each, one_message
    from runs.device import torch_device
    from runs.predicting.drawings import WINDOWS_AT_ONCE, draw
    from runs.predicting.predictors import predictor_of

    config = settings()
    with one_message():
        base = load_model(find_checkpoint(base_model, config.project), "base")
        predictor = predictor_of(base, torch_device(device), backend, click.echo, batch=WINDOWS_AT_ONCE)

    def draw_one(name: str) -> None:
        view = prepared_view(name, dataset, root, base.task.channels, dpi, config)
        path = config.eval / name / f"{name}_drawings.png"
        with click.progressbar(length=100, label=f"Drawing {name}") as bar:
            draw(path, view, base, predictor, lambda share: bar.update(int(100 * share) - bar.pos))
        click.echo(f"{path}: {view.shape[0]} x {view.shape[1]} pixels, the line in the alpha channel")

    conclude(for_each(list(dict.fromkeys(views)), draw_one)[1])


if __name__ == "__main__":
    main()
