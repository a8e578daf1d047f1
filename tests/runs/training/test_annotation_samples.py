"""Training with the strokes of a user: what a sample shows, what is refused, and a real step."""

import json
import re

import numpy as np
import pytest
import pytorch_lightning as pl
import torch

import data.setup
import train
from annotate.export import write_export
from data.augmentation import Augmentation
from data.errors import DataError
from data.io.files import write_json
from data.module import Split
from data.regions import cell_at, whole
from data.storage import PreparedSet
from interaction.prompts.strokes import draw
from runs.errors import RunError
from runs.training.annotation_samples import LoggedStrokes, read_logged, split_with
from simulation.iterative_prompting import IterativePrompting
from simulation.strokes import MIRROR_BRUSH
from tests.interaction.log.sessions import Session, stroke
from tests.runs.toy import BATCHES, MIRROR, NETWORK

VIEW = "SYN-0001_R"
SIDE = 64
PLANES = ("image", "truth", "initial", "current", "added", "erased", "newest")


@pytest.fixture(scope="module")
def prepared(raw):
    return PreparedSet.open(raw.folder / "storage", "mirrors")


@pytest.fixture(scope="module")
def session(prepared, tmp_path_factory):
    """Three strokes that hold, and one between that was taken back."""
    view = prepared.view(VIEW)
    initial = np.random.default_rng(0).random(view.model_shape).astype(np.float32)
    drawn = Session(view, tmp_path_factory.mktemp("annotations") / VIEW / "log.sqlite", initial)
    drawn.draw(stroke((200, 180), (200, 240)))
    drawn.draw(stroke((300, 200), (340, 200)))
    drawn.undo()
    drawn.draw(stroke((205, 220), (240, 220), sign=-1), bare=True)
    drawn.draw(stroke((4, 4), (4, 40)))
    drawn.log.close()
    return drawn


@pytest.fixture
def logged(session, prepared):
    return read_logged(str(session.log.path), prepared, SIDE, around_stroke=True)


def test_a_sample_for_each_stroke_that_holds(logged):
    newest = [logged_sample.prompts[-1] for logged_sample in logged.samples]
    assert [tuple(stroke.path_px[0]) for stroke in newest] == [(200, 180), (205, 220), (4, 4)]
    assert [len(logged_sample.prompts) for logged_sample in logged.samples] == [1, 2, 1]


def test_a_sample_is_what_the_user_saw(logged, session, prepared):
    view, logged_sample = prepared.view(VIEW), logged.samples[1]
    sample = LoggedStrokes(logged.samples, ["depth"], SIDE, seed=0).planes(logged_sample)
    assert set(sample) == set(PLANES)
    assert {plane.shape[1:] for plane in sample.values()} == {(SIDE, SIDE)}
    slices = logged_sample.region.slices
    first, second = (draw(prompt, whole(view.model_shape), view.scale)[slices] for prompt in logged_sample.prompts)
    torch.testing.assert_close(sample["newest"][0].numpy(), -second.astype(np.float32), rtol=0, atol=0)
    np.testing.assert_array_equal(sample["added"][0], first & ~second)
    np.testing.assert_array_equal(sample["erased"][0], second)
    np.testing.assert_array_equal(sample["truth"][0], view.truth[slices])
    np.testing.assert_array_equal(sample["image"], view.read(logged_sample.region, ["depth"], view.scale))
    np.testing.assert_array_equal(sample["initial"][0], session.session.initial[slices])
    before = sample["current"][0].numpy()
    assert (before[first] == 1).all(), "with the stroke before"
    assert not (before[second & ~first] == 0).all(), "without the new one"


def test_the_stroke_is_in_the_middle_of_its_window_or_in_its_cell(session, prepared):
    view = prepared.view(VIEW)
    around, in_cell = (
        read_logged(str(session.log.path), prepared, SIDE, around_stroke=around).samples for around in (True, False)
    )
    assert (around[0].region.top, around[0].region.left) == (100 - SIDE // 2, 120 - SIDE // 2)
    assert around[2].region.top == around[2].region.left == 0
    assert in_cell[0].region == cell_at(view.model_shape, SIDE, (100, 120))


def test_samples_depend_on_seed_epoch_and_place(logged):
    samples, others = (LoggedStrokes(logged.samples, ["depth"], SIDE, seed=seed, count=30) for seed in (0, 1))

    def chosen(dataset, epoch):
        dataset.epoch = epoch
        return [float(dataset[index]["newest"].sum()) for index in range(len(dataset))]

    assert chosen(samples, 0) == chosen(samples, 0)
    assert len({tuple(chosen(samples, 0)), tuple(chosen(samples, 1)), tuple(chosen(others, 0))}) == 3
    with pytest.raises(IndexError):
        samples[30]


def test_an_exported_json_is_as_good_as_its_log(logged, session, prepared, tmp_path):
    from interaction.log.log import Log

    with Log.read(session.log.path) as log:
        write_export("json", prepared.view(VIEW), session.current, log, tmp_path / "log.json")
    again = read_logged(f" {tmp_path / 'log.json'} ,", prepared, SIDE, around_stroke=True)
    assert again.sha256 == logged.sha256
    assert [one.current for one in again.samples] == [one.current for one in logged.samples]


def test_all_planes_are_augmented_alike_and_signs_are_kept(logged):
    batch = {name: plane[None] for name, plane in LoggedStrokes(logged.samples, ["depth"], SIDE, seed=0)[0].items()}
    marked = torch.zeros(1, 1, SIDE, SIDE)
    marked[..., 10:24, 12:40] = 1
    batch |= {name: marked.clone() for name in ("truth", "initial", "current", "added", "erased")}
    batch |= {"newest": -marked, "image": marked.clone()}
    for seed in range(4):
        moved = Augmentation()(batch, torch.Generator().manual_seed(seed))
        for name in ("added", "erased"):
            torch.testing.assert_close(moved[name], moved["truth"], rtol=0, atol=0)
        torch.testing.assert_close(moved["newest"], -moved["truth"], rtol=0, atol=0)
        for name in ("initial", "current"):
            torch.testing.assert_close(moved[name], moved["image"], rtol=0, atol=0)
        assert not torch.equal(moved["truth"], batch["truth"])


def test_a_batch_with_strokes_of_a_user_gets_no_others(logged):
    batch = {name: plane[None] for name, plane in LoggedStrokes(logged.samples, ["depth"], SIDE, seed=0)[0].items()}
    before = dict(batch)
    prompting = IterativePrompting(torch.nn.Identity(), MIRROR_BRUSH, max_prompts=1, seed=0)
    prompting.on_train_batch_start(pl.Trainer(logger=False, accelerator="cpu"), pl.LightningModule(), batch, 0)
    assert batch.keys() == before.keys()
    assert all(batch[name] is before[name] for name in before)


def with_(session, tmp_path, edit):
    """Return a recording of the log with something changed."""
    path = tmp_path / "changed.json"
    from interaction.log.log import Log

    with Log.read(session.log.path) as log:
        write_export("json", session.session.canvas, session.current, log, path)
    fields = json.loads(path.read_text())
    edit(fields["about"])
    write_json(path, fields)
    return path


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"view": "NOBODY_R"}, "of a view that is not prepared here"),
        ({"view": MIRROR}, "kept for testing"),
        ({"scan": {"depth": ["another"]}}, "was drawn on another scan"),
        ({"scale": 1.0}, "was drawn on another scan"),
    ],
)
def test_a_log_of_another_scan_is_refused(session, prepared, tmp_path, fields, message):
    path = with_(session, tmp_path, lambda about: about.update(fields))
    with pytest.raises(RunError, match=rf"{re.escape(str(path))}: .*{message}"):
        read_logged(str(path), prepared, SIDE, around_stroke=True)


def test_a_log_without_a_stroke_that_holds_is_named(prepared, tmp_path):
    drawn = Session(prepared.view(VIEW), tmp_path / VIEW / "log.sqlite")
    drawn.log.close()
    with pytest.raises(RunError, match=r"log\.sqlite: no stroke in it holds"):
        read_logged(str(drawn.log.path), prepared, SIDE, around_stroke=True)


def test_what_was_drawn_on_is_trained_on_and_not_validated_on(logged, prepared):
    one, two, three = (prepared.view(f"SYN-000{number}_R") for number in (1, 2, 3))
    split = split_with(Split(train=[two], validation=[one, three]), logged)
    assert [view.name for view in split.train] == [two.name, one.name]
    assert [view.name for view in split.validation] == [three.name]
    with pytest.raises(RunError, match="all views to validate on"):
        split_with(Split(train=[two, three], validation=[one]), logged)


def test_views_without_drawings_are_trained_on_by_their_logs(project, tmp_path):
    """No view of the set has a drawing: both models learn from what a person left in a log alone."""
    (tmp_path / "drawings").mkdir()
    moved = project.moved(STORAGE=tmp_path / "storage", GT_REL=tmp_path / "drawings")
    moved.succeed(data.setup.main, "--test", MIRROR)
    view = PreparedSet.open(tmp_path / "storage", "mirrors").view(VIEW)
    assert not view.has_truth
    drawn = Session(view, tmp_path / "annotations" / VIEW / "log.sqlite")
    for row in (180, 240, 300):
        drawn.draw(stroke((row, 150), (row, 260), radius=6))
    drawn.log.close()
    learn = ("--strokes", drawn.log.path, "--max_epochs", "1", "--crops", "4")
    moved.train("--name", "from-places", "--start_from", "base", *learn)
    train_on = ("--is_interactive", "True", "--base_model", "base", "--prompts", "session", "--window", "stroke")
    moved.train("--name", "from-strokes", *train_on, *learn)
    for name in ("from-places", "from-strokes"):
        record = json.loads((project.folder / "runs" / name / "run.json").read_text())
        assert record["config"]["strokes"] == str(drawn.log.path)
        assert len(record["hashes"]["strokes"]) == 64
        assert list((project.folder / "runs" / name / "pictures").iterdir())


@pytest.mark.parametrize(("given", "message"), [("0", "not in the range"), ("-2", "not in the range")])
def test_no_strokes_at_all_are_refused(raw, given, message):
    result = raw.run(train.main, "--strokes", given)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize("given", ["", ",", " , "])
def test_strokes_of_no_log_are_refused_before_anything_is_written(project, prepared, given):
    with pytest.raises(RunError, match="names no log"):
        read_logged(given, prepared, SIDE, around_stroke=True)
    learn = ("--is_interactive", "True", "--base_model", "base", "--name", "unnamed", "--strokes", given)
    result = project.run(train.main, *NETWORK, *BATCHES, *learn)
    assert (result.exit_code, "names no log" in result.output) == (1, True)
    assert not (project.folder / "runs" / "unnamed").exists()


def test_simulated_strokes_are_for_the_interactive_model_and_logs_for_both(raw):
    simulated, logged = (raw.run(train.main, "--strokes", strokes) for strokes in ("3", "none.sqlite"))
    assert (simulated.exit_code, "--is_interactive True" in simulated.output) == (1, True)
    assert (logged.exit_code, "there is no log" in logged.output) == (1, True)


def test_a_missing_log_is_named(raw, tmp_path, prepared):
    with pytest.raises(DataError, match=r"none\.sqlite: "):
        read_logged(str(tmp_path / "none.sqlite"), prepared, SIDE, around_stroke=True)
