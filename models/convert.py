"""``python -m models.convert``: weights as the method's authors release them become models here."""

from __future__ import annotations

from pathlib import Path

import click

from data.options import UserPath


@click.command()
@click.argument("old", type=UserPath())
@click.argument("new", type=UserPath())
@click.option(
    "--enc_str",
    show_default="what OLD says, or efficientnet-b6",
    help="Encoder, a name in segmentation-models-pytorch.",
)
def main(old: Path, new: Path, enc_str: str | None) -> None:
    """Convert the Lightning checkpoint OLD into NEW, for predict, eval and train.

    An interactive checkpoint holds the base model that it corrects; that is written beside it, as NEW-base. Nothing in
    OLD is run.
    """
    from data.errors import explain
    from models.errors import ModelError
    from models.published import TASK, convert

    try:
        converted = convert(old, new, enc_str)
    except (ModelError, OSError) as error:
        raise click.ClickException(explain(error)) from error
    for kind in ("interactive", "base"):
        path = getattr(converted, kind)
        if path:
            click.echo(f"{path}: {kind} model, a U-Net with {converted.encoder}")
    if converted.left_out:
        names = ", ".join(f"{name} ({count})" for name, count in converted.left_out.items())
        click.echo(f"Left out, since no prediction depends on it: {names}")
    if not converted.base:
        click.echo("It holds no base model: convert the one that it corrects too.")
    base = converted.base or "BASE_MODEL"
    click.echo("Use it, after `python -m data.setup --channels " + ",".join(TASK.channels) + "`, with")
    if converted.base:
        click.echo(f"  python -m predict --base_model {base} --mirror MIRROR")
    if converted.interactive:
        click.echo(f"  python -m eval --ckpt {converted.interactive} --base_model {base} --mirror MIRROR")


if __name__ == "__main__":
    main()
