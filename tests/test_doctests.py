"""The examples in docstrings and in the documentation give what they say."""

import doctest
import importlib

import pytest

from tests.root import ROOT

ROOMS = ("metrics", "data", "lines", "interaction", "models", "simulation", "segments", "runs", "annotate", "bench")


def _with_examples(folders, pattern):
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob(pattern))]
    return [path.relative_to(ROOT) for path in paths if ">>> " in path.read_text()]


MODULES, PAGES = _with_examples(ROOMS, "*.py"), _with_examples(["docs"], "*.md")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_examples_of_a_module(path):
    module = importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_examples_of_a_page(path):
    failed, tried = doctest.testfile(str(ROOT / path), module_relative=False)
    assert tried > 0
    assert failed == 0


def test_there_are_examples():
    assert MODULES
