"""Augmentation: image and truth move alike, by what is allowed and no more, as the generator says."""

from __future__ import annotations

import pytest
import torch

from data.augmentation import Augmentation

TURNS_ONLY = Augmentation(shift=0, scale=0, rotate=0, share=1)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def move(augmentation, image, truth=None, seed=0):
    return augmentation({"image": image, "truth": image if truth is None else truth}, generator(seed))


def dihedral(image):
    """Return the eight ways to turn and flip a square (..., S, S)."""
    return [turned for start in (image, image.flip(-1)) for turned in (start.rot90(k, (-2, -1)) for k in range(4))]


def blob(count, side=64):
    """Return (B, 1, S, S): the same lopsided shape in each sample."""
    shape = torch.zeros(count, 1, side, side)
    shape[..., 20:44, 26:36] = 1
    shape[..., 36:44, 26:50] = 1
    return shape


@pytest.mark.parametrize("side", [8, 9])
def test_without_shift_scale_and_rotation_samples_are_flipped_and_turned_exactly(side):
    image = torch.rand(1, 2, side, side, generator=generator())
    moved = move(TURNS_ONLY, image.expand(64, -1, -1, -1), (image[:, :1] > 0.5).float().expand(64, -1, -1, -1))
    ways, truth_ways = dihedral(image[0]), dihedral((image[0, :1] > 0.5).float())
    seen = set()
    for sample, truth in zip(moved["image"], moved["truth"], strict=True):
        (way,) = (k for k in range(8) if torch.allclose(sample, ways[k], atol=1e-4))
        assert torch.equal(truth, truth_ways[way])
        seen.add(way)
    assert seen == set(range(8))


def test_a_share_of_none_means_flips_and_turns_only():
    image = torch.rand(1, 1, 8, 8, generator=generator()).expand(16, -1, -1, -1)
    moved = move(Augmentation(shift=0.3, scale=0.5, rotate=45, share=0), image)["image"]
    assert all(any(torch.allclose(sample, way, atol=1e-4) for way in dihedral(image[0])) for sample in moved)


def test_the_share_is_that_of_the_samples_moved_freely():
    image = torch.rand(1, 1, 8, 8, generator=generator()).expand(400, -1, -1, -1)
    moved = move(Augmentation(share=0.25), image)["image"]
    turned = sum(any(torch.allclose(sample, way, atol=1e-4) for way in dihedral(image[0])) for sample in moved)
    assert turned / 400 == pytest.approx(0.75, abs=0.08)


@pytest.mark.parametrize("seed", range(3))
def test_image_and_truth_move_alike(seed):
    moved = move(Augmentation(share=1), blob(16), seed=seed)
    image, truth = moved["image"] > 0.5, moved["truth"] > 0.5
    both, either = (image & truth).sum((1, 2, 3)), (image | truth).sum((1, 2, 3))
    assert (both / either > 0.97).all()  # bilinear against nearest: the edge may differ, by a pixel here and there


def test_samples_move_each_in_its_own_way():
    moved = move(Augmentation(share=1), blob(6))["truth"]
    assert all(not torch.equal(moved[i], moved[j]) for i in range(6) for j in range(i))


def test_the_truth_stays_binary_and_the_image_in_its_range():
    image = torch.rand(16, 3, 32, 32, generator=generator())
    moved = move(Augmentation(share=1), image, (image[:, :1] > 0.7).float())
    assert set(moved["truth"].unique().tolist()) == {0, 1}
    assert 0 <= moved["image"].min() <= moved["image"].max() <= 1 + 1e-5


def test_the_ground_beyond_the_patch_is_its_reflection_not_black():
    assert torch.allclose(move(Augmentation(share=1), torch.full((8, 1, 16, 16), 0.7))["image"], torch.tensor(0.7))


def test_shifts_are_at_most_the_given_share_of_the_side():
    image = torch.zeros(64, 1, 33, 33)
    image[..., 16, 16] = 1  # the centre, which turns and flips leave in place
    moved = move(Augmentation(shift=0.25, scale=0, rotate=0, share=1), image)["truth"]
    places = moved.flatten(1).argmax(1)
    away = torch.stack([places // 33, places % 33]) - 16
    assert (moved.sum((1, 2, 3)) == 1).all()
    assert 6 <= away.abs().max() <= 9  # a quarter of 33 is 8.25


def test_sizes_change_by_at_most_the_given_share():
    image = torch.zeros(64, 1, 64, 64)
    image[..., 12:52, 12:52] = 1
    side = move(Augmentation(shift=0, scale=0.2, rotate=0, share=1), image)["truth"].sum((1, 2, 3)).sqrt() / 40
    assert 0.78 <= side.min() < 0.85
    assert 1.15 < side.max() <= 1.22


def test_angles_are_at_most_the_given_one_besides_quarter_turns():
    image = torch.zeros(64, 1, 65, 65)
    image[..., 32, 32:64] = 1  # a ray from the centre
    moved = move(Augmentation(shift=0, scale=0, rotate=20, share=1), image)["image"]
    rows, columns = torch.meshgrid(torch.arange(65) - 32, torch.arange(65) - 32, indexing="ij")
    weight = moved[:, 0]
    angle = torch.rad2deg(torch.atan2((weight * rows).sum((1, 2)), (weight * columns).sum((1, 2))))
    off_axis = (angle + 45) % 90 - 45
    assert 15 < off_axis.abs().max() <= 21


def test_turning_keeps_shapes():
    rows, columns = torch.meshgrid(torch.arange(65) - 32, torch.arange(65) - 32, indexing="ij")
    disc = (rows**2 + columns**2 <= 20**2).float().expand(32, 1, -1, -1)  # about the centre, so it stays what it is
    moved = move(Augmentation(shift=0, scale=0, rotate=45, share=1), disc)["truth"]
    assert ((moved != disc).sum((1, 2, 3)) < 0.1 * disc[0].sum()).all()  # a tenth is its rim


def test_the_same_generator_state_gives_the_same_batch():
    image = torch.rand(8, 1, 16, 16, generator=generator())
    first, again, other = (move(Augmentation(), image, seed=seed)["image"] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_nothing_but_the_generator_is_drawn_from():
    state = torch.get_rng_state()
    move(Augmentation(), blob(2))
    assert torch.equal(torch.get_rng_state(), state)


def test_what_else_a_batch_holds_is_kept_and_the_batch_itself_left_alone():
    batch = {"image": blob(2), "truth": blob(2), "radius": torch.ones(2)}
    moved = Augmentation()(batch, generator())
    assert torch.equal(moved["radius"], batch["radius"])
    assert torch.equal(batch["image"], blob(2))


def test_normals_turn_with_the_relief_that_they_belong_to():
    y, x = torch.meshgrid(torch.linspace(-1, 1, 33), torch.linspace(-1, 1, 33), indexing="ij")
    depth = (0.5 * x**2 + 0.3 * x * y + 0.4 * y)[None, None]
    flipping = Augmentation(shift=0, scale=0, rotate=0, share=1, vectors_at=(1,))

    moved = move(
        flipping, torch.cat([depth, (slopes(depth) + 1) / 2], 1).expand(64, -1, -1, -1), depth.expand(64, -1, -1, -1)
    )

    inner = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    found, expected = moved["image"][:, 1:3] * 2 - 1, slopes(moved["image"][:, :1])
    assert torch.allclose(found[inner], expected[inner], atol=1e-4)
    assert len({tuple(vector.round(decimals=3).tolist()) for vector in found[:, :, 8, 20]}) == 8, "each way was tried"


def slopes(depth):
    """Return the x and y of normals: minus the depth's central differences, off the border."""
    down, right = torch.gradient(depth[:, 0], dim=(1, 2))
    return -torch.stack([right, down], 1)
