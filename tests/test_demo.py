"""The demo's commands are ones that exist, and it begins only where it can end."""

import shlex
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

import demo
from models import weights

PLACES = {
    "eval": "eval",
    "runs.plots": "runs.plots",
    "data.synthetic": "data.synthetic.__main__",
    "bench.domains": "bench.domains.__main__",
}


@pytest.fixture
def calls(monkeypatch):
    """What the demo runs, in place of running it."""
    made = []

    class Done:
        returncode = 0

    def run(command, env, check):
        made.append((command[2], command[3:], env))
        return Done

    monkeypatch.setattr(demo.subprocess, "run", run)
    return made


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Both shipped weights, as empty files."""
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "weights")
    (tmp_path / "weights").mkdir()
    for name in (demo.BASE, demo.INTERACTIVE):
        weights.shipped(name).touch()


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("commands", [demo.WITH_WEIGHTS, demo.WITH_TRAINING])
def test_every_command_takes_its_options(commands, tmp_path):
    for command in commands:
        module, *arguments = shlex.split(command.format(folder=tmp_path).replace(f"{tmp_path}/out", str(tmp_path)))
        main = import_module(PLACES.get(module, module)).main

        with main.make_context(module, arguments) as context:
            assert isinstance(context, click.Context)


@pytest.mark.usefixtures("shipped")
def test_with_weights_nothing_is_trained(calls, tmp_path):
    result = CliRunner().invoke(demo.main, [str(tmp_path / "demo")])

    assert result.exit_code == 0, result.output
    assert [module for module, *_ in calls] == [
        "data.synthetic",
        "data.setup",
        "eval",
        "predict",
        "runs.plots",
        "eval",
        "bench.domains",
    ]
    assert {env["RETRACE_STORAGE"] for *_, env in calls} == {str(tmp_path / "demo" / "storage")}


def test_without_weights_it_says_so_before_it_makes_anything(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "weights")

    result = CliRunner().invoke(demo.main, [str(tmp_path / "demo")])

    assert result.exit_code == 1
    assert "small-interactive.safetensors: not there; get them from the repository, or train" in result.output
    assert not calls
    assert not (tmp_path / "demo").exists()


def test_training_needs_no_weights(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "weights")

    assert CliRunner().invoke(demo.main, [str(tmp_path / "demo"), "--train"]).exit_code == 0
    assert [module for module, *_ in calls].count("train") == 2


def test_a_folder_of_somebody_else_is_left_alone(calls, tmp_path):
    (tmp_path / "theirs").touch()

    result = CliRunner().invoke(demo.main, [str(tmp_path), "--train"])

    assert result.exit_code == 1
    assert "holds something that no demo made" in result.output
    assert (tmp_path / "theirs").exists()
    assert not calls


def test_it_ends_where_a_command_fails(calls, tmp_path, monkeypatch):
    class Failed:
        returncode = 3

    monkeypatch.setattr(demo.subprocess, "run", lambda *arguments, **options: Failed)

    result = CliRunner().invoke(demo.main, [str(tmp_path / "demo"), "--train"])

    assert result.exit_code == 1
    assert "python -m data.synthetic ended with status 3" in result.output
