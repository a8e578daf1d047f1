"""``python -m models.mean``: a model half way between two, which keeps most of what either can.

Fine-tuning on a further domain costs some of the first one. The mean of weights before and after gives most of that
back, since both lie in one valley of the loss ("Robust fine-tuning of zero-shot models", CVPR 2022).
"""

from __future__ import annotations

from pathlib import Path

import click

from data.options import Finite, ModelName, UserPath
from user_config import settings


@click.command(context_settings={"show_default": True})
@click.argument("model", type=ModelName())
@click.argument("other", type=ModelName())
@click.argument("new", type=UserPath(dir_okay=False))
@click.option(
    "--share",
    default=0.5,
    type=Finite(0, 1, min_open=True, max_open=True),
    help="Of MODEL in the mean; OTHER has the rest.",
)
def main(model: str, other: str, new: Path, share: float) -> None:
    """Write the mean of the weights of MODEL and OTHER as the checkpoint NEW.

    Both are run ids, checkpoints or names of weights, of one network: usually a model and the one that it was
    fine-tuned from. All but the weights is taken from MODEL.
    """
    from data.errors import explain
    from models.errors import ModelError

    try:
        write_mean(model, other, new, settings().project, share)
    except (ModelError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    click.echo(f"{new}: {share:.0%} of {model} and {1 - share:.0%} of {other}")


def write_mean(model: str, other: str, new: Path, project: Path, share: float = 0.5) -> None:
    """Write the mean of two models as a checkpoint.

    Parameters
    ----------
    model, other : as ``models.checkpoints.find_checkpoint`` takes them
    new : the checkpoint, which must not be there
    project : where runs lie
    share : of the first one, above 0 and below 1

    Raises
    ------
    ModelError
        If one cannot be read, they are not of one network, or the new one is there.
    OSError
        If it cannot be written.
    """
    import torch

    from data.io.files import file_hash, write_whole
    from models.checkpoints import find_checkpoint, read_checkpoint
    from models.errors import ModelError

    if new.exists():
        raise ModelError(f"{new}: is there already; give another name, or move it away")
    paths = [find_checkpoint(name, project) for name in (model, other)]
    first, second = map(read_checkpoint, paths)
    states = first["state_dict"], second["state_dict"]
    shapes = [{name: tuple(tensor.shape) for name, tensor in state.items()} for state in states]
    kinds = [content["hyper_parameters"]["kind"] for content in (first, second)]
    if shapes[0] != shapes[1] or kinds[0] != kinds[1]:
        raise ModelError(f"{paths[0]} and {paths[1]} are not of one network; only such weights have a mean")
    mean = {
        name: share * tensor + (1 - share) * states[1][name] if tensor.is_floating_point() else tensor
        for name, tensor in states[0].items()
    }
    origin = {"mean": {"share": share, "sha256": [file_hash(path) for path in paths]}}
    content = {"state_dict": mean, "hyper_parameters": {**first["hyper_parameters"], "origin": origin}}
    write_whole(new, lambda file: torch.save(content, file))


if __name__ == "__main__":
    main()
