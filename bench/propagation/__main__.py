"""``python -m bench.propagation VIEW...``: what labelled pieces of line are worth elsewhere in the mirror.

Where a base model finds line likely, however little, the skeleton is cut into pieces. A simulated person corrects the
drawing; of the pieces that strokes touch, and of some that were left, it is known what they are. A Gaussian process
learns from those what the frozen decoder shows of line and of what only looks like it, and proposes to change each
other piece that it is sure is drawn wrongly. The table says how many proposals are right and how many pixels they
repair, beside the threshold that agrees best with the same labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from user_config import settings

if TYPE_CHECKING:
    from bench.propagation.trial import Trial
    from models.checkpoints import TrainedModel

COUNTS = (20, 50, 100)  # labels
SURE = (0.8, 0.9)  # how probable a mistake has to be


@click.command(context_settings={"show_default": True})
@click.argument("folders", metavar="VIEW...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--base_model", required=True, metavar="MODEL", help="Run id or checkpoint of the base model.")
@click.option("--seeds", default=5, type=click.IntRange(min=1), help="Of the simulated person, 0 to N-1.")
def main(folders: tuple[Path, ...], base_model: str, seeds: int) -> None:
    """Try it on prepared views with a truth, each given as its folder below STORAGE, and print a table."""
    from bench.propagation.table import table
    from bench.propagation.trial import Outcome
    from models.checkpoints import find_checkpoint, load_model
    from runs.commands import one_message

    outcomes: list[Outcome] = []
    with one_message():
        base = load_model(find_checkpoint(base_model, settings().project), "base")
        for folder in folders:
            trial = _prepared(folder, base)
            click.echo(f"{folder}: {len(trial.pieces)} pieces, {trial.wrong} drawn wrongly", err=True)
            outcomes += [one for seed in range(seeds) for one in trial.outcomes(COUNTS, SURE, seed)]
    click.echo(table(outcomes))


def _prepared(folder: Path, base: TrainedModel) -> Trial:
    """Draw a view with the base model and cut it into pieces."""
    import torch

    from bench.propagation.trial import Trial
    from data.storage import PreparedSet
    from models.prediction import TorchPredictor
    from runs.predicting.drawings import initial_drawing
    from simulation.strokes import Brush

    folder = folder.resolve()
    prepared = PreparedSet.open(folder.parents[1], folder.parent.name)
    view = prepared.view(folder.name)
    if view.name in base.trained_on:
        click.echo(
            f"{folder}: the base model was trained on a view of this name; if it is this one, this is no test", err=True
        )
    initial = initial_drawing(view, base, TorchPredictor(base.network, torch.device("cpu"), threads=1))
    return Trial(view, initial, base, Brush(prepared.lines, scale=view.scale))


if __name__ == "__main__":
    main()
