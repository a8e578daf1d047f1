"""A dataclass's fields are a command's options, and name what there is to choose from."""

from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import eval as evaluation
import predict
import train
from interaction.patch_selection import ORDERS
from models.backends import BACKENDS
from models.classical import CLASSICAL
from models.losses import LOSSES
from models.networks import DECODERS, PROMPTS
from models.task import WINDOWS
from runs.declarations import given, option, options_from
from simulation.annotators import ANNOTATORS


@dataclass(frozen=True)
class Example:
    """Has one option of each sort, and a field that is none."""

    view: tuple[str, ...] = option(repeated=True, required=True, help="A view.")
    colour: str = option("red", choices=("red", "blue"), help="Of the line.")
    width: float | None = option(None, within=click.FloatRange(min=1), shown="the scan's", help="In pixels.")
    folder: Path = option(Path("out"), help="Where to.")
    count: int = option(1, typed=2, help="How many.")
    group: str = ""


@pytest.fixture
def invoke():
    seen = {}

    @click.command(context_settings={"show_default": True})
    @options_from(Example)
    @click.pass_context
    def command(context, **options):
        seen["options"], seen["given"] = Example(**options), given(context)

    def invoke(*arguments):
        result = CliRunner().invoke(command, arguments)
        return result, seen

    return invoke


def test_the_options_make_the_dataclass(invoke):
    _, seen = invoke("--view", "A", "--view", "B", "--width", "2", "--folder", "there")

    assert seen["options"] == Example(("A", "B"), width=2.0, folder=Path("there"), count=2)
    assert seen["given"] == {"view", "width", "folder"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing option '--view'"),
        (["--view", "A", "--colour", "green"], "'green' is not one of 'red', 'blue'"),
        (["--view", "A", "--width", "0"], "0.0 is not in the range x>=1"),
        (["--view", "A", "--count", "many"], "'many' is not a valid integer"),
        (["--view", "A", "--group", "x"], "No such option"),
    ],
)
def test_values_are_checked_as_they_are_declared(invoke, arguments, message):
    result, _ = invoke(*arguments)

    assert result.exit_code == 2
    assert message in result.output


def test_the_help_says_type_text_and_default(invoke):
    result, _ = invoke("--help")

    for line in ("--view TEXT", "--colour [red|blue]", "[default: red]", "[default: (the scan's);", "[default: 2]"):
        assert line in result.output


@pytest.mark.parametrize(
    ("command", "name", "known"),
    [
        (train.main, "arch", DECODERS),
        (train.main, "prompts", PROMPTS),
        (train.main, "loss", LOSSES),
        (train.main, "window", WINDOWS),
        (evaluation.main, "initial", ["base", *CLASSICAL]),
        (evaluation.main, "order", ORDERS),
        (evaluation.main, "backend", BACKENDS),
        (predict.main, "backend", BACKENDS),
    ],
)
def test_choices_are_what_there_is(command, name, known):
    """They are written out, since the help must not import what they name."""
    declared = next(parameter for parameter in command.params if parameter.name == name)

    assert sorted(declared.type.choices) == sorted(known)


@pytest.mark.parametrize(("command", "name"), [(train.main, "annotators"), (evaluation.main, "annotator")])
def test_the_help_names_every_annotator(command, name):
    declared = next(parameter for parameter in command.params if parameter.name == name)

    assert declared.help.startswith(f"Which simulated user makes the strokes: {', '.join(ANNOTATORS)}")
