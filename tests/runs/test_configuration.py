"""Configurations: what ships is what is documented, what is typed goes before, what is printed can be read again."""

import shlex
import subprocess
import sys

import click
import pytest
import yaml
from click.testing import CliRunner

import eval as evaluation
import predict
import train
from runs import configuration
from runs.configuration import SHIPPED, as_config
from tests.root import ROOT

COMMANDS = {"train": train.main, "eval": evaluation.main, "predict": predict.main}
SMALL = (
    "--enc_str tu-mobilenetv4_conv_small --arch unet-slim --batch_train 16 --batch_val 16 --precision bf16-mixed "
    "--val_share 0.05 --seed 1 --schedule cosine"
)
ON_SMALL = f"{SMALL} --is_interactive True --base_model small-base"
PUBLISHED = (
    "--enc_str efficientnet-b6 --arch unet --loss dice --lr 3e-4 --batch_train 32 --batch_val 32 --patch_size 512 "
    "--seed 69"
)
CRACKS = (
    "--dataset lines --patch_size 512 --enc_str tu-mobilenetv4_conv_small --arch unet-slim --batch_train 16 "
    "--batch_val 16 --crops 512 --lr 1e-3"
)
DOCUMENTED = {  # the command that each configuration stands for
    ("train", "published"): PUBLISHED,
    ("train", "published-interactive"): f"{PUBLISHED} --is_interactive True --start_from_base False --prompts signed "
    "--strokes 1 --annotators either --window cell --merge whole",
    ("eval", "published"): "--mirror test --seeds 10 --mode published",
    ("train", "small-base"): f"{SMALL} --crops 1600 --max_epochs 18 --lr 1e-3 --loss both",
    ("train", "small-interactive"): f"{ON_SMALL} --prompts session --strokes 4 "
    "--annotators longer,either,random,largest,short,long,unsteady --loss cross-entropy --window stroke "
    "--window_size 256 --merge sure --crops 1600 --max_epochs 10 --lr 1e-3",
    ("train", "small-published"): f"{ON_SMALL} --prompts signed --strokes 1 --annotators either --loss dice "
    "--crops 800 --max_epochs 6 --lr 3e-4",
    ("train", "cracks"): f"{CRACKS} --max_epochs 10 --name cracks",
    ("train", "cracks-interactive"): f"{CRACKS} --max_epochs 7 --name cracks-refined --is_interactive True "
    "--base_model cracks --strokes 4",
    ("eval", "cracks"): "--dataset lines --ckpt cracks-refined --base_model cracks --mirror test",
    ("predict", "cracks"): "--dataset lines --base_model cracks --mirror X",
    ("train", "adapt"): "--start_from small-base --batch_train 16 --batch_val 16 --crops 240 --max_epochs 5 "
    "--schedule cosine --loss both",
    ("train", "adapt-base"): "--start_from small-base --batch_train 16 --batch_val 16 --crops 240 --max_epochs 5 "
    "--schedule cosine --loss both",
    ("train", "adapt-interactive"): "--is_interactive True --base_model small-base --start_from small-interactive "
    "--enc_str tu-mobilenetv4_conv_small --arch unet-slim --prompts session --window stroke --window_size 256 "
    "--merge sure --loss cross-entropy --max_epochs 5",
}
NEEDED = {"train": [], "eval": [], "predict": ["--mirror", "X"]}


def options(command, *arguments):
    with COMMANDS[command].make_context(command, list(arguments)) as context:
        return {name: value for name, value in context.params.items() if name != "print_config"}


def refused(command, *arguments):
    with pytest.raises(click.UsageError) as error:
        options(command, *arguments)
    return error.value.message


@pytest.fixture
def written(tmp_path):
    """Return what writes a configuration."""

    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_every_configuration_that_ships_is_documented():
    sections = {(command, path.stem) for path in SHIPPED.glob("*.yaml") for command in yaml.safe_load(path.read_text())}

    assert sections == DOCUMENTED.keys()


@pytest.mark.parametrize(("command", "name"), DOCUMENTED)
def test_a_configuration_stands_for_the_documented_command(command, name):
    configured = options(command, "--config", name, *NEEDED[command])

    assert configured == options(command, *shlex.split(DOCUMENTED[command, name]))


def test_what_is_typed_goes_before_the_configuration_and_that_before_the_defaults(written):
    path = written("train:\n  lr: 1e-2\n  crops: 8\n")

    chosen = options("train", "--config", path, "--crops", "16")

    assert (chosen["lr"], chosen["crops"], chosen["batch_train"]) == (0.01, 16, 32)


def test_values_that_may_be_repeated_are_lists_or_one_value(written):
    path = written("eval:\n  mirror: [A_R, B_R]\n  seed: 3\n")

    chosen = options("eval", "--config", path)

    assert (chosen["mirror"], chosen["seed"]) == (("A_R", "B_R"), (3,))


@pytest.mark.parametrize(
    ("configured", "typed", "outcome"),
    [
        ("seeds: 10", ["--seed", "4"], {"seed": [4], "seeds": None}),
        ("seed: [1, 2]", ["--seeds", "5"], {"seed": [0], "seeds": 5}),
        ("workers: 2", ["--scheduler", "there"], {"workers": None, "scheduler": "there"}),
    ],
)
def test_what_is_typed_goes_before_what_excludes_it(written, configured, typed, outcome):
    path = written(f"eval:\n  mirror: A_R\n  {configured}\n")

    result = CliRunner().invoke(evaluation.main, ["--config", path, *typed, "--print_config"])

    assert result.exit_code == 0, result.output
    assert outcome.items() <= yaml.safe_load(result.output)["eval"].items()


def test_a_configuration_cannot_exclude_itself(written):
    path = written("eval:\n  mirror: A_R\n  seed: 1\n  seeds: 2\n")

    assert "give --seed or --seeds, not both" in CliRunner().invoke(evaluation.main, ["--config", path]).output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train:\n  learning_rate: 1\n", "learning_rate: no option of train that a configuration can set"),
        ("train:\n  batch_trian: 1\n", "did you mean batch_train?"),
        ("train:\n  ckpt: base\n", "ckpt: no option of train"),
        ("train:\n  lr: fast\n", "lr: 'fast' is not a number"),
        ("train:\n  lr: -1\n", "lr: -1.0 is not in the range x>0"),
        ("train:\n  crops: 1.5\n", "crops: 1.5 is not a whole number"),
        ("train:\n  crops: True\n", "crops: True is not a whole number"),
        ("train:\n  crops: [1, 2]\n", "crops: [1, 2] is not a whole number"),
        ("train:\n  lr:\n", "lr: None is not a number"),
        ("train:\n  augment: 1\n", "augment: 1 is not True or False"),
        ("train:\n  augment: sometimes\n", "augment: 'sometimes' is not True or False"),
        ("train:\n  name: 7\n", "name: 7 is not text; put it in quotes"),
        ("train:\n  name: 2026-11-30\n", "is not text; put it in quotes"),
        ("train:\n  merge: no\n", "merge: False is not text; put it in quotes"),
        ("train:\n  name: [a]\n", "name: ['a'] is not text"),
        ("train:\n  lr: 1\n  crops: 2\n  lr: 3\n", "not YAML: line 4: lr stands there twice"),
        ("train: {lr: 1}\neval: {}\ntrain: {lr: 2}\n", "not YAML: line 3: train stands there twice"),
        ("train:\n  ? [lr]\n  : 1\n", "not YAML: line 2: found unhashable key"),
        ("train: " + 9999 * "[", "not YAML: "),
        ("train:\n  strokes: 0\n", "strokes: 0 is not in the range x>=1"),
        ("train:\n  strokes: 1.5\n", "strokes: 1.5 is not a whole number or text"),
        ("train:\n  arch: vnet\n", "arch: 'vnet' is not one of 'unet', 'unet-slim'"),
        ("trian:\n  lr: 1\n", "trian: no section; there are: train, eval, predict"),
        ("eval:\n  mirror: X\n", "has no section train, only eval"),
        ("lr: 1\n", "a configuration has sections (train, eval, predict), each of options"),
        ("train:\n", "a configuration has sections"),
        ("", "a configuration has sections"),
        ("- train\n", "a configuration has sections"),
        ("train: {lr: 1\n", "not YAML: "),
        ("train:\n  lr: !!python/object/apply:os.system [ls]\n", "not YAML: "),
    ],
)
def test_what_cannot_be_is_one_sentence_with_the_file_and_the_option(written, text, message):
    path = written(text)

    output = refused("train", "--config", path)

    assert output.startswith(f"{path}: ")
    assert message in output
    assert "\n" not in output


@pytest.mark.parametrize("option", ["seed", "annotator"])
def test_a_list_that_must_not_be_empty_is_not(written, option):
    path = written(f"eval:\n  mirror: X\n  {option}: []\n")

    assert refused("eval", "--config", path) == f"{path}: {option}: give at least one, or leave it out"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])  # the last as Windows PowerShell writes it
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_configuration_may_come_from_any_editor(tmp_path, encoding, end):
    path = tmp_path / "own.yaml"
    path.write_bytes(end.join(["train:", "  name: Rückseite", "  lr: 1e-2", ""]).encode(encoding))

    chosen = options("train", "--config", str(path))

    assert (chosen["name"], chosen["lr"]) == ("Rückseite", 0.01)


def test_a_file_in_another_encoding_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes("train:\n  name: Rückseite\n".encode("latin-1"))

    said = refused("train", "--config", str(path))

    assert said == f"{path}: not YAML: byte 16: invalid start byte; save it as text in UTF-8"


def test_a_name_that_no_file_can_have_is_refused_in_one_sentence():
    assert refused("train", "--config", "a" * 5000).endswith("File name too long; shorten the name")


def test_a_name_that_there_is_not_lists_those_that_there_are():
    output = refused("eval", "--config", "nothing")

    assert output == (
        "--config nothing: neither a file nor the name of a configuration; for eval there are: cracks, published"
    )


def test_a_training_that_goes_on_takes_no_configuration():
    result = CliRunner().invoke(train.main, ["--ckpt", "base", "--config", "small-base"])

    assert result.exit_code == 2
    assert "--config: a training that goes on keeps its own options" in result.output


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("train", []),
        ("train", ["--name", "1e-3", "--gpu", "0,1", "--lr", "1e-30", "--max_minutes", "4", "--debug"]),
        ("train", ["--is_interactive", "True", "--strokes", "a.sqlite, b.json", "--merge", "sure@0.95+pieces"]),
        ("train", ["--is_interactive", "True", "--strokes", "7", "--name", "Spiegel 5, Rückseite"]),
        ("eval", ["--mirror", "test"]),
        ("eval", ["--mirror", "A_R", "--mirror", "B_R", "--seeds", "3", "--scheduler", "tcp://x:1", "-v"]),
        ("eval", ["--mirror", "A", "--base_model", "b", "--ablation", "inputs", "--train_with", "--lr 1"]),
        ("predict", ["--mirror", "yes", "--root", "some/where", "--dpi", "600"]),
        *[(command, ["--config", name, *NEEDED[command]]) for command, name in DOCUMENTED],
    ],
)
def test_what_is_printed_is_read_again_as_the_same(written, command, arguments):
    printed = CliRunner().invoke(COMMANDS[command], [*arguments, "--print_config"])
    assert printed.exit_code == 0, printed.output
    path = written(printed.output)

    again = CliRunner().invoke(COMMANDS[command], ["--config", path, "--print_config"])

    assert again.output == printed.output


def test_printing_does_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RETRACE_WANDB_PROJECT", str(tmp_path / "runs"))

    assert CliRunner().invoke(train.main, ["--config", "cracks", "--print_config"]).exit_code == 0
    assert not list(tmp_path.iterdir())


def test_the_models_that_ship_are_printed_where_none_is_named():
    result = CliRunner().invoke(evaluation.main, ["--mirror", "X", "--print_config"])

    assert {"ckpt": "small-interactive", "base_model": "small-base"}.items() <= (
        yaml.safe_load(result.output)["eval"].items()
    )


def test_text_that_looks_like_something_else_is_written_so_that_it_stays_text():
    values = {"name": "1e-3", "gpu": "0", "merge": "no", "base_model": "", "lr": 1e-30}

    read = yaml.load(as_config("train", values), Loader=configuration._Loader)  # a SafeLoader

    assert read == {"train": values}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_comes_without_the_libraries_that_take_seconds(command):
    code = f"import sys, {command} as c\ntry: c.main(['--help'])\nfinally: sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "--print_config" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["train", "--config", "small-base"], ["eval", "--mirror", "X"], ["predict", "--mirror", "X"]]
)
def test_options_are_printed_without_the_libraries_that_take_seconds(arguments):
    command, *options = arguments
    code = (
        f"import sys, {command} as c\n"
        f"try: c.main({[*options, '--print_config']!r})\nfinally: sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{command}:\n  ")
