"""A model of mirrors that learns from photographs of lines as well."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import pytest

import data.setup
import train
from data.crops import Beside
from data.module import views_beside
from data.storage import PreparedSet
from data.synthetic.photographs.files import write_photographs
from models.checkpoints import find_checkpoint, load_model, read_checkpoint
from runs.errors import RunError
from runs.training.builders import beside_of
from runs.training.options import TrainOptions, require_random_crops
from tests.runs.toy import BATCHES, MIRROR, NETWORK


@pytest.fixture(scope="module")
def both(project):
    """The toy project, with photographs prepared beside its mirrors."""
    photographs = project.folder / "photographs"
    write_photographs(photographs, 3, 256, 256, seed=1, line_px=6.0, polarity="dark", style="net")
    where = project.moved(DIR_ROOT=photographs)
    where.succeed(data.setup.main, "--dataset", "lines", "--line_width", "6.19", "--test", "net-0003")
    yield project
    shutil.rmtree(project.folder / "storage" / "lines")


def record(project, run):
    return json.loads((project.folder / "runs" / run / "run.json").read_text())


def state(project, run):
    return read_checkpoint(find_checkpoint(run, project.folder / "runs"))["state_dict"]


def test_crops_of_both_kinds_are_learned_from_and_the_record_says_which(both):
    both.train("--name", "with-lines", "--also", "lines", "--also_share", "0.75")

    assert len(record(both, "with-lines")["hashes"]["also"]) == 64
    assert record(both, "with-lines")["config"]["also"] == "lines"
    alone, together = state(both, "base"), state(both, "with-lines")
    assert any((alone[name] != together[name]).any() for name in alone)
    assert load_model(find_checkpoint("with-lines", both.folder / "runs"), "base").task.dataset == "mirrors"


def test_an_interactive_model_learns_from_both_kinds(both):
    both.train("--name", "inter-lines", "--is_interactive", "True", "--base_model", "base", "--also", "lines")

    assert "also" in record(both, "inter-lines")["hashes"]
    assert MIRROR not in load_model(find_checkpoint("inter-lines", both.folder / "runs"), "interactive").trained_on


def test_photographs_are_shown_as_relief_and_those_kept_for_testing_are_left_out(both):
    task = load_model(find_checkpoint("base", both.folder / "runs"), "base").task
    beside = beside_of(TrainOptions(also="lines", also_share=0.25), both.folder / "storage", task)

    assert isinstance(beside, Beside)
    assert [view.name for view in beside.views] == ["net-0001", "net-0002"]
    assert (beside.channels, beside.share) == (("relief",), 0.25)


def test_without_it_nothing_is_beside(both):
    task = load_model(find_checkpoint("base", both.folder / "runs"), "base").task
    assert beside_of(TrainOptions(), both.folder / "storage", task) is None


def test_a_set_without_a_line_is_refused(both):
    undrawn = SimpleNamespace(has_truth=False, object="A")
    prepared = SimpleNamespace(folder="F", views=lambda: [undrawn], test_objects=frozenset())
    with pytest.raises(Exception, match="no line in any of its 0 drawings; --also needs some"):
        views_beside(prepared)
    assert len(views_beside(PreparedSet.open(both.folder / "storage", "lines"))) == 2


def test_a_kind_that_is_not_prepared_is_named(raw):
    bare = raw.moved(STORAGE=raw.folder / "storage")
    result = bare.run(train.main, *NETWORK, *BATCHES, "--name", "nothing", "--also", "nothing")
    assert result.exit_code == 1
    assert "nothing" in result.output.splitlines()[-1]
    assert not (raw.folder / "runs" / "nothing").exists()


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        (TrainOptions(also_share=0.3), {"also_share"}, "--also_share is the share of --also"),
        (TrainOptions(also="mirrors"), {"also"}, "--also mirrors: is the kind that is learned from already"),
        (
            TrainOptions(also="lines", strokes="a.sqlite"),
            {"also", "strokes"},
            "--strokes LOG learns from the logs alone",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(options, given, message):
    with pytest.raises(RunError, match=message):
        require_random_crops(options, given)
