"""``python -m predict``: draw a scan that nobody has drawn yet."""

from __future__ import annotations

from typing import Any

import click

from runs.configuration import configurable, in_force
from runs.declarations import options_from
from runs.options import PredictOptions
from user_config import settings


@click.command(context_settings={"show_default": True})
@options_from(PredictOptions)
@configurable("predict")
@click.pass_context
def main(context: click.Context, print_config: bool, **options: Any) -> None:
    """Draw views, prepared or not, as PNGs of the scan's size: DIR_EVAL/VIEW/VIEW_drawings.png."""
    if print_config:
        click.echo(in_force("predict", context), nl=False)
        return
    from runs.commands import conclude

    conclude(_predict(PredictOptions(**options)))


def _predict(options: PredictOptions) -> list[str]:
    """Draw each view; return why some could not be drawn."""
    from data.ingest import prepared_view
    from data.options import polarity_of, sign_of
    from data.paths import entry
    from data.progress import ProgressBar
    from runs.commands import for_each, one_message
    from runs.device import torch_device
    from runs.predicting.channels import channels_on
    from runs.predicting.drawings import WINDOWS_AT_ONCE, draw
    from runs.predicting.loaded_models import load_base

    config = settings()
    with one_message():
        loaded = load_base(options.base_model, config.project, torch_device(options.device), options.backend)
        base, predictor = loaded.trained, loaded.predictor(click.echo, batch=WINDOWS_AT_ONCE, repeatable=False)
    names = list(dict.fromkeys(options.mirror))
    with ProgressBar(names, click.echo, unit="views") as progress:

        def draw_one(name: str) -> None:
            view = prepared_view(
                name,
                options.dataset,
                options.root,
                channels_on(base.task, options.dataset),
                options.dpi,
                config,
                sign_of(options.depth_sign),
                line_width=options.line_width,
                polarity=polarity_of(options.polarity),
                note=progress.echo,
            )
            path = entry(config.eval, name) / f"{name}_drawings.png"
            draw(path, view, base, predictor, lambda share: progress.update(name, share))
            progress.echo(f"{path}: {view.shape[0]} x {view.shape[1]} pixels, the line in the alpha channel")

        return for_each(names, draw_one, progress)[1]


if __name__ == "__main__":
    main()
