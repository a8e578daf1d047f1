"""Iterative prompting in training: each sample by itself, on the model's own predictions, without side effects."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from simulation.annotators.published import Longer
from simulation.iterative_prompting import IterativePrompting
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import THIN, bar, scene
from tests.simulation.prompting import (
    DOTS,
    EMPTY,
    LINE,
    MAPS,
    SHAPE,
    Base,
    Model,
    Remembering,
    batch_of,
    prompting_with,
    same,
    simulated,
    stroke_count,
    touched,
)


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
        users = [Remembering(Longer(THIN))]
        batch = simulated(*samples, max_prompts=3, annotators=users)
        right = [drawing for drawing, _ in users[0].told if np.array_equal(drawing, LINE)]
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
        getattr(prompting_with(seed=seed), f"on_{which}_batch_start")(trainer, Model(), batch, batch_number)
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
        prompting_with(base=base).simulate(model, batch, (0,))
        model.prediction(batch).sum().backward()
        assert base.gain.grad is None
        assert not base.gain.requires_grad

    @pytest.mark.parametrize("training", [True, False])
    def test_running_statistics_stay_as_they_are_and_so_does_the_models_mode(self, training):
        base, model = Base(), Model().train(training)
        both = nn.ModuleList([base, model])
        before = {name: value.clone() for name, value in both.state_dict().items()}
        batch = batch_of(*[(EMPTY, DOTS)] * 8)
        prompting_with(max_prompts=3, base=base).simulate(model, batch, (0,))
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
        prompting_with(max_prompts=3).simulate(Model(), batch, (0,))
        assert torch.equal(batch["image"], before["image"])
        assert torch.equal(batch["truth"], before["truth"])
