"""Interactive models that differ in one option, each trained once, by the command that a user would type.

::

    WANDB_PROJECT/<NAME>/variant.json    what a model was trained with, and whether it came to its end
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.io.files import file_hash, write_json
from models.checkpoints import find_checkpoint
from runs.errors import RunError
from runs.provenance import RECORD, changes, run_id_of
from runs.training.resumed import RESUMABLE
from user_config import Settings

MARKER = "variant.json"
# Options that change how a training is computed, not its result; others have to be the same when it goes on.
COMPUTING_OPTIONS = {"device", "gpu", "precision", "workers"}
RESERVED = {"is_interactive", "base_model", "dataset", "name", "ckpt", "debug"}  # set here, or of no use here

Options = Mapping[str, str]


@dataclass(frozen=True)
class Variant:
    """A model to train.

    Parameters
    ----------
    name : its run id
    base_model : run id or checkpoint of the base model that it corrects
    dataset : kind of the prepared set
    options : further ones of ``python -m train``, by name without dashes
    """

    name: str
    base_model: str
    dataset: str
    options: Options

    @property
    def compared(self) -> dict[str, str]:
        """The options by which a model trained earlier is known to be this one."""
        kept = {name: value for name, value in self.options.items() if name not in COMPUTING_OPTIONS}
        return {"dataset": self.dataset, **kept}


def parsed_options(text: str, varied: str) -> dict[str, str]:
    """Return options of ``python -m train`` as a user writes them, by name without dashes.

    Parameters
    ----------
    text : as on a command line
    varied : name of the option that the caller varies

    Raises
    ------
    RunError
        If something in it is no option with a value, or is set otherwise. Whether ``train`` knows an option is not
        looked at: it says so itself.
    """
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        raise RunError(f"--train_with {text!r}: {error}") from error
    options: dict[str, str] = {}
    for word in words:
        name, assigned, value = word.removeprefix("--").partition("=")
        if name in {*RESERVED, varied}:
            raise RunError(f"--train_with: --{name} is what an ablation chooses itself; leave it out")
        given = value if assigned else next(words, None)
        if not word.startswith("--") or given is None:
            raise RunError(f"--train_with: found {word!r} where an option with its value belongs, such as --lr 1e-3")
        options[name] = given
    return options


def run_name(base_model: str) -> str:
    """Return a model's run id, fit to begin a folder's name."""
    return re.sub(r"[^\w.+=-]+", "-", run_id_of(base_model)).strip(".+=-") or "base"


def train_variants(variants: Collection[Variant], config: Settings, report: Callable[[str], None]) -> None:
    """Train models, one after the other; one that was trained earlier is left alone, one that was killed goes on.

    Parameters
    ----------
    variants : of different names
    config : where runs lie
    report : prints each command

    Raises
    ------
    ModelError, RunError
        If there is no such base model, a name is taken by another training, or a training fails. All names are looked
        at before the first training begins.
    """
    commands = [(variant, _command(variant, config)) for variant in variants]
    for variant, command in commands:
        if command:
            _train(variant, command, config, report)
        else:
            report(f"{variant.name}: trained earlier")


def run_command(arguments: Sequence[str]) -> int:
    """Run ``python -m`` with some arguments, with its output on this terminal; return its exit status."""
    return subprocess.run([sys.executable, "-m", *arguments], check=False).returncode


def _command(variant: Variant, config: Settings) -> list[str]:
    """Return the command that trains a variant, or goes on with it; an empty one if it is trained."""
    folder = config.project / variant.name
    if not (folder / RECORD).exists():
        fixed = {"is_interactive": "True", "base_model": variant.base_model, "dataset": variant.dataset}
        return ["train", *_words({"name": variant.name, **fixed, **variant.options})]
    earlier = _marker(folder)
    wanted = {**variant.compared, "base": _base_hash(variant, config)}
    there = {**earlier["options"], "base": earlier["base"]}
    if differing := changes(there, wanted):
        raise RunError(
            f"{folder}: was trained otherwise ({differing}); move it away to train anew, or give the options it has"
        )
    if earlier["finished"]:
        return []
    return [
        "train",
        *_words({"ckpt": variant.name}),
        *_words({k: v for k, v in variant.options.items() if k in RESUMABLE}),
    ]


def _train(variant: Variant, command: list[str], config: Settings, report: Callable[[str], None]) -> None:
    marker = config.project / variant.name / MARKER
    content = {"options": variant.compared, "base": _base_hash(variant, config)}
    write_json(marker, {**content, "finished": False})
    report(f"\n$ python -m {shlex.join(command)}")
    if status := run_command(command):
        raise RunError(
            f"training {variant.name} ended with status {status}, and so does the ablation; its own message is above. "
            "The same command again goes on from here"
        )
    write_json(marker, {**content, "finished": True})


def _marker(folder: Path) -> dict[str, Any]:
    path = folder / MARKER
    if not path.exists():
        raise RunError(f"{folder}: holds a run that no ablation began; move it away, or rename it")
    try:
        content = json.loads(path.read_bytes())
        return {"options": dict(content["options"]), "base": content["base"], "finished": content["finished"]}
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: damaged; move {folder} away, and it is trained again") from error


def _base_hash(variant: Variant, config: Settings) -> str:
    return file_hash(find_checkpoint(variant.base_model, config.project))


def _words(options: Options) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name}", value)]
