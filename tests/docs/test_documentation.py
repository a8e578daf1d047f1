"""The documentation names what there is: files, commands, and their options."""

import importlib
import importlib.util
import re
import shlex

import click
import pytest

from tests.root import ROOT

TOP = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "weights" / "README.md"]
PAGES = sorted([*TOP, *ROOT.glob("docs/**/*.md")])
COMMAND = re.compile(r"python -m ([\w.]+)([^`\n|]*)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)")
SOURCE = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|js|yaml|ipynb|md|txt))`")
OTHER_PROGRAMS = {"venv", "pip", "pytest", "mkdocs"}
WITHIN = (ROOT, ROOT / "annotate" / "page")  # where the paths of files in running text begin


def commands_of(text):
    """Find commands, in code blocks with their continued lines and variables, and in running text."""
    variables = dict(re.findall(r'^(\w+)="(.*?)"', text, re.M | re.S))
    joined = re.sub(r"\\\n\s*", " ", text)
    for name, value in variables.items():
        joined = re.sub(rf'(?<!")\$\{{?{name}\b\}}?', " ".join(value.split()), joined)
    return {(module, options.split("#")[0].strip()) for module, options in COMMAND.findall(joined)}


COMMANDS = sorted(
    {command for page in PAGES for command in commands_of(page.read_text()) if command[0] not in OTHER_PROGRAMS}
)


def command_named(module):
    found = importlib.util.find_spec(module)
    assert found is not None, f"there is no module {module}"
    package = found.submodule_search_locations is not None
    return importlib.import_module(f"{module}.__main__" if package else module).main


def test_commands_are_found():
    assert ("predict", "--mirror VIEW") in COMMANDS


@pytest.mark.parametrize(("module", "options"), COMMANDS, ids=str)
def test_a_command_takes_the_options_that_are_named(module, options):
    main = command_named(module)
    assert isinstance(main, click.Command)
    known = {flag for parameter in main.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    typed = {word.split("=")[0] for word in shlex.split(options, posix=True) if word.startswith("-") and word != "-"}
    assert typed <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = [link for link in LINK.findall(page.read_text()) if not link.startswith(("http:", "https:", "mailto:"))]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page):
    named = SOURCE.findall(page.read_text())
    missing = [name for name in named if not any((folder / name).exists() for folder in WITHIN)]
    assert not missing


def test_configurations_that_are_named_are_there():
    typed = {
        words[words.index("--config") + 1]
        for words in (shlex.split(options) for _, options in COMMANDS)
        if "--config" in words
    }
    names = {name for name in typed if not name.endswith(".yaml")}
    assert names
    assert not {name for name in names if not (ROOT / "configs" / f"{name}.yaml").exists()}


def test_the_readme_is_a_page():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
