"""Human figures and animals: joints where a body has them, feet on the ground, bodies that hide what is behind."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data.synthetic import skeleton
from data.synthetic.animals import ANIMALS
from data.synthetic.figures import GARMENTS, arm, figure, hand, torso
from data.synthetic.heads import head
from data.synthetic.held import HELD
from data.synthetic.layers import CELL_PX, visible
from data.synthetic.skeleton import POSES, draw_skeleton


def inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether points lie in a polygon, by more than the cell in which that is known."""
    contour = polygon.astype(np.float32)[:, None]
    return np.array([cv2.pointPolygonTest(contour, (float(r), float(c)), True) for r, c in points]) > 2 * CELL_PX


@pytest.mark.parametrize("pose", POSES)
def test_bones_keep_their_lengths_and_the_feet_the_ground(pose, rng_of):
    for seed in range(10):
        bones = draw_skeleton(1000.0, rng_of(seed), pose)
        for side in (0, 1):
            lengths = [
                np.hypot(*(bones.elbows - bones.shoulders)[side]), np.hypot(*(bones.wrists - bones.elbows)[side]),
                np.hypot(*(bones.knees - bones.hips)[side]), np.hypot(*(bones.ankles - bones.knees)[side]),
            ]  # fmt: skip
            expected = [skeleton.UPPER_ARM, skeleton.FOREARM, skeleton.THIGH, skeleton.SHANK]
            assert lengths == pytest.approx([1000 * share for share in expected])
        assert bones.ground_px == 500
        lowest = bones.ankles[:, 0].max()
        assert 500 - 1000 * skeleton.TIPTOE <= lowest <= 500 - 1000 * skeleton.ANKLE + 1e-6
        assert bones.head[0] < bones.neck[0] < bones.pelvis[0] < bones.ankles[:, 0].min()


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("garment", GARMENTS)
def test_a_figure_is_as_tall_as_asked_and_stands_on_the_ground(pose, garment, rng_of):
    points = np.concatenate(visible(figure(2000.0, rng_of(5), pose, garment)))
    assert points[:, 0].max() < 1000 + 60
    assert points[:, 0].max() > 1000 - 60
    body = np.concatenate(
        [line for layer in torso(draw_skeleton(2000.0, rng_of(5), pose), rng_of(0), False) for line in layer.lines]
    )
    assert -1000 < body[:, 0].min() < body[:, 0].max() < 1000


def test_no_line_of_a_figure_runs_through_what_stands_in_front(rng_of):
    for seed in range(4):
        picture = figure(1500.0, rng_of(seed))
        shown = [visible(picture[: i + 1])[len(visible(picture[:i])) :] for i in (len(picture) // 2, len(picture) - 1)]
        for i, lines in zip((len(picture) // 2, len(picture) - 1), shown, strict=True):
            if lines:
                points = np.concatenate(lines)[::7]
                assert not any(inside(points, cover).any() for layer in picture[:i] for cover in layer.covers)


def test_arms_lie_over_the_body(rng_of):
    bones = draw_skeleton(2000.0, rng_of(1), "standing")
    body = torso(bones, rng_of(2), female=False)
    alone, behind = (sum(map(len, visible(p))) for p in (body, arm(bones, 1, rng_of(3), False) + body))
    arm_alone = sum(map(len, visible(arm(bones, 1, rng_of(3), False))))
    assert behind < alone + arm_alone


def test_an_open_hand_has_five_fingers_and_a_small_one_is_a_mitten(rng_of):
    assert (
        sum(
            len(layer.lines) == 3 and len(layer.covers) == 1
            for layer in hand(np.zeros(2), 0.0, 400.0, rng_of(0), False)
        )
        >= 5
    )
    assert len(hand(np.zeros(2), 0.0, 60.0, rng_of(0), False)) == 1


def test_a_head_looks_to_the_right(rng_of):
    for seed in range(5):
        face = head(500.0, rng_of(seed))[-1]
        nose = np.concatenate(face.lines)
        assert nose[nose[:, 1].argmax(), 1] > 0.4 * 500
        assert -0.1 * 500 < nose[nose[:, 1].argmax(), 0] < 0.2 * 500


def test_small_heads_go_without_ears_that_would_run_together(rng_of):
    assert sum(len(layer.lines) for layer in head(150.0, rng_of(0))) < sum(
        len(layer.lines) for layer in head(600.0, rng_of(0))
    )


@pytest.mark.parametrize("name", ANIMALS)
def test_an_animal_looks_to_the_right_and_is_twice_its_size_long(name, rng_of):
    points = np.concatenate(visible(ANIMALS[name](400.0, rng_of(0))))
    assert 1.5 * 400 < np.ptp(points[:, 1]) < 3.6 * 400
    assert np.ptp(points[:, 0]) > 0.2 * 400


@pytest.mark.parametrize("name", HELD)
def test_a_thing_is_held_at_the_hand(name, rng_of):
    grip = np.array([-100.0, 250.0])
    points = np.concatenate(visible(HELD[name][0](grip, 1500.0, rng_of(3))))
    low, high = points.min(axis=0), points.max(axis=0)
    assert (low <= grip + 60).all()
    assert (grip - 60 <= high).all()
