"""What the learner learns, when it is believed, and what it costs."""

from threading import Barrier, Thread

import numpy as np
import pytest
import torch

from runs.training.online import CANDIDATES, OnlineLearner
from runs.training.online.guard import score_of
from runs.training.online.lessons import lesson_of, shown_around
from runs.training.online.memory import Held
from runs.training.online.steps import Steps
from tests.runs.training.online.lessons import SIDE, lesson


@pytest.fixture
def quick(monkeypatch):
    """A few steps, where what is learned does not matter."""
    monkeypatch.setattr("runs.training.online.teaching.STEPS", Steps(4))


def learner(base, **options):
    return OnlineLearner(base, seed=0, replay=(), **options)


def wrong(loaded, one):
    """Pixels that a version draws wrongly on a lesson."""
    probability = loaded.predictor(print)(one.image[None])[0]
    return score_of(probability, one.truth, one.known).wrong


def test_a_foreign_kind_of_line_is_learned_and_believed_after_three_places(base):
    taught = learner(base)
    for seed in range(3):
        taught.add(lesson(seed, bright=True))
    assert taught.in_use("a") is taught.shipped, "nothing was learned yet"
    taught.learn()
    version = taught.in_use("a")
    assert not version.changes_nothing
    elsewhere = lesson(99, bright=True)
    assert wrong(taught.base(version), elsewhere) < 0.5 * wrong(base, elsewhere)


def test_places_that_the_model_draws_well_change_nothing(base):
    taught = learner(base)
    for seed in range(3):
        taught.add(lesson(seed))
    taught.learn()
    assert taught.in_use("a") is taught.shipped
    assert taught.in_use() is taught.shipped


def test_nothing_is_learned_twice_nor_from_ground_alone(base):
    taught = learner(base)
    assert taught.learn() is None
    taught.add(lesson(0, lines=0))
    assert taught.learn() is None
    taught.add(lesson(1, bright=True))
    assert taught.learn() is not None
    assert taught.learn() is None


def test_what_was_drawn_wrongly_by_the_person_is_not_believed(base):
    """Strokes on one side only: what is known holds half of the lines, all else is said to be ground."""
    taught = learner(base)
    rng = np.random.default_rng(0)
    for seed in range(4):
        whole = lesson(seed)
        truth = whole.truth & (rng.random((SIDE, SIDE)) < 0.5)  # the drawing beside the strokes is still wrong
        taught.add(lesson(seed, truth=truth))
    taught.learn()
    after = taught.in_use("a")
    good = lesson(50)
    assert wrong(taught.base(after), good) <= wrong(base, good) + 0.005 * SIDE**2


def test_a_version_that_loses_is_no_longer_used(base):
    taught = learner(base)
    for seed in range(3):
        taught.add(lesson(seed, bright=True))
    taught.learn()
    assert not taught.in_use("a").changes_nothing
    for seed in range(10, 16):  # from here on bright lines are no lines, and dark ones are
        both = lesson(seed, bright=True, truth=np.zeros((SIDE, SIDE), bool))
        taught.add(both)
        taught.add(lesson(seed))
    assert taught.in_use("a") is taught.shipped


def test_the_same_lessons_make_the_same_versions(quick, base, interactive):
    hashes = []
    for workers in (1, 2):
        taught = learner(base, interactive=interactive, workers=workers)
        for seed in range(2):
            taught.add(lesson(seed, bright=True))
        taught.learn()
        hashes.append([version.sha256 for version in taught.versions])
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == len(hashes[0])


def test_learning_costs_the_same_however_many_lessons_there_were(quick, base, monkeypatch):
    """Counts the network's work, not seconds: what is computed for one more lesson, and for learning, is bounded."""
    taught = learner(base, memory=10, candidates=("decoder-half",))
    work = []
    count = taught._pupils["base"].network.unet.decoder.__class__.forward

    def counted(self, *args, **options):
        work.append(1)
        return count(self, *args, **options)

    monkeypatch.setattr(taught._pupils["base"].network.unet.decoder.__class__, "forward", counted)

    def cost(seeds):
        for seed in seeds:
            taught.add(lesson(seed, bright=True))
        work.clear()
        taught.add(lesson(seeds[-1] + 1, bright=True))
        taught.learn()
        return len(work)

    cost(range(2))  # nothing is there yet to be tested
    early, late = cost(range(10, 11)), cost(range(100, 140))
    assert late <= early + 4 + 10, "at most the newest lessons that gains are taken from, and those not tested yet"
    assert len(taught.lessons) == 10


def test_a_lesson_that_was_undone_is_forgotten_with_all_that_learned_from_it(quick, base):
    taught = learner(base)
    for seed in range(3):
        taught.add(lesson(seed, bright=True, event=seed + 1))
    taught.learn()
    taught.forget(2)
    assert taught.in_use("a") is taught.shipped
    assert [one.event for one in taught.lessons] == [1, 3]
    assert taught.learn() is not None


def test_a_learner_goes_on_from_its_state(quick, base, interactive):
    taught = learner(base, interactive=interactive)
    for seed in range(3):
        taught.add(lesson(seed, bright=True, event=seed + 1))
    taught.learn()
    again = learner(base, interactive=interactive)
    again.restore(taught.state())
    assert len(again.versions) == 1 + len(CANDIDATES)
    assert again.in_use("a").sha256 == taught.in_use("a").sha256
    assert again.versions[1].lessons == (1, 2, 3)
    for one in (taught, again):
        one.add(lesson(7, bright=True))
        one.learn()
    assert [version.sha256 for version in again.versions] == [version.sha256 for version in taught.versions]


def test_another_models_state_is_refused(base, tmp_path):
    from models.errors import ModelError
    from tests.runs.training.online.lessons import dark_model

    other = dark_model(tmp_path / "other.safetensors", steps=1)
    other.trained.path.write_bytes(b"another file")
    with pytest.raises(ModelError, match="other weights"):
        learner(other).restore(learner(base).state())


def test_the_next_image_begins_with_what_was_learned_once_two_others_were_drawn_better(base):
    taught = learner(base)
    for seed in range(4):
        taught.add(lesson(seed, bright=True))
    taught.learn()
    assert not taught.in_use("a").changes_nothing
    assert taught.in_use("the next").changes_nothing  # nothing is known of any other image

    for seed, view in enumerate("bbcc", start=4):
        taught.add(lesson(seed, view, bright=True))
    assert not taught.in_use().changes_nothing
    assert not taught.in_use("the next").changes_nothing


@pytest.mark.parametrize("name", CANDIDATES)
def test_each_candidate_makes_a_version_of_its_network_alone(quick, base, interactive, name):
    taught = learner(base, interactive=interactive, candidates=(name,))
    for seed in range(2):
        taught.add(lesson(seed, bright=True))
    version = taught.learn()
    assert version.candidate == name
    kind = CANDIDATES[name].kind
    assert [bool(version.base), bool(version.interactive)] == [kind == "base", kind == "interactive"]
    model = taught.base(version) if kind == "base" else taught.interactive(version)
    planes = [lesson(5).image[None]] * (1 + len(model.trained.network.inputs))
    answer = model.predictor(print)(*planes)
    assert np.isfinite(answer).all()
    assert not np.array_equal(answer, (base if kind == "base" else interactive).predictor(print)(*planes))


def test_a_redrawing_has_to_be_better_than_what_the_session_began_with(base):
    taught = learner(base)
    for seed in range(3):
        one = lesson(seed, bright=True)
        object.__setattr__(one, "reference", one.truth.astype(np.float32))  # it began with a perfect drawing
        taught.add(one)
    taught.learn()
    assert taught.in_use("a") is taught.shipped


def test_what_is_shown_of_a_place_holds_whole_crops():
    from data.regions import Region

    shape = (500, 400)
    assert shown_around(Region(200, 200, 66, 66), shape) == Region(153, 153, 160, 160)
    assert shown_around(Region(0, 0, 32, 32), shape) == Region(0, 0, 128, 128)
    assert shown_around(Region(0, 0, 50, 50), (90, 60)) == Region(0, 0, 90, 60)


def test_a_lesson_is_what_the_session_holds():
    from data.regions import Region
    from interaction.refiners import ManualRefiner
    from interaction.session import RefinementSession
    from tests.photograph import Photograph

    image = np.random.default_rng(0).random((200, 180), dtype=np.float32)
    drawing = np.random.default_rng(1).random((200, 180), dtype=np.float32)
    session = RefinementSession(Photograph(image[None]), drawing, ManualRefiner(1.0), scale=1.0, channels=())
    place = Region(100, 60, 40, 30)
    one = lesson_of(session, "a", place, channels=("depth",))
    assert one.known.sum() == 40 * 30
    assert one.known[one.inside].all()
    assert np.array_equal(one.truth[one.inside], drawing[place.slices] > 0.5)
    assert np.array_equal(one.image[0], image[one.shown.slices])
    with pytest.raises(ValueError, match="does not lie"):
        lesson_of(session, "a", Region(180, 0, 40, 40), channels=("depth",))
    with pytest.raises(ValueError, match="nothing is known"):
        lesson_of(session, "a", place, channels=("depth",), known=np.zeros((200, 180), bool))


def test_learning_side_by_side_leaves_the_number_of_threads_as_it_was(base, interactive, monkeypatch):
    counted, met = [], Barrier(2, timeout=20)

    class Overlapping:
        def learned(self, network, samples, chances, replay, rng, progress):
            met.wait()  # both networks learn at the same time
            counted.append(torch.get_num_threads())
            network.unet.segmentation_head[0].bias.add_(0.5)

    monkeypatch.setattr("runs.training.online.teaching.STEPS", Overlapping())
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        taught = learner(base, interactive=interactive)
        taught.add(lesson(0, bright=True))
        taught.learn()
        later = []
        new = Thread(target=lambda: later.append(torch.get_num_threads()))
        new.start()
        new.join()
        assert counted == [1, 1]
        assert (torch.get_num_threads(), later) == (3, [3])
    finally:
        torch.set_num_threads(before)


def test_the_interactive_model_learns_to_answer_strokes_on_a_foreign_kind_of_line(base, interactive):
    """Lines that nobody has drawn yet: the answer to a stroke on one of them brings more of it than before."""
    taught = learner(base, interactive=interactive, candidates=("answers-half", "answers"))
    for seed in range(6):
        taught.add(lesson(seed, bright=True))
    taught.learn()
    unseen = Held(99, lesson(99, bright=True), taught._pupils)
    pupil, prepared = taught._pupils["interactive"], unseen.prepared["interactive"]
    after = pupil.score(taught._living["answers"].network, unseen.lesson, prepared)
    assert after.wrong < 0.8 * prepared.before.wrong


def test_a_place_that_was_right_from_the_start_asks_nothing_of_the_interactive_model(base, interactive):
    one = lesson(0)
    object.__setattr__(one, "initial", one.truth.astype(np.float32))
    taught = learner(base, interactive=interactive, candidates=("answers",))
    taught.add(one)
    assert taught.learn() is None


def test_networks_are_judged_each_by_itself_and_used_together(quick, base, interactive):
    taught = learner(base, interactive=interactive)
    for seed in range(3):
        taught.add(lesson(seed, bright=True))
    taught.learn()
    taught._best = lambda kind, view: {"base": "decoder-half", "interactive": "answers"}[kind]
    both = taught.in_use("a")
    assert both.candidate == "decoder-half+answers"
    assert both.base
    assert both.interactive
    assert both is taught.in_use("a")
    alone = taught._living["decoder-half"].version
    assert (both.base_sha256, both.sha256) == (alone.base_sha256, both.sha256)
    assert both.sha256 != alone.sha256
    assert taught.base(both) is taught.base(alone)
    assert taught.interactive(alone) is interactive


def test_what_the_base_model_learned_can_be_previewed_beside_answers_that_are_in_use(quick, base, interactive):
    taught = learner(base, interactive=interactive)
    taught.add(lesson(0, bright=True))
    assert taught.to_preview("a") is taught.shipped
    taught.learn()
    taught._best = lambda kind, view: {"base": None, "interactive": "answers"}[kind]
    used, shown = taught.in_use("a"), taught.to_preview("a")
    assert (used.candidate, shown.candidate) == ("answers", "decoder-half+answers")
    taught._best = lambda kind, view: {"base": "decoder-half", "interactive": "answers"}[kind]
    assert taught.to_preview("a") is taught.in_use("a")
