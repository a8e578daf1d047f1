"""Simulated correction in training: each sample for itself, on the model's own answers, no trace left behind."""

from contextlib import nullcontext
from itertools import pairwise
from types import SimpleNamespace
from zlib import crc32

import cv2
import numpy as np
import pytest
import torch
from scipy.ndimage import label
from torch import nn

from data.regions import whole
from interaction import merging
from interaction.merging import RULES, WHOLE, merge_named
from interaction.prompts.strokes import ADD, ERASE, draw
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from models.encoders import StrokeEncoder
from models.modules import InteractiveModule, paste
from models.networks import IN_SESSION, NetworkConfig
from simulation.annotators import annotator_named
from simulation.annotators.adversarial import Adversarial
from simulation.annotators.published import Longer, short
from simulation.iterative_prompting import IterativePrompting
from simulation.simulated_user import Only
from simulation.strokes import MIRROR_BRUSH
from tests.photograph import Photograph
from tests.simulation.fakes import THIN, bar, scene

SHAPE = (48, 48)
EMPTY = np.zeros(SHAPE, bool)
LINE = bar(SHAPE, 20, slice(5, 45))
DOTS = np.zeros(SHAPE, bool)  # far apart, so a stroke corrects one of them and each makes a piece of its own
DOTS[6::12, 6::12] = True
MAPS = IN_SESSION
SIX_STROKES = next(  # a seed with which the first sample gets all of six prompts
    seed for seed in range(100) if np.random.default_rng([seed, 1, 0, 0, 0, 0]).integers(1, 7) == 6
)


class Base(nn.Module):
    """A base model whose drawing is the image itself: bright pixels are line."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1, affine=False)
        self.gain = nn.Parameter(torch.tensor(20.0))

    def forward(self, image):
        self.norm(image)
        return (image - 0.5) * self.gain


class Model(nn.Module):
    """An interactive model that answers with the initial drawing and the strokes; remembers how it was asked."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.asked = []

    def prediction(self, batch):
        asked = {name: batch[name].clone() for name in MAPS}
        self.asked.append(asked | {"gradient": torch.is_grad_enabled(), "training": self.training})
        self.norm(batch["image"])
        return paste(batch["initial"] * self.weight, batch)


def batch_of(*samples):
    """Make a batch of (prediction, truth) pairs."""
    predictions, truths = (torch.from_numpy(np.stack(masks)[:, None]).float() for masks in zip(*samples, strict=True))
    return {"image": predictions, "truth": truths}


def person(max_prompts=1, seed=0, base=None, annotators=()):
    return IterativePrompting(base or Base(), THIN, max_prompts=max_prompts, seed=seed, annotators=annotators)


def simulated(*samples, max_prompts=1, seed=0, key=(1, 0, 0, 0), model=None, annotators=()):
    batch = batch_of(*samples)
    person(max_prompts, seed, annotators=annotators).simulate(model or Model(), batch, key)
    return batch


def touched(batch, sample):
    return ((batch["added"] + batch["erased"])[sample, 0] > 0).numpy()


def stroke_count(batch, sample):
    return label(touched(batch, sample), np.ones((3, 3)))[1]


def same(one, other, sample=slice(None)):
    return all(torch.equal(one[name][sample], other[name][sample]) for name in MAPS)


class TestABatch:
    def test_it_gets_the_base_models_drawing_as_probabilities(self):
        batch = simulated((LINE, EMPTY))
        assert torch.equal(batch["initial"], torch.sigmoid((batch["image"] - 0.5) * 20))

    def test_all_maps_have_the_shape_of_the_truth(self):
        batch = simulated((LINE, EMPTY), (EMPTY, LINE))
        assert {tuple(batch[name].shape) for name in MAPS} == {(2, 1, *SHAPE)}

    def test_false_negatives_are_added_and_false_positives_erased(self):
        batch = simulated((EMPTY, LINE), (LINE, EMPTY))
        assert [bool(batch["added"][sample].any()) for sample in (0, 1)] == [True, False]
        assert [bool(batch["erased"][sample].any()) for sample in (0, 1)] == [False, True]

    def test_strokes_are_ones(self):
        batch = simulated((EMPTY, LINE), (LINE, EMPTY))
        assert set(batch["added"].unique().tolist()) == set(batch["erased"].unique().tolist()) == {0, 1}

    @pytest.mark.parametrize("max_prompts", [1, 3])
    def test_no_stroke_is_made_where_the_prediction_is_right(self, max_prompts):
        batch = simulated((LINE, LINE), (EMPTY, EMPTY), max_prompts=max_prompts)
        assert not touched(batch, 0).any()
        assert not touched(batch, 1).any()

    def test_both_kinds_of_stroke_are_as_likely(self):
        both = (bar(SHAPE, 10, slice(5, 45)), bar(SHAPE, 35, slice(5, 45)))
        batch = simulated(*[both] * 200)
        added = batch["added"].flatten(1).any(dim=1)
        assert 70 < int(added.sum()) < 130
        assert torch.equal(~added, batch["erased"].flatten(1).any(dim=1))


class TestIterations:
    def test_with_one_round_every_sample_with_an_error_gets_exactly_one_stroke(self):
        batch = simulated(*[(EMPTY, DOTS), (DOTS, EMPTY), scene(1, SHAPE)] * 8)
        assert {stroke_count(batch, sample) for sample in range(24)} == {1}

    def test_with_three_prompts_at_most_a_sample_gets_one_to_three(self):
        batch = simulated(*[(EMPTY, DOTS)] * 60, max_prompts=3)
        counts = [stroke_count(batch, sample) for sample in range(60)]
        assert set(counts) == {1, 2, 3}
        assert min(counts.count(number) for number in (1, 2, 3)) > 10

    def test_a_later_stroke_corrects_the_models_answer_to_those_before(self):
        """The prediction draws all that was missing, so a second stroke has nothing to correct."""
        model = Model()
        model.prediction = lambda batch: batch["truth"]
        batch = simulated(*[(EMPTY, DOTS)] * 20, max_prompts=3, model=model)
        assert {stroke_count(batch, sample) for sample in range(20)} == {1}

    def test_a_later_stroke_can_correct_what_the_model_has_spoiled(self):
        """The initial drawing has no false positives, so the model drew what is erased."""
        model = Model()
        model.prediction = lambda batch: 1 - batch["truth"]
        batch = simulated(*[(EMPTY, LINE)] * 20, max_prompts=3, model=model)
        assert {stroke_count(batch, sample) for sample in range(20)} > {1}
        assert any(batch["erased"].flatten(1).any(dim=1))

    def test_where_two_strokes_cross_the_later_one_holds(self):
        """First the false negative is added; then the false positive that the model drew near it is erased."""
        truth, stray = bar(SHAPE, 20, slice(20, 28)), bar(SHAPE, 26, slice(20, 28))
        first = []

        def answer(batch):
            first.append(batch["added"].clone())
            return batch["truth"] + torch.from_numpy(stray).float()

        model, taken_back = Model(), []
        model.prediction = answer
        for seed in range(30):
            batch = batch_of((EMPTY, truth))
            IterativePrompting(Base(), MIRROR_BRUSH, max_prompts=2, seed=seed).simulate(model, batch, (0,))
            taken_back += [bool((added * batch["erased"]).any()) for added in first]
            assert not (batch["added"] * batch["erased"]).any()
            first.clear()
        assert any(taken_back)

    def test_the_model_is_asked_between_prompts_only_and_for_those_that_go_on(self):
        model = Model()
        batch = simulated(*[(EMPTY, DOTS)] * 20, max_prompts=3, model=model)
        counts = [stroke_count(batch, sample) for sample in range(20)]
        assert [len(asked["added"]) for asked in model.asked] == [20 - counts.count(1), counts.count(3)]
        for number, asked in enumerate(model.asked, start=1):
            assert {stroke_count(asked, sample) for sample in range(len(asked["added"]))} == {number}

    def test_who_finds_nothing_is_not_asked_again_and_the_others_go_on(self):
        samples = [(LINE, LINE), (EMPTY, DOTS)] * 10
        people = [Remembering(Longer(THIN))]
        batch = simulated(*samples, max_prompts=3, annotators=people)
        right = [drawing for drawing, _ in people[0].told if np.array_equal(drawing, LINE)]
        assert len(right) == 10
        assert {stroke_count(batch, sample) for sample in range(1, 20, 2)} == {1, 2, 3}

    def test_no_answer_is_asked_for_where_nobody_goes_on(self):
        model = Model()
        simulated(*[(LINE, LINE)] * 8, max_prompts=3, model=model)
        assert model.asked == []

    def test_where_no_stroke_is_made_the_drawing_stays_the_initial_one(self):
        batch = simulated((LINE, LINE), (EMPTY, EMPTY), max_prompts=3)
        assert torch.equal(batch["current"], batch["initial"])
        assert not batch["newest"].any()

    def test_the_newest_stroke_is_signed_and_the_drawing_is_that_before_it(self):
        batch = simulated((EMPTY, LINE), (LINE, EMPTY))
        assert torch.equal(batch["current"], batch["initial"])
        assert torch.equal(batch["newest"], batch["added"] - batch["erased"])
        assert [batch["newest"][sample].unique().tolist() for sample in (0, 1)] == [[0, 1], [-1, 0]]

    def test_with_one_round_the_model_is_not_asked(self):
        model = Model()
        simulated((EMPTY, DOTS), model=model)
        assert model.asked == []


class TestSamplesAreIndependent:
    @pytest.mark.parametrize("max_prompts", [1, 3])
    def test_a_sample_without_false_positives_changes_only_itself(self, max_prompts):
        """In the reference such a sample turned its whole batch to adding."""
        others = [scene(seed, SHAPE) for seed in range(6)]
        prediction, truth = others[2]
        without = [*others[:2], (prediction & truth, truth), *others[3:]]
        one, other = simulated(*others, max_prompts=max_prompts), simulated(*without, max_prompts=max_prompts)
        for sample in (0, 1, 3, 4, 5):
            assert same(one, other, sample)
        assert bool(one["erased"].any())

    @pytest.mark.parametrize("max_prompts", [1, 3])
    def test_a_sample_is_the_same_in_a_smaller_batch(self, max_prompts):
        samples = [scene(seed, SHAPE) for seed in range(4)]
        large, small = simulated(*samples, max_prompts=max_prompts), simulated(*samples[:2], max_prompts=max_prompts)
        assert all(torch.equal(large[name][:2], small[name]) for name in MAPS)

    def test_alike_samples_get_strokes_of_their_own(self):
        batch = simulated(*[(EMPTY, LINE)] * 4)
        assert len({batch["added"][sample].numpy().tobytes() for sample in range(4)}) > 1


class TestChance:
    SAMPLES = tuple(scene(seed, SHAPE) for seed in range(4))

    def start(self, which, epoch, batch_number=0, rank=0, seed=0):
        batch = batch_of(*self.SAMPLES)
        trainer = SimpleNamespace(
            current_epoch=epoch, global_rank=rank, precision_plugin=SimpleNamespace(forward_context=nullcontext)
        )
        getattr(person(seed=seed), f"on_{which}_batch_start")(trainer, Model(), batch, batch_number)
        return batch

    def test_validation_strokes_are_alike_in_each_epoch(self):
        assert same(self.start("validation", epoch=0), self.start("validation", epoch=7))

    def test_training_strokes_are_not(self):
        assert not same(self.start("train", epoch=0), self.start("train", epoch=1))

    @pytest.mark.parametrize("other", [{"seed": 1}, {"batch_number": 1}, {"rank": 1}])
    @pytest.mark.parametrize("which", ["train", "validation"])
    def test_another_seed_batch_or_process_gives_other_strokes(self, which, other):
        assert not same(self.start(which, epoch=0), self.start(which, epoch=0, **other))

    def test_training_and_validation_do_not_share_their_strokes(self):
        assert not same(self.start("train", epoch=0), self.start("validation", epoch=0))

    def test_the_same_seed_epoch_and_batch_give_the_same_strokes(self):
        assert same(self.start("train", epoch=3, batch_number=2), self.start("train", epoch=3, batch_number=2))

    def test_global_generators_are_left_alone(self):
        torch.manual_seed(0)
        before = torch.random.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
        simulated(*self.SAMPLES, max_prompts=3)
        assert torch.equal(torch.random.get_rng_state(), before[0])
        assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002


class TestNoTraceIsLeft:
    def test_what_the_model_is_shown_carries_no_gradient(self):
        batch = simulated(*[(EMPTY, DOTS)] * 8, max_prompts=3)
        assert not any(batch[name].requires_grad for name in MAPS)

    def test_predictions_between_prompts_are_made_without_a_gradient(self):
        model = Model()
        simulated(*[(EMPTY, DOTS)] * 8, max_prompts=3, model=model)
        assert [asked["gradient"] for asked in model.asked] == [False, False], "two predictions between three prompts"

    def test_the_gradient_is_that_of_the_last_round_alone(self):
        def gradient(model, batch):
            model.prediction(batch).sum().backward()
            return model.weight.grad.item()

        model = Model()
        batch = simulated(*[scene(seed, SHAPE) for seed in range(6)], max_prompts=3, model=model)
        untouched = {name: tensor.clone() for name, tensor in batch.items()}
        assert gradient(model, batch) == gradient(Model(), untouched) != 0

    def test_the_base_gets_none(self):
        base, model = Base(), Model()
        batch = batch_of((LINE, EMPTY))
        person(base=base).simulate(model, batch, (0,))
        model.prediction(batch).sum().backward()
        assert base.gain.grad is None
        assert not base.gain.requires_grad

    @pytest.mark.parametrize("training", [True, False])
    def test_running_statistics_stay_as_they_are_and_so_does_the_models_mode(self, training):
        base, model = Base(), Model().train(training)
        both = nn.ModuleList([base, model])
        before = {name: value.clone() for name, value in both.state_dict().items()}
        batch = batch_of(*[(EMPTY, DOTS)] * 8)
        person(max_prompts=3, base=base).simulate(model, batch, (0,))
        assert all(torch.equal(before[name], value) for name, value in both.state_dict().items())
        assert model.training == training
        assert not any(asked["training"] for asked in model.asked)

    def test_a_model_that_fails_is_left_in_its_mode(self):
        model = Model().train()

        def fail(batch):
            raise RuntimeError("out of memory")

        model.prediction = fail
        with pytest.raises(RuntimeError, match="memory"):
            simulated(*[(EMPTY, DOTS)] * 8, max_prompts=3, model=model)
        assert model.training

    def test_image_and_truth_are_left_as_they_are(self):
        batch, before = (batch_of(*[scene(seed, SHAPE) for seed in range(3)]) for _ in range(2))
        person(max_prompts=3).simulate(Model(), batch, (0,))
        assert torch.equal(batch["image"], before["image"])
        assert torch.equal(batch["truth"], before["truth"])


class Remembering:
    """An annotator that keeps what it was told and does what another one does."""

    previews = 0

    def __init__(self, annotator):
        self.annotator, self.told = annotator, []

    def __call__(self, drawing, truth, history, rng):
        self.told.append((drawing, history))
        return self.annotator(drawing, truth, history, rng)


class TestAnnotators:
    BOTH = (bar(SHAPE, 10, slice(5, 45)), bar(SHAPE, 35, slice(5, 45)))

    @pytest.mark.parametrize("max_prompts", [1, 3])
    def test_without_one_it_is_either(self, max_prompts):
        samples = [scene(seed, SHAPE) for seed in range(6)]
        one = simulated(*samples, max_prompts=max_prompts)
        assert same(one, simulated(*samples, max_prompts=max_prompts, annotators=[annotator_named("either", THIN)]))
        assert not same(one, simulated(*samples, max_prompts=max_prompts, annotators=[annotator_named("short", THIN)]))

    def test_one_alone_takes_nothing_from_chance(self):
        drawing, truth = scene(2, SHAPE)
        stroke = Longer(THIN)(drawing, truth, None, np.random.default_rng([7, 1, 0, 0, 0, 0]))
        batch = simulated((drawing, truth), seed=7, annotators=[Longer(THIN)])
        assert np.array_equal(touched(batch, 0), draw(stroke, whole(SHAPE), 0.5))

    def test_of_several_each_sample_gets_one_as_likely_as_any(self):
        people = [Only(Longer(THIN), ADD), Only(Longer(THIN), ERASE), Only(short(THIN), ADD)]
        batch = simulated(*[self.BOTH] * 150, annotators=people)
        added, erased = (batch[name].amax(dim=2).sum(dim=(1, 2)).numpy() for name in ("added", "erased"))  # columns
        counts = [(added > 10).sum(), (erased > 10).sum(), ((added > 0) & (added < 8)).sum()]
        assert sum(counts) == 150
        assert min(counts) > 30

    def test_a_sample_keeps_the_one_it_got(self):
        people = [Remembering(Longer(THIN)) for _ in range(2)]
        simulated((EMPTY, DOTS), max_prompts=6, annotators=people, seed=SIX_STROKES)
        assert sorted(len(one.told) for one in people) == [0, 6]

    def test_it_is_told_of_the_strokes_made_before(self):
        one = Remembering(Longer(THIN))
        batch = simulated((EMPTY, DOTS), max_prompts=6, annotators=[one], seed=SIX_STROKES)
        made = [history.prompts for _, history in one.told]
        assert [len(strokes) for strokes in made] == [0, 1, 2, 3, 4, 5]
        marks = [draw(stroke, whole(SHAPE), 0.5) for stroke in made[-1]]
        assert all(touched(batch, 0)[mark].all() for mark in marks)

    def test_a_preview_is_the_answer_that_follows_if_its_stroke_is_made(self):
        seen = []

        def looking(drawing, truth, history, rng):
            strokes = [Longer(THIN)(drawing, truth, history, rng) for _ in range(2)]
            seen.append((strokes, drawing, history.preview(strokes)))
            return strokes[0]

        simulated((EMPTY, LINE | DOTS), max_prompts=6, annotators=[looking], seed=SIX_STROKES)
        assert len(seen) == 6
        for strokes, drawing, answers in seen:
            for stroke, answer in zip(strokes, answers, strict=True):
                assert np.array_equal(answer, drawing | draw(stroke, whole(SHAPE), 0.5))
        for (_, _, (answer, _)), (_, drawing, _) in pairwise(seen):
            assert np.array_equal(answer, drawing)

    def test_a_preview_leaves_the_batch_as_it_is(self):
        def peeking(drawing, truth, history, rng):
            history.preview([Longer(THIN)(drawing, truth, history, rng)] * 3)

        batch = simulated((LINE, EMPTY), (EMPTY, DOTS), annotators=[peeking])
        assert not touched(batch, 0).any()
        assert not touched(batch, 1).any()

    @pytest.mark.parametrize("training", [True, False])
    def test_previews_are_asked_for_without_a_gradient_of_a_model_that_stays_in_its_mode(self, training):
        model = Model().train(training)
        simulated(*[scene(seed, SHAPE) for seed in range(4)], model=model, annotators=[Adversarial(THIN)])
        assert len(model.asked) == 4
        assert not any(asked["gradient"] or asked["training"] for asked in model.asked)
        assert model.training == training

    def test_the_least_helpful_stroke_is_the_models_worst(self):
        """The model draws all that is missing once a stroke is added, and nothing right once one is erased."""
        model, truth = Model(), torch.from_numpy(self.BOTH[1]).float()
        model.prediction = lambda batch: torch.where(batch["added"].amax((1, 2, 3), keepdim=True) > 0, truth, 1 - truth)
        batch = simulated(*[self.BOTH] * 8, model=model, annotators=[Adversarial(THIN)])
        assert not batch["added"].any()
        assert batch["erased"].flatten(1).any(dim=1).all()


class Whimsical(nn.Module):
    """An interactive model whose answers depend on every bit that it is shown; remembers the last that was."""

    def prediction(self, batch):
        planes = (batch[name].numpy() for name in ("image", *IN_SESSION))
        return paste(torch.from_numpy(self(*planes))[:, None], batch)

    def __call__(self, *planes):
        self.shown = planes
        return np.stack([self.answer(np.concatenate(sample)) for sample in zip(*planes, strict=True)])

    def answer(self, planes):
        rng = np.random.default_rng(crc32((planes + 0.0).tobytes()))  # + 0.0, for 0 has a sign
        noise = rng.random(planes.shape[1:])
        return np.clip((cv2.GaussianBlur(noise, (0, 0), 2) - 0.5) * 8 + 0.5, 0, 1).astype(np.float32)


class Looking(Remembering):
    """An annotator that looks at the answers to two strokes before it makes the first; keeps all that it saw."""

    def __call__(self, drawing, truth, history, rng):
        strokes = [self.annotator(drawing, truth, history, rng) for _ in range(2)]
        if strokes[0] is None:
            return None
        self.told.append((drawing, strokes, history.preview(strokes)))
        return strokes[0]


class TestASessionSeesTheSame:
    """What training makes of a sample is what a session makes of the same strokes and answers, to the last bit."""

    @pytest.fixture(autouse=True)
    def _near(self, monkeypatch):
        monkeypatch.setattr(merging, "REACH", 12)  # or all of these small maps would be within reach

    @pytest.mark.parametrize("merge", [WHOLE, *RULES, "reach+touching", "one-way+sure"])
    @pytest.mark.parametrize("window", [None, 32])
    @pytest.mark.parametrize("seed", range(4))
    def test_drawings_previews_and_what_the_network_is_shown(self, merge, window, seed):
        hand = annotator_named("long" if window else "either", THIN)  # long strokes end outside of a window
        person, model, rule = Looking(hand), Whimsical(), merge_named(merge)
        batch = batch_of(scene(seed, SHAPE))
        image = batch["image"]
        initial = torch.sigmoid(Base().eval()(image))[0, 0].detach().numpy()
        training = IterativePrompting(
            Base(), THIN, max_prompts=6, seed=SIX_STROKES, annotators=[person], merge=rule, window=window
        )
        merged = training.simulate(model, batch, (1, 0, 0, 0))

        side = window or SHAPE[0]
        encoder = StrokeEncoder(side, IN_SESSION)
        refiner = NetworkRefiner(model, side, THIN.scale, encoder, around_stroke=window is not None)
        session = RefinementSession(Photograph(image[0].numpy()), initial, refiner, scale=THIN.scale, merge=rule)
        assert len(person.told) == 6
        for drawing, strokes, previews in person.told:
            assert np.array_equal(session.drawing, drawing)
            changes = session.propose(strokes)
            for change, preview in zip(changes, previews, strict=True):
                after = session.current.copy()
                after[change.region.slices] = change.after
                assert np.array_equal(after > 0.5, preview)
            session.commit(changes[0])

        shown = dict(zip(("image", *IN_SESSION), model.shown, strict=True))
        for name, planes in shown.items():
            assert planes.dtype == np.float32
            assert np.array_equal(planes[0], batch[name][0].numpy()), name
        assert not np.array_equal(shown["current"], shown["initial"])
        seen = refiner.window([person.told[-1][1][0]], SHAPE)
        assert np.array_equal(merged(model.prediction(batch))[0, 0].numpy(), session.current[seen.slices])

    def test_in_validation_what_is_taken_over_is_scored(self):
        """Nothing is taken over, so what counts is the drawing before the last stroke, with that stroke in it."""
        config = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
        module = InteractiveModule(config.as_dict(), {}, 1e-3).eval()
        people = IterativePrompting(
            Base(), THIN, max_prompts=1, seed=0, window=32, merge=lambda view, answer: view.current
        )
        trainer = SimpleNamespace(global_rank=0, precision_plugin=SimpleNamespace(forward_context=nullcontext))
        batch = batch_of((EMPTY, LINE), (LINE, EMPTY), (LINE, LINE))

        people.on_validation_batch_start(trainer, module, batch, 0)

        with torch.no_grad():
            drawing, answer = module.drawing(batch), module.prediction(batch)
        assert torch.equal(drawing[:2], paste(batch["current"], batch)[:2])
        assert not torch.allclose(drawing[:2], answer[:2])
        assert torch.equal(drawing[2], answer[2]), "without a stroke there is no rule to go by"

    def test_truth_is_cut_to_what_the_network_is_shown(self):
        truth = scene(0, SHAPE)[1]
        batch = batch_of((EMPTY, truth))
        batch["image"] = batch["truth"] * 0.25  # which the base model takes for ground, all of it
        IterativePrompting(Base(), THIN, max_prompts=1, seed=0, window=32).simulate(Model(), batch, (0,))

        assert batch["truth"].any()
        assert torch.equal(batch["truth"] * 0.25, batch["image"])
        assert {tuple(planes.shape[-2:]) for planes in batch.values()} == {(32, 32)}

    def test_of_a_sample_without_strokes_a_window_is_shown_too(self):
        batch = batch_of((LINE, LINE), (EMPTY, LINE))
        IterativePrompting(Base(), THIN, max_prompts=1, seed=0, window=32).simulate(Model(), batch, (0,))

        assert {planes.shape for planes in batch.values()} == {(2, 1, 32, 32)}
        assert [touched(batch, sample).any() for sample in (0, 1)] == [False, True]

    def test_a_rule_says_what_of_the_answers_is_taken_over(self):
        """The model would draw everything at once; only what touches the strokes is taken over."""
        model = Model()
        model.prediction = lambda batch: torch.ones_like(batch["truth"])
        truth = bar(SHAPE, 10, slice(5, 45))
        batch = batch_of(*[(EMPTY, truth)] * 20)
        everything = IterativePrompting(Base(), THIN, max_prompts=2, seed=0)
        nothing = IterativePrompting(Base(), THIN, max_prompts=2, seed=0, merge=lambda view, answer: view.current)
        everything.simulate(model, batch, (0,))
        drawn = batch["current"].flatten(1).mean(dim=1)
        nothing.simulate(model, batch, (0,))
        left = batch["current"].flatten(1).mean(dim=1)
        twice = drawn == 1
        assert 0 < twice.sum() < 20
        assert (left < 0.1).all()
        assert (left[twice] > left[~twice].max()).all(), "the strokes hold all the same"
