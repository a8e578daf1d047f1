"""Names and paths as users give them: home folders, variables, and both Unicode forms of a letter."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import click
import pytest
from click.testing import CliRunner

from data.errors import DataError
from data.options import ModelName, UserPath, ViewName
from data.paths import composed, entry, expanded, named

NFC, NFD = normalize("NFC", "Köln"), normalize("NFD", "Köln")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SCANS", str(tmp_path / "scans"))
    monkeypatch.delenv("NOWHERE", raising=False)


class TestExpanded:
    @pytest.mark.parametrize("text", ["~/a", "$HOME/a", "${HOME}/a"])
    def test_home_and_variables_are_replaced(self, text, tmp_path):
        assert expanded(text) == str(tmp_path / "a")

    def test_a_variable_may_hold_a_home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SCANS", "~/x")
        assert expanded("$SCANS/a") == str(tmp_path / "x" / "a")

    @pytest.mark.parametrize("text", ["", "mirrors", "../a b/c~", "/a/b", "$$", "a$", "x" * 5000])
    def test_other_paths_stay(self, text):
        assert expanded(text) == text

    @pytest.mark.parametrize("text", ["$NOWHERE/a", "a/${NOWHERE}"])
    def test_a_variable_that_is_not_set_is_one_sentence(self, text):
        with pytest.raises(DataError, match="the variable NOWHERE is not set; set it, or write the path out"):
            expanded(text)

    def test_an_unknown_user_is_one_sentence(self):
        with pytest.raises(DataError, match="there is no user 'nobody-of-that-name'; write the path out"):
            expanded("~nobody-of-that-name/a")

    def test_a_file_that_is_called_so_is_meant(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("$NOWHERE").touch()
        assert expanded("$NOWHERE") == "$NOWHERE"

    @pytest.mark.parametrize(("there", "typed"), [(NFD, NFC), (NFC, NFD), (NFD, NFD)])
    def test_a_path_is_found_in_the_form_in_which_it_is_there(self, tmp_path, there, typed):
        (tmp_path / there / "a").mkdir(parents=True)
        assert expanded(str(tmp_path / typed / "a")) == str(tmp_path / there / "a")


class TestEntry:
    @pytest.mark.parametrize("there", [NFC, NFD])
    @pytest.mark.parametrize("asked", [NFC, NFD])
    def test_what_is_there_is_found_in_its_own_form(self, tmp_path, there, asked):
        (tmp_path / there).mkdir()
        assert entry(tmp_path, asked) == tmp_path / there

    def test_what_is_not_there_is_composed(self, tmp_path):
        assert entry(tmp_path, NFD) == tmp_path / NFC
        assert entry(tmp_path / "none", NFD) == tmp_path / "none" / NFC

    def test_the_composed_one_of_two_is_meant(self, tmp_path):
        for name in (NFC, NFD):
            (tmp_path / name).mkdir()
        assert entry(tmp_path, NFD) == tmp_path / NFC


def test_names_are_compared_composed():
    assert composed(NFD) == NFC
    assert named([NFD, "a"], NFC) == NFD
    assert named([NFD], "a") is None


class TestOptions:
    @staticmethod
    def ask(kind, text):
        @click.command()
        @click.option("--it", type=kind)
        def command(it):
            click.echo(it)

        return CliRunner().invoke(command, ["--it", text])

    @pytest.mark.parametrize("kind", [UserPath(), ModelName()])
    def test_paths_are_expanded(self, kind, tmp_path):
        assert self.ask(kind, "~/a").output == f"{tmp_path}/a\n"

    @pytest.mark.parametrize("kind", [UserPath(), ModelName()])
    def test_a_variable_that_is_not_set_is_a_usage_error(self, kind):
        result = self.ask(kind, "$NOWHERE/a")
        assert result.exit_code == 2
        assert "the variable NOWHERE is not set" in result.output

    def test_a_path_that_has_to_be_there_is_looked_for_expanded(self, tmp_path):
        assert self.ask(UserPath(exists=True), "~").output == f"{tmp_path}\n"
        assert self.ask(UserPath(exists=True), "~/none").exit_code == 2

    def test_names_of_views_are_composed(self):
        assert self.ask(ViewName(), NFD).output == f"{NFC}\n"
