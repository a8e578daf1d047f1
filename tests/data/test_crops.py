"""Patches to validate on and crops to train on: they hold line, they are the views' own pixels, and they repeat."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from data.channels import FULL_SCALE
from data.crops import Beside, LinePatches, RandomCrops
from data.errors import DataError
from data.storage import PreparedView

PATCH = 16


@pytest.fixture
def numbered(make_view):
    """A view whose pixels tell where they are, with a dot, a line over a corner of cells and much empty ground."""
    truth = np.zeros((70, 90), bool)
    truth[5, 5] = True
    truth[30:34, 40:52] = True
    positions = np.arange(truth.size, dtype=np.float32).reshape(truth.shape)
    return make_view("A_R", truth, (positions + 0.5) / FULL_SCALE)


@pytest.fixture
def small(make_view):
    """A view smaller than a patch."""
    truth = np.zeros((10, 12), bool)
    truth[9, 3:12] = True
    return make_view("B_R", truth, np.tile(np.linspace(0.1, 0.9, 12, dtype=np.float32), (10, 1)))


def corner(sample, view):
    """Return the row and column that a sample was cut at, told by its first pixel."""
    return divmod(round(float(sample["image"][0, 0, 0]) * FULL_SCALE), view.model_shape[1])


class TestLinePatches:
    def test_patches_are_the_cells_of_a_grid_that_hold_line(self, numbered):
        patches = LinePatches([numbered], ["depth"], PATCH)
        assert [corner(patches[i], numbered) for i in range(len(patches))] == [
            (0, 0),
            (16, 32),
            (16, 48),
            (32, 32),
            (32, 48),
        ]

    def test_image_and_truth_are_the_same_place(self, numbered):
        for sample in LinePatches([numbered], ["depth"], PATCH):
            row, column = corner(sample, numbered)
            assert sample["image"].shape == sample["truth"].shape == (1, PATCH, PATCH)
            assert_array_equal(sample["truth"][0].bool(), numbered.truth[row : row + PATCH, column : column + PATCH])

    def test_all_of_the_line_is_in_some_patch(self, numbered):
        seen = np.zeros(numbered.model_shape, bool)
        for sample in LinePatches([numbered], ["depth"], PATCH):
            row, column = corner(sample, numbered)
            seen[row : row + PATCH, column : column + PATCH] = True
        assert seen[numbered.truth].all()

    def test_a_patch_at_the_border_is_pushed_inside(self, make_view):
        truth = np.zeros((20, 20), bool)
        truth[19, 19] = True
        (sample,) = LinePatches([make_view("A_R", truth)], ["depth"], PATCH)
        assert sample["truth"][0].nonzero().tolist() == [[15, 15]]

    def test_a_small_view_is_padded_with_its_edge_and_its_truth_with_nothing(self, small):
        (sample,) = LinePatches([small], ["depth"], PATCH)
        image, truth = sample["image"][0], sample["truth"][0]
        assert image.shape == truth.shape == (PATCH, PATCH)
        assert_array_equal(image[10:, :12], image[9:10, :12].expand(6, 12))
        assert_array_equal(image[:, 12:], image[:, 11:12].expand(16, 4))
        assert truth.sum() == 9
        assert truth[10:].sum() == truth[:, 12:].sum() == 0

    def test_views_without_a_line_are_refused(self, make_view):
        with pytest.raises(DataError, match="no line in any of 1 views"):
            LinePatches([make_view("A_R", np.zeros((20, 20), bool))], ["depth"], PATCH)

    def test_truths_stay_on_disk(self, numbered):
        patches = LinePatches([numbered], ["depth"], PATCH)
        _ = patches[0]
        assert isinstance(patches.views[0].truth, np.memmap)

    def test_no_more_than_the_patch_is_read(self, numbered, monkeypatch):
        asked = []
        read = type(numbered).read

        def remember(view, region, channels, scale):
            asked.append(region.shape)
            return read(view, region, channels, scale)

        monkeypatch.setattr(type(numbered), "read", remember)
        _ = LinePatches([numbered], ["depth"], PATCH)[0]
        _ = RandomCrops([numbered], ["depth"], PATCH, seed=0)[0]
        assert asked == [(PATCH, PATCH)] * 2


class TestRandomCrops:
    @pytest.mark.parametrize("seed", range(3))
    def test_every_crop_holds_line(self, numbered, small, seed):
        crops = RandomCrops([numbered, small], ["depth"], PATCH, seed=seed, count=60)
        assert all(sample["truth"].any() for sample in map(crops.__getitem__, range(60)))

    def test_crops_are_the_views_own_pixels(self, numbered):
        crops = RandomCrops([numbered], ["depth"], PATCH, seed=0, count=40)
        for sample in map(crops.__getitem__, range(40)):
            row, column = corner(sample, numbered)
            assert_array_equal(sample["truth"][0].bool(), numbered.truth[row : row + PATCH, column : column + PATCH])

    def test_crops_lie_at_many_places(self, numbered):
        crops = RandomCrops([numbered], ["depth"], PATCH, seed=0, count=60)
        assert len({corner(crops[i], numbered) for i in range(60)}) > 30

    def test_a_sample_depends_on_seed_epoch_and_index_alone(self, numbered):
        crops, again = (RandomCrops([numbered], ["depth"], PATCH, seed=3, count=20) for _ in range(2))
        for _ in range(5):
            _ = crops[7]  # what was drawn before has no say
        for index in (19, 0, 7):
            assert torch.equal(crops[index]["image"], again[index]["image"])

    @pytest.mark.parametrize(("seed", "epoch"), [(4, 0), (3, 1)])
    def test_another_seed_or_epoch_gives_other_crops(self, numbered, seed, epoch):
        crops = RandomCrops([numbered], ["depth"], PATCH, seed=3, count=20)
        others = RandomCrops([numbered], ["depth"], PATCH, seed=seed, count=20)
        others.epoch = epoch
        same = sum(torch.equal(crops[i]["image"], others[i]["image"]) for i in range(20))
        assert same < 5

    def test_an_epoch_has_as_many_crops_as_patches_hold_line(self, numbered):
        assert len(RandomCrops([numbered], ["depth"], PATCH, seed=0)) == 5

    def test_an_epoch_has_no_fewer_crops_than_asked(self, numbered):
        assert len(RandomCrops([numbered], ["depth"], PATCH, seed=0, least=32)) == 32
        assert len(RandomCrops([numbered], ["depth"], PATCH, seed=0, least=32, count=3)) == 3

    def test_an_epoch_ends(self, numbered):
        assert len(list(RandomCrops([numbered], ["depth"], PATCH, seed=0, count=3))) == 3


class TestBeside:
    @staticmethod
    def view_of(crops, index):
        """The name of the view that a crop is of."""
        asked = []
        read = PreparedView.read
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PreparedView, "read", lambda view, *how: asked.append(view.name) or read(view, *how))
            _ = crops[index]
        return asked[0]

    def test_a_share_of_the_crops_is_of_the_views_beside(self, numbered, small):
        crops = RandomCrops([small], ["depth"], PATCH, seed=0, count=200, beside=Beside([numbered], ("depth",), 0.25))
        names = [self.view_of(crops, index) for index in range(200)]
        assert 30 < names.count(numbered.name) < 70
        assert set(names) == {numbered.name, small.name}

    def test_without_views_beside_crops_are_as_ever(self, numbered):
        alone = RandomCrops([numbered], ["depth"], PATCH, seed=3, count=20)
        assert alone.others is None
        assert torch.equal(alone[7]["image"], RandomCrops([numbered], ["depth"], PATCH, seed=3, count=9)[7]["image"])

    def test_each_kind_is_read_in_its_own_channels(self, numbered, small, monkeypatch):
        asked = set()
        read = type(numbered).read

        def remember(view, region, channels, scale):
            asked.add((view.name, tuple(channels)))
            return read(view, region, ["depth"], scale)

        monkeypatch.setattr(type(numbered), "read", remember)
        crops = RandomCrops([small], ["depth"], PATCH, seed=0, count=40, beside=Beside([numbered], ("relief",), 0.5))
        for index in range(40):
            assert crops[index]["truth"].any()
        assert asked == {(small.name, ("depth",)), (numbered.name, ("relief",))}
