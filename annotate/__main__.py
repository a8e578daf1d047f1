"""``python -m annotate``: correct drawings in the browser, or write out what was drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from annotate.export import Kind, export_log
from data.kinds import DEFAULT, kind_named
from data.options import KindName, ModelName, UserPath, ViewName
from user_config import Settings, settings

if TYPE_CHECKING:
    from data.storage import PreparedView

FORMATS = get_args(Kind)
RANDOM = "random"  # the token that is made up


@click.command(context_settings={"show_default": True})
@click.option(
    "--mirror",
    "mirrors",
    type=ViewName(),
    multiple=True,
    metavar="VIEW",
    show_default="all",
    help="A prepared view. Repeatable.",
)
@click.option("--dataset", type=KindName(), default=DEFAULT, help="Kind of the prepared set.")
@click.option(
    "--base_model",
    type=ModelName(),
    default="small-base",
    metavar="MODEL",
    help="Run id, checkpoint or name of weights of the model that draws first.",
)
@click.option(
    "--ckpt",
    type=ModelName(),
    default="small-interactive",
    metavar="MODEL",
    help="Run id, checkpoint or name of weights of the model that answers strokes.",
)
@click.option(
    "--merge",
    default="",
    show_default="the model's own",
    help="What of an answer is taken over, as for eval: sure is cautious, pieces bolder.",
)
@click.option("--no_models", is_flag=True, help="Draw without models: strokes are taken as they are.")
@click.option("--host", default="127.0.0.1", help="Address to listen on; any but this machine's own asks for a token.")
@click.option(
    "--token",
    is_flag=False,
    flag_value=RANDOM,
    metavar="[TOKEN]",
    show_default="none on this machine's own address",
    help="Ask for a token here, too: others who work on this machine stay out. Alone it is a random one. The browser "
    "is not opened, as others could read its command line.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, help="0 chooses a free one.")
@click.option("--open/--no_open", "opens", default=True, help="Open the page in the browser.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "torch", "openvino"]),
    default="auto",
    help="What computes the networks; auto: OpenVINO on a CPU, if it is installed.",
)
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", help="auto: a GPU if there is one."
)
@click.option(
    "--export",
    "exported",
    type=ViewName(),
    multiple=True,
    metavar="VIEW",
    help="Write what was drawn, and open no page. Repeatable.",
)
@click.option(
    "--format", "formats", default=",".join(FORMATS), metavar="LIST", help="What --export writes, with commas."
)
@click.option("--off_object", is_flag=True, help="Pictures of --export show the line off the object, too.")
@click.option(
    "--out",
    type=UserPath(file_okay=False),
    show_default="DIR_EVAL/VIEW",
    help="Folder that --export writes into.",
)
def main(
    exported: tuple[str, ...],
    formats: str,
    off_object: bool,
    out: Path | None,
    mirrors: tuple[str, ...],
    dataset: str,
    **options: Any,
) -> None:
    """Correct the drawings of prepared mirrors in the browser; what is drawn is kept in ANNOTATIONS.

    Ctrl-C ends it. Nothing is lost: strokes that are not answered yet are answered next time.
    """
    config = settings()
    if exported and mirrors:
        raise click.UsageError("--export names its views itself; leave out --mirror")
    if exported:
        _export(exported, formats, off_object, out, dataset, config)
    else:
        _serve(_views(mirrors, dataset, config), kind_named(dataset).called, config, **options)


def _serve(
    views: list[PreparedView],
    called: str,
    config: Settings,
    *,
    base_model: str,
    ckpt: str,
    merge: str,
    no_models: bool,
    host: str,
    token: str | None,
    port: int,
    opens: bool,
    backend: str,
    device: str,
) -> None:
    from annotate.library.image_list import ImageList
    from annotate.library.model_service import ModelService
    from annotate.server.app import create_app
    from annotate.server.guard import random_token
    from annotate.server.serving import address_of, listening, open_browser, serve
    from annotate.session.annotation_session import AnnotationSession
    from annotate.session.open_sessions import OpenSessions
    from runs.commands import one_message

    if token is not None and not token.strip():
        raise click.UsageError("--token: it is empty; leave it to the program with --token alone")
    with one_message():
        listener = listening(host, port)
    server_address = address_of(listener, host, random_token() if token == RANDOM else token)

    def ready() -> None:
        click.echo(f"{len(views)} {called}: {server_address.link}\nCtrl-C ends it.")
        if opens and token is None:
            open_browser(server_address.link)

    with one_message():
        _say_if_on_network(config.annotations)
        first, second = (None, None) if no_models else (base_model, ckpt)
        models = ModelService(first, second, config, device, backend, merge=merge, report=click.echo)
        image_list = ImageList(views, config.annotations)
        sessions = OpenSessions(image_list, models, lambda view: AnnotationSession.open(view, config, models), config)
        serve(create_app(sessions), listener, server_address, ready)
    click.echo("Ended. All that was drawn is kept.")


def _say_if_on_network(annotations: Path) -> None:
    from interaction.log.network import network_drive

    if kind := network_drive(annotations):
        click.echo(
            f"{annotations} lies on a network drive ({kind}): logs are kept there without a WAL, which is slower; let "
            "one machine draw at a time, and choose a local folder as ANNOTATIONS if you can."
        )


def _views(names: tuple[str, ...], dataset: str, config: Settings) -> list[PreparedView]:
    """Open prepared views: those that are named, or all; of all, those that cannot be opened are named and left out."""
    from data.errors import DataError
    from data.storage import PreparedSet
    from runs.commands import for_each, one_message

    with one_message():
        prepared = PreparedSet.open(config.storage, dataset)
        if names:
            return [prepared.view(name) for name in dict.fromkeys(names)]
        views = for_each(prepared.members, prepared.view)[0]
        if not views:
            raise DataError(
                f"{prepared.folder}: no view can be opened; run `python -m data.setup --dataset {dataset}` again"
            )
    return views


def _export(
    names: tuple[str, ...], formats: str, off_object: bool, out: Path | None, dataset: str, config: Settings
) -> None:
    from annotate.library.image_list import ImageList
    from data.paths import entry
    from runs.commands import conclude, for_each

    wanted = formats.replace(" ", "").split(",")
    if unknown := [kind for kind in wanted if kind not in FORMATS]:
        raise click.UsageError(f"--format {', '.join(unknown)}: none of {', '.join(FORMATS)}")
    kinds: list[Kind] = [kind for kind in FORMATS if kind in wanted]
    views = _views(names, dataset, config)
    image_list = ImageList(views, config.annotations)

    def export_one(view: PreparedView) -> None:
        folder = out or entry(config.eval, view.name)
        for path in export_log(view, image_list.log_path(view.name), kinds, folder, off_object=off_object):
            click.echo(path)

    conclude(for_each(views, export_one)[1])


if __name__ == "__main__":
    main()
