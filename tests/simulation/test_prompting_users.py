"""The simulated users of iterative prompting: who gives each prompt, and what they know."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from data.regions import whole
from interaction.prompts.strokes import ADD, ERASE, draw
from simulation.annotators import annotator_named
from simulation.annotators.adversarial import Adversarial
from simulation.annotators.published import Longer, short
from simulation.simulated_user import Only
from tests.simulation.fakes import THIN, bar, scene
from tests.simulation.prompting import (
    DOTS,
    EMPTY,
    LINE,
    SHAPE,
    SIX_STROKES,
    Model,
    Remembering,
    same,
    simulated,
    touched,
)


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
        users = [Only(Longer(THIN), ADD), Only(Longer(THIN), ERASE), Only(short(THIN), ADD)]
        batch = simulated(*[self.BOTH] * 150, annotators=users)
        added, erased = (batch[name].amax(dim=2).sum(dim=(1, 2)).numpy() for name in ("added", "erased"))  # columns
        counts = [(added > 10).sum(), (erased > 10).sum(), ((added > 0) & (added < 8)).sum()]
        assert sum(counts) == 150
        assert min(counts) > 30

    def test_a_sample_keeps_the_one_it_got(self):
        users = [Remembering(Longer(THIN)) for _ in range(2)]
        simulated((EMPTY, DOTS), max_prompts=6, annotators=users, seed=SIX_STROKES)
        assert sorted(len(one.told) for one in users) == [0, 6]

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
