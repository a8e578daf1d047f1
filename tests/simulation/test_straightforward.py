"""The correction loop does what the published rule says, bit for bit, when that is followed straightforwardly."""

from __future__ import annotations

import numpy as np
import pytest

from bench.preparation import prepare
from bench.protocol.interaction import StandIn, corrected
from bench.protocol.scenes import mirror_scene
from data.synthetic.files import write_mirrors
from simulation.annotators import annotator_named
from tests.simulation.fakes import growing
from tests.simulation.straightforward import Straightforward


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A small mirror, prepared."""
    root = tmp_path_factory.mktemp("straightforward")
    write_mirrors(root / "mirror", 1, 1024, 1280, seed=1)
    prepare(root / "mirror", root / "storage", ("depth",))
    return mirror_scene(root / "storage")


def straightforward_way(scene, initial, predictor, annotator, seed):
    return Straightforward(scene, initial, predictor, annotator, seed).run()


class Attentive:
    """An annotator that keeps the earlier strokes of each place that it is given."""

    def __init__(self, annotator):
        self.annotator, self.previews, self.remembered = annotator, annotator.previews, []

    def __call__(self, drawing, truth, history, rng):
        self.remembered.append([stroke.to_json() for stroke in history.prompts])
        return self.annotator(drawing, truth, history, rng)


@pytest.mark.slow
@pytest.mark.parametrize("annotator", ["longer", "best-answer"])
@pytest.mark.parametrize("predictor", [growing, StandIn(growing)], ids=["changing", "initial"])
def test_it_makes_the_strokes_and_scores_of_the_straightforward_way_to_the_end(scene, annotator, predictor):
    drawing = scene.initial(np.random.default_rng(3))
    annotators = [Attentive(annotator_named(annotator, scene.brush)) for _ in range(2)]
    fast, plain = (
        list(way(scene, drawing, predictor, one, 5))
        for way, one in zip((corrected, straightforward_way), annotators, strict=True)
    )
    assert len(fast) > 40
    assert annotators[0].remembered == annotators[1].remembered
    assert [done.stroke.to_json() for done in fast] == [done.stroke.to_json() for done in plain]
    assert [(done.refined, done.manual) for done in fast] == [(done.refined, done.manual) for done in plain]
    assert fast[-1].manual.scores["pfm"] > fast[0].manual.scores["pfm"]


def test_the_fast_way_asks_for_two_candidates_at_once_and_the_straightforward_one_for_each(scene):
    sizes = {}
    for way in (corrected, straightforward_way):
        asked = sizes[way] = []

        def predictor(image, *planes, asked=asked):
            asked.append(len(image))
            return growing(image, *planes)

        drawing = scene.initial(np.random.default_rng(3))
        next(way(scene, drawing, predictor, annotator_named("best-answer", scene.brush), 5))
    assert sizes[corrected][0] == 2
    assert set(sizes[straightforward_way]) == {1}
    assert sum(sizes[straightforward_way]) == sum(sizes[corrected])
