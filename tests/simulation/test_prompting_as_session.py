"""Training makes of strokes and predictions what a session makes of them, to the last bit."""

from contextlib import nullcontext
from types import SimpleNamespace
from zlib import crc32

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from interaction import merging
from interaction.merging import RULES, WHOLE, merge_named
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from models.encoders import StrokeEncoder
from models.modules import InteractiveModule, paste
from models.networks import IN_SESSION, NetworkConfig
from simulation.annotators import annotator_named
from simulation.iterative_prompting import IterativePrompting
from tests.photograph import Photograph
from tests.simulation.fakes import THIN, bar, scene
from tests.simulation.prompting import (
    EMPTY,
    LINE,
    SHAPE,
    SIX_STROKES,
    Base,
    Model,
    Remembering,
    batch_of,
    touched,
)


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
        annotator = annotator_named("long" if window else "either", THIN)  # long strokes end outside of a window
        user, model, rule = Looking(annotator), Whimsical(), merge_named(merge)
        batch = batch_of(scene(seed, SHAPE))
        image = batch["image"]
        initial = torch.sigmoid(Base().eval()(image))[0, 0].detach().numpy()
        training = IterativePrompting(
            Base(), THIN, max_prompts=6, seed=SIX_STROKES, annotators=[user], merge=rule, window=window
        )
        merged = training.simulate(model, batch, (1, 0, 0, 0))

        side = window or SHAPE[0]
        encoder = StrokeEncoder(side, IN_SESSION)
        refiner = NetworkRefiner(model, side, THIN.scale, encoder, around_stroke=window is not None)
        session = RefinementSession(Photograph(image[0].numpy()), initial, refiner, scale=THIN.scale, merge=rule)
        assert len(user.told) == 6
        for drawing, strokes, previews in user.told:
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
        seen = refiner.window([user.told[-1][1][0]], SHAPE)
        assert np.array_equal(merged(model.prediction(batch))[0, 0].numpy(), session.current[seen.slices])

    def test_in_validation_what_is_taken_over_is_scored(self):
        """Nothing is taken over, so what counts is the drawing before the last stroke, with that stroke in it."""
        config = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
        module = InteractiveModule(config.as_dict(), {}, 1e-3).eval()
        users = IterativePrompting(
            Base(), THIN, max_prompts=1, seed=0, window=32, merge=lambda view, answer: view.current
        )
        trainer = SimpleNamespace(global_rank=0, precision_plugin=SimpleNamespace(forward_context=nullcontext))
        batch = batch_of((EMPTY, LINE), (LINE, EMPTY), (LINE, LINE))

        users.on_validation_batch_start(trainer, module, batch, 0)

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
