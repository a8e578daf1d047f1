"""Configurations: YAML files that set options of the commands, and the options in force written as such a file.

A file has a section for each command that it is for, in which each option has its name without dashes::

    train:
      enc_str: tu-mobilenetv4_conv_small
      lr: 1e-3

Files that come with the program are called by their names; they lie in ``configs/`` beside the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

import click
import yaml

from data.errors import DataError, explain
from data.paths import expanded
from runs.declarations import DeclaredOption

Command = TypeVar("Command", bound=Callable[..., Any])

COMMANDS = ("train", "eval", "predict")
SHIPPED = Path(__file__).parents[1] / "configs"
SUFFIX = ".yaml"
KINDS = {bool: "True or False", int: "a whole number", float: "a number", str: "text", Path: "text"}
EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.1, but takes ``1e-3`` for a number, as YAML 1.2 does, and refuses a key that stands there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the keys and values of a section, or of the whole file."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # refused below, as no key can be a list
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Writes what ``_Loader`` reads as the same."""


for _one in (_Loader, _Dumper):
    _one.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+0123456789"))


def configurable(command: str) -> Callable[[Command], Command]:
    """Return a decorator that gives a click command ``--config`` and ``--print_config``.

    What the configuration sets becomes the command's defaults, which options that are typed override. The command is
    called with ``print_config`` beside its own options.

    Parameters
    ----------
    command : the section that is its own, a name in ``COMMANDS``
    """

    def apply(context: click.Context, _: click.Parameter, name: str | None) -> None:
        if name is not None:
            context.default_map = read_config(name, command, context)

    def decorate(function: Command) -> Command:
        function = click.option(
            "--print_config", is_flag=True, help="Print the options in force as a configuration, and do nothing else."
        )(function)
        return click.option(
            "--config",
            metavar="NAME|FILE",
            is_eager=True,
            expose_value=False,
            callback=apply,
            help="A configuration (YAML) that sets options; those that are typed override it. By name: "
            f"{', '.join(named(command))}.",
        )(function)

    return decorate


def named(command: str) -> list[str]:
    """List the configurations that come with the program and have a section for a command."""
    return sorted(
        path.stem for path in SHIPPED.glob(f"*{SUFFIX}") if re.search(rf"^{command}:", path.read_text(), re.M)
    )


def read_config(name: str, command: str, context: click.Context) -> dict[str, Any]:
    """Read a command's section of a configuration.

    Parameters
    ----------
    name : of a file, or of a configuration that came with the program
    command : the section
    context : of the command, whose options say what a value may be

    Returns
    -------
    dict
        Values by option, but for those that are the option's default.

    Raises
    ------
    click.UsageError
        If there is no such configuration, or it cannot be read, or a section, an option or a value is none of the
        command's.
    """
    path = _found(name, command)
    options = {option.name: option for option in context.command.params if isinstance(option, DeclaredOption)}
    values = {}
    for key, value in _section(path, command).items():
        if key not in options:
            near = get_close_matches(str(key), [str(known) for known in options], n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"{path}: {key}: no option of {command} that a configuration can set{meant}")
        values[key] = _checked(path, options[key], value, context)
    return {key: value for key, value in values.items() if value != options[key].usual}


def as_config(command: str, values: Mapping[str, Any]) -> str:
    """Return the options of a command as a configuration, in YAML."""
    return yaml.dump({command: {key: _plain(value) for key, value in values.items()}}, Dumper=_Dumper, sort_keys=False)


def in_force(command: str, context: click.Context, **instead: Any) -> str:
    """Return the options that a command was given, or has by default, as a configuration.

    Parameters
    ----------
    command : the section
    context : of the command
    instead : values that go before those of the context
    """
    options = [str(option.name) for option in context.command.params if isinstance(option, DeclaredOption)]
    return as_config(command, {name: (context.params | instead)[name] for name in options})


def _found(name: str, command: str) -> Path:
    shipped = SHIPPED / f"{name}{SUFFIX}"
    try:
        for path in (Path(expanded(name)), shipped):
            if path.is_file():
                return path
    except (DataError, OSError) as error:
        raise click.UsageError(f"--config {explain(error)}") from error
    raise click.UsageError(
        f"--config {name}: neither a file nor the name of a configuration; for {command} there are: "
        f"{', '.join(named(command))}"
    )


def _section(path: Path, command: str) -> dict[Any, Any]:
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # in UTF-8, or UTF-16 with a byte order mark
    except (yaml.YAMLError, RecursionError) as error:
        raise click.UsageError(f"{path}: not YAML: {_fault(error)}") from error
    except (OSError, ValueError) as error:
        raise click.UsageError(explain(error, path)) from error
    if not isinstance(content, dict) or not all(isinstance(section, dict) for section in content.values()):
        raise click.UsageError(f"{path}: a configuration has sections ({', '.join(COMMANDS)}), each of options")
    if unknown := content.keys() - set(COMMANDS):
        raise click.UsageError(f"{path}: {min(unknown, key=str)}: no section; there are: {', '.join(COMMANDS)}")
    if command not in content:
        raise click.UsageError(f"{path}: has no section {command}, only {', '.join(content)}")
    return dict(content[command])


def _fault(error: Exception) -> str:
    """Say in one line what is wrong with a file, and where."""
    if isinstance(error, yaml.reader.ReaderError):
        return f"byte {error.position}: {error.reason}; save it as text in UTF-8"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())


def _checked(path: Path, option: DeclaredOption, value: Any, context: click.Context) -> Any:
    """Return a value as the command line would give it."""
    if value is None and option.usual is None:
        return None
    parts = value if option.multiple and isinstance(value, list) else [value]
    for part in parts:
        if not any(_is_a(part, kind) for kind in option.accepts):
            wanted = " or ".join(dict.fromkeys(KINDS[kind] for kind in option.accepts))
            quotable = {str, Path} & {*option.accepts} and not isinstance(part, list | dict | NoneType)
            hint = "; put it in quotes" if quotable else ""
            raise click.UsageError(f"{path}: {option.name}: {part!r} is not {wanted}{hint}")
    if not parts and option.usual:
        raise click.UsageError(f"{path}: {option.name}: give at least one, or leave it out")
    try:
        return option.type_cast_value(context, parts if option.multiple else value)
    except click.BadParameter as error:
        raise click.UsageError(f"{path}: {option.name}: {error.message}") from error


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    accepted: dict[type, tuple[type, ...]] = {float: (int, float), Path: (str,)}
    return isinstance(value, accepted.get(kind, (kind,)))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value
