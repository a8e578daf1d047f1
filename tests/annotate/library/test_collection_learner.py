"""The learner of a collection: it learns with networks of its own, says what came of it, and keeps it for the next."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from annotate.errors import AnnotateError
from annotate.library.collection_learner import CollectionLearner
from annotate.library.taught import _says
from data.regions import Region
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.task import Task
from models.versions import Version
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online.memory import Held
from tests.annotate.serving import DRAWN, GROOVE, MODEL_SHAPE, UNDRAWN
from tests.simulation.fakes import SCALE

CONFIG = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
PLACE, OTHER = Region(140, 0, 128, 128), Region(140, 128, 128, 128)


def nothing(share):
    """Report no progress."""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Networks that nobody trained."""
    torch.manual_seed(1)
    task, folder = Task("mirrors", ("depth",), SCALE, 128), tmp_path_factory.mktemp("models")
    made = []
    for name, network in (("base", LineNetwork(CONFIG)), ("interactive", InteractiveNetwork(CONFIG))):
        path = folder / f"{name}.ckpt"
        path.write_bytes(name.encode())
        made.append(TrainedModel(network.eval(), task, path, (), ()))
    return LoadedBase(made[0], "cpu", "torch"), LoadedInteractive(made[1], "cpu", "torch")


@pytest.fixture
def learner(models, tmp_path):
    made = CollectionLearner(lambda: models, tmp_path / "learned.safetensors")
    made.begin()
    return made


@pytest.fixture
def view(site):
    return next(view for view in site.views() if view.name == DRAWN)


def lessons(learner, view, *places):
    """The lessons of places whose drawing is the truth."""
    session = RefinementSession(view, view.truth.astype(np.float32), ManualRefiner(SCALE), scale=SCALE, channels=())
    return [learner.lesson(session, view, place, None) for place in places]


def taught(learner, view, *places):
    return learner.teach(view.name, [lesson for _, lesson in lessons(learner, view, *places)], [], nothing)


def test_lessons_have_numbers_of_their_own(learner, view, site):
    other = next(view for view in site.views() if view.name == UNDRAWN)
    session = RefinementSession(other, np.zeros(MODEL_SHAPE, np.float32), ManualRefiner(SCALE), scale=SCALE)

    (one, lesson), (two, _) = lessons(learner, view, PLACE, OTHER)
    three, third = learner.lesson(session, other, PLACE, None)

    assert (one, two, three) == (1, 2, 3)
    assert (lesson.event, lesson.view, third.view) == (1, DRAWN, UNDRAWN)
    groove = np.zeros(MODEL_SHAPE, bool)
    groove[GROOVE[0].start // 2 : GROOVE[0].stop // 2, GROOVE[1].start // 2 : GROOVE[1].stop // 2] = True
    assert (lesson.truth == groove[lesson.shown.slices]).all()


def test_what_came_of_one_place_is_said_and_is_not_used_yet(learner, view):
    shares = []

    result = learner.teach(view.name, [lessons(learner, view, PLACE)[0][1]], [], shares.append)

    assert result.says.startswith("Learned from 1 place.")
    assert (result.proved, result.record["tests"]) == (False, 0)
    assert "It is not used yet" in result.says
    assert result.version.lessons == (1,)
    assert learner.words(result.version) == "base + 1 place"
    assert learner.for_next is None
    assert max(shares) == pytest.approx(1)


def test_nothing_comes_of_no_lessons_and_of_lessons_that_are_forgotten(learner, view):
    result = taught(learner, view, PLACE)

    assert result is not None
    assert learner.teach(view.name, [], [], nothing) is None
    assert learner.teach(view.name, [], [1], nothing) is None


def test_a_version_draws_and_answers_and_survives_a_log(learner, view):
    version = taught(learner, view, PLACE, OTHER).version

    again = learner.of_log(version.to_bytes())
    drawings = [learner.drawing(one, view, nothing) for one in (version, again, learner.shipped)]

    assert again.sha256 == version.sha256
    assert (drawings[0] == drawings[1]).all()
    assert (drawings[0] != drawings[2]).any()
    assert drawings[0].shape == MODEL_SHAPE
    assert learner.refiner(version, view) is not None


def test_what_ends_the_progress_ends_the_learning(learner, view):
    class Ended(Exception):
        pass

    def end(share):
        raise Ended

    with pytest.raises(Ended):
        learner.teach(view.name, [lessons(learner, view, PLACE)[0][1]], [], end)

    assert taught(learner, view, PLACE).says.startswith("Learned from 1 place.")  # and not from two


def test_a_version_that_has_proved_better_is_kept_for_the_next_mirror_until_it_is_forgotten(
    learner, models, view, tmp_path, monkeypatch
):
    monkeypatch.setattr("runs.training.online.OnlineLearner.in_use", lambda self, view=None: self.versions[-1])

    result = taught(learner, view, PLACE)
    kept = (tmp_path / "learned.safetensors").read_bytes()
    again = CollectionLearner(lambda: models, tmp_path / "learned.safetensors")
    again.begin()

    assert result.proved
    assert "It is used from now on" in result.says
    assert learner.for_next is result.version
    assert Version.from_bytes(kept).sha256 == again.for_next.sha256 == result.version.sha256
    again.forget()
    assert again.for_next is None
    assert not (tmp_path / "learned.safetensors").exists()


def test_what_other_models_learned_is_left_alone_and_said(models, tmp_path, caplog):
    path = tmp_path / "learned.safetensors"
    path.write_bytes(Version("other", "decoder", {"weight": torch.ones(2)}).to_bytes())
    learner = CollectionLearner(lambda: models, path)

    learner.begin()

    assert learner.for_next is None
    assert path.exists()
    assert "belongs to other models" in caplog.text
    with pytest.raises(AnnotateError, match="damaged"):
        learner.of_log(b"no version")


def test_a_program_that_starts_anew_remembers_all_lessons_of_these_models(learner, models, view, tmp_path):
    taught(learner, view, PLACE)
    again = CollectionLearner(lambda: models, tmp_path / "learned.safetensors")
    again.begin()

    [(number, lesson)] = lessons(again, view, OTHER)
    result = again.teach(view.name, [lesson], [], nothing)

    assert again.collection == learner.collection
    assert number == 2
    assert result.version.lessons == (1, 2)
    assert result.version.sha256 == taught(learner, view, OTHER).version.sha256


def test_a_state_that_is_damaged_is_named(learner, models, view, tmp_path):
    taught(learner, view, PLACE)
    path = tmp_path / "learned.state"
    path.write_bytes(path.read_bytes()[:-100])
    again = CollectionLearner(lambda: models, tmp_path / "learned.safetensors")
    again.begin()

    with pytest.raises(AnnotateError, match=r"learned\.state.*remove it"):
        taught(again, view, OTHER)


def test_a_state_of_other_models_is_not_gone_on_with(learner, models, view, tmp_path):
    taught(learner, view, PLACE)
    path = tmp_path / "learned.state"
    path.write_bytes(path.read_bytes().replace(learner.shipped.parent.encode(), b"0" * 64, 1))
    again = CollectionLearner(lambda: models, tmp_path / "learned.safetensors")
    again.begin()

    assert again.collection != learner.collection
    assert taught(again, view, OTHER).version.lessons == (1,)


def test_a_place_that_comes_again_replaces_its_lesson_and_tests_nothing_that_learned_from_it(learner, view):
    taught(learner, view, PLACE)

    again = taught(learner, view, PLACE)  # the session lost what came of the first time

    assert again.version.lessons == (2,)
    assert again.record["tests"] == 0


def test_what_cannot_be_kept_is_used_and_said(learner, view, monkeypatch):
    def fails(path, write):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotate.library.kept_learning.write_whole", fails)

    result = taught(learner, view, PLACE)

    assert result.version.lessons == (1,)
    assert "No space left on device; what was learned is kept until the program ends" in result.says


def test_what_no_test_has_shown_is_not_said_to_be_shown():
    assert "no place that it had not seen shows that yet" in _says(0, 0.1, True)
    assert "on 2 places that it had not seen it was better, by 10 points" in _says(2, 0.1, True)
    assert "It answers your strokes from now on: it answers" in _says(0, 0.01, True, draws=False)
    assert "so much better that 1 point " in _says(0, 0.01, True, draws=False)


def test_places_of_a_page_are_so_large_that_fewer_of_them_are_remembered(learner, view, monkeypatch):
    monkeypatch.setattr("annotate.library.collection_learner.REMEMBERED", 9)
    [(_, lesson)] = lessons(learner, view, PLACE)
    with learner._turn:
        made = learner._learner()
    for number in range(12):
        made._memory.add(Held(number, lesson, {}))
    assert len(made.lessons) == 9
