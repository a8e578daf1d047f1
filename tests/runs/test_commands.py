"""One message for what a user can mend, whoever raised it and how many others went well."""

import errno

import click
import pytest
from click.testing import CliRunner
from torch.utils.data import DataLoader, Dataset

from data.errors import DataError
from runs.commands import conclude, for_each, one_message
from runs.errors import RunError


class Failing(Dataset):
    """Raises instead of giving a sample."""

    def __init__(self, error, cause=None):
        self.error, self.cause = error, cause

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise self.error from self.cause


WRONG = DataError("depth.npy: cut short; run it again")


@pytest.mark.parametrize(
    ("error", "cause", "message"),
    [
        (WRONG, None, "depth.npy: cut short; run it again"),
        (WRONG, ValueError("inner: DataError"), "depth.npy: cut short; run it again"),
        (OSError("no errno"), None, "no errno"),
        (OSError(errno.ENOENT, "No such file", "it's.npy"), None, "it's.npy: No such file; check the path"),
        (OSError(errno.ENOENT, "No such file"), None, "No such file; check the path"),
    ],
)
def test_an_error_of_a_loading_process_is_its_message_alone(error, cause, message):
    with pytest.raises(click.ClickException) as shown, one_message():
        list(DataLoader(Failing(error, cause), num_workers=1))

    assert shown.value.message == message


def work(item):
    if item in ("bad", "worse"):
        raise RunError(f"{item}: wrong; mend it")
    return item.upper()


def run(*items):
    @click.command()
    def command():
        results, skipped = for_each(items, work)
        click.echo(" ".join(results))
        conclude(skipped)

    return CliRunner().invoke(command)


def test_the_others_go_on_and_the_end_lists_what_was_skipped():
    result = run("a", "bad", "b", "worse", "bad")

    assert result.exit_code == 1
    assert result.stdout == "A B\n"
    assert result.stderr.splitlines() == [
        "SKIPPED: bad: wrong; mend it",
        "SKIPPED: worse: wrong; mend it",
        "SKIPPED: bad: wrong; mend it",
        "Skipped:",
        "  bad: wrong; mend it",
        "  worse: wrong; mend it",
    ]


def test_a_single_item_says_its_message_once():
    result = run("bad")

    assert (result.exit_code, result.output) == (1, "Error: bad: wrong; mend it\n")


def test_where_all_went_well_nothing_is_added():
    result = run("a", "b")

    assert (result.exit_code, result.output) == (0, "A B\n")
