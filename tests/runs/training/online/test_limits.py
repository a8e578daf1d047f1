"""What learning has to stand: small places, other planes, published models, much of it, and being forgotten."""

import numpy as np
import pytest
import torch

from data.regions import Region
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.task import Task
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online import CANDIDATES, Lesson, OnlineLearner
from runs.training.online.drawing import Drawing
from runs.training.online.memory import Held
from runs.training.online.steps import Steps
from tests.runs.training.online.lessons import ENCODER, SIDE, lesson


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few steps: what is learned does not matter here."""
    monkeypatch.setattr("runs.training.online.teaching.STEPS", Steps(2))


def small_lesson(height, width, channels=1):
    """A vertical line 6 pixels wide in a place of any size, of whose rows the lower half alone is known."""
    rng, truth, known = np.random.default_rng(0), np.zeros((height, width), bool), np.zeros((height, width), bool)
    truth[:, width // 2 : width // 2 + 6], known[height // 2 :] = True, True
    image = rng.normal(0.5, 0.05, (channels, height, width)) + 0.3 * truth
    place, initial = Region(0, 0, height, width), np.zeros((height, width), np.float32)
    return Lesson("a", place, place, np.clip(image, 0, 1).astype(np.float32), truth, known, initial, (), 0.5)


def untrained(path, planes, prompts=None, **task):
    """A network that nobody trained: a base model, or an interactive one that is shown its prompts in some way."""
    torch.manual_seed(0)
    shown = NetworkConfig("unet-slim", ENCODER, (0.5,) * planes, (0.2,) * planes, prompts or "separate")
    network = InteractiveNetwork(shown) if prompts else LineNetwork(shown)
    path.write_bytes(path.name.encode())
    trained = TrainedModel(network.eval(), Task("mirrors", ("depth",), 0.5, SIDE, **task), path, (), ())
    return (LoadedInteractive if prompts else LoadedBase)(trained, "cpu", "torch")


@pytest.mark.parametrize(("height", "width"), [(90, 60), (128, 200), (33, 150)])
def test_a_place_may_be_smaller_than_a_crop_and_of_any_sides(base, interactive, height, width):
    taught, one = OnlineLearner(base, interactive, seed=0, replay=()), small_lesson(height, width)
    taught.add(one)
    taught.learn()
    taught.add(one)  # is a test
    assert {test.candidate for test in taught._record.tests} == set(CANDIDATES)
    for kind in ("base", "interactive"):
        for sample in Held(0, one, taught._pupils).prepared[kind].samples:
            features, target, weight = sample.crop(np.random.default_rng(0))
            assert target.shape == weight.shape == (1, 1, 128, 128)
            assert [plane.shape[-1] for plane in features] == [128, 64, 32, 16, 8, 4]
            assert not weight[..., -(-height // 32) * 32 :, :].any(), "nothing is learned beyond the place"
            assert not weight[..., -(-width // 32) * 32 :].any()


@pytest.mark.parametrize("prompts", ["signed", "separate"])
def test_models_of_several_planes_and_published_ones_learn(tmp_path, prompts):
    """A window that is a cell, answers that are taken over whole, and no made-up mirrors, which have one plane."""
    base = untrained(tmp_path / "base", 3)
    interactive = untrained(tmp_path / "interactive", 3, prompts, window="cell", merge="whole")
    taught = OnlineLearner(base, interactive, seed=0)
    assert not taught._pupils["base"].replay
    taught.add(small_lesson(128, 128, channels=3))
    taught.learn()
    for version in taught.versions[1:]:
        for difference in (version.base, version.interactive):
            assert all(torch.isfinite(change).all() for change in difference.values())
    assert [version.candidate for version in taught.versions[1:]] == list(CANDIDATES)


def test_strokes_are_simulated_where_the_place_is_known_alone(base, interactive):
    one = small_lesson(128, 128)
    held = Held(0, one, OnlineLearner(base, interactive, seed=0, replay=())._pupils)
    for view in held.prepared["interactive"].views:
        rows = [row for row, _ in view.prompts[-1].path_px]
        assert min(rows) * one.scale >= 64 - 8, "half a stroke's width may reach out of it"


def test_strokes_begin_with_the_drawing_that_the_session_began_with(base, interactive):
    one = lesson(0, bright=True)
    object.__setattr__(one, "reference", one.truth.astype(np.float32))
    held = Held(0, one, OnlineLearner(base, interactive, seed=0, replay=())._pupils)
    assert "interactive" not in held.prepared, "it was right from the start"


def test_what_is_held_of_a_lesson_is_bounded(base, interactive):
    """In bytes a pixel and stroke: 22 in the encoder's maps, 13 beside."""
    held = Held(0, lesson(0, bright=True), OnlineLearner(base, interactive, seed=0, replay=())._pupils)
    prepared = held.prepared["interactive"]
    tensors = [tensor for one in prepared.samples for tensor in (*one.features, one.logits, one.truth, one.known)]
    views = [plane for view in prepared.views for plane in (view.current, view.newest, *view.pinned)]
    total = sum(tensor.nbytes for tensor in tensors) + sum(plane.nbytes for plane in views)
    assert total / len(prepared.samples) / SIDE**2 < 40


def test_networks_are_asked_by_one_thread_also_when_versions_are_tried_on_their_own_lessons(base, monkeypatch):
    counted, score = [], Drawing.score

    def counting(self, *given):
        counted.append(torch.get_num_threads())
        return score(self, *given)

    monkeypatch.setattr(Drawing, "score", counting)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        taught = OnlineLearner(base, seed=0, replay=())
        taught.add(lesson(0, bright=True))
        taught.learn()
        assert set(counted) == {1}
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_what_is_restored_is_computed_when_something_is_learned_from_it(base, monkeypatch):
    taught = OnlineLearner(base, seed=0, replay=())
    for seed in range(3):
        taught.add(lesson(seed, bright=True))
    state, prepared, asked = taught.state(), Drawing.prepared, []

    def counting(self, one, number):
        asked.append(number)
        return prepared(self, one, number)

    monkeypatch.setattr(Drawing, "prepared", counting)
    again = OnlineLearner(base, seed=0, replay=())
    again.restore(state)
    assert not asked
    again.learn()
    taught.learn()
    assert asked == [0, 1, 2]
    assert [version.sha256 for version in again.versions] == [version.sha256 for version in taught.versions]


def test_what_a_version_went_on_from_is_forgotten_with_it(base):
    """One candidate was dropped and begins again beside one that had not lost: its network goes on from that one."""
    taught = OnlineLearner(base, seed=0, replay=(), memory=9)
    taught.add(lesson(0, bright=True, event=1))
    taught.learn()
    del taught._living["decoder-half"]  # as if it had lost
    for seed in range(1, 20):
        taught.add(lesson(seed, bright=True, event=seed + 1))
    assert 1 not in {one.event for one in taught.lessons}
    taught.learn()
    assert len(taught.versions) == 3
    taught.forget(1)
    assert taught.versions == [taught.shipped]


def test_a_candidate_that_was_dropped_is_proposed_again_before_the_others(base):
    taught = OnlineLearner(base, seed=0, replay=())
    for seed, dropped in ((0, ()), (1, ("decoder-half",))):
        for name in dropped:  # as if it had lost
            del taught._living[name]
        taught.add(lesson(seed))  # lines that the model draws well: nothing is better
        assert taught.learn().candidate == "decoder-half"


def test_a_version_names_the_lessons_alone_that_its_network_learned_from(base, interactive):
    taught = OnlineLearner(base, interactive, seed=0, replay=())
    right = lesson(0, event=1)
    object.__setattr__(right, "initial", right.truth.astype(np.float32))  # no stroke is needed there
    for one in (right, lesson(1, bright=True, event=2)):
        taught.add(one)
    taught.learn()
    told = {version.candidate: version.lessons for version in taught.versions[1:]}
    assert (told["decoder"], told["answers"]) == ((1, 2), (2,))
    taught.forget(1)
    assert [version.candidate for version in taught.versions[1:]] == ["answers", "answers-half"]


def test_a_lesson_that_left_the_memory_is_forgotten_too(base):
    taught = OnlineLearner(base, seed=0, replay=(), memory=10)
    for seed in range(3):
        taught.add(lesson(seed, bright=True, event=seed + 1))
        taught.learn()
    for seed in range(3, 30):
        taught.add(lesson(seed, bright=True, event=seed + 1))
    taught.learn()
    gone = next(event for event in (1, 2, 3) if event not in {one.event for one in taught.lessons})
    assert len(taught.versions) > 1
    taught.forget(gone)
    assert taught.versions == [taught.shipped]
