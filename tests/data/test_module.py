"""The split by objects, the input's statistics, and the batches of an epoch."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from data.errors import DataError
from data.line_statistics import MIRROR_LINES
from data.module import MIN_BATCHES, LineData, Split, input_statistics, split_views
from data.storage import PreparedSet

LINE = np.zeros((24, 24), bool)
LINE[10:13, 2:22] = True
NAMES = ("A_R", "A_V", "B_R", "B_V", "C_R", "D_R", "D_V", "E_V", "F_R", "F_V")


@pytest.fixture
def prepared(make_view, tmp_path):
    """A set of ten views of six objects, A's back kept for testing."""
    for name in NAMES:
        make_view(name, LINE)
    return PreparedSet(tmp_path / "storage" / "mirrors", "mirrors", "/x", 0.5, tuple(NAMES), ("A_R",), MIRROR_LINES)


def objects(views):
    return {view.object for view in views}


class TestSplit:
    @pytest.mark.parametrize("seed", range(8))
    def test_a_back_and_a_front_never_part_and_every_drawn_view_is_used_once(self, prepared, seed):
        split = split_views(prepared, share=0.4, seed=seed)
        assert not objects(split.train) & objects(split.validation)
        used = sorted(view.name for view in split.train + split.validation)
        assert used == [name for name in NAMES if not name.startswith("A")]

    def test_a_test_objects_other_side_is_left_out_too(self, prepared):
        split = split_views(prepared, share=0.4, seed=0)
        assert "A" not in objects(split.train + split.validation)

    def test_it_is_left_out_though_the_test_view_itself_could_not_be_prepared(self, prepared):
        skipped = replace(prepared, members=tuple(name for name in NAMES if name != "A_R"))
        split = split_views(skipped, share=0.4, seed=0)
        assert "A" not in objects(split.train + split.validation)

    def test_a_photograph_kept_for_testing_is_left_out_by_its_own_name(self, make_view, tmp_path):
        for name in ("crack_1", "crack_2", "crack_3"):
            make_view(name, LINE, shown=name)
        lines = PreparedSet(
            tmp_path / "storage" / "mirrors",
            "lines",
            "/x",
            1.0,
            ("crack_1", "crack_2", "crack_3"),
            ("crack_2",),
            MIRROR_LINES,
        )
        split = split_views(lines, share=0.5, seed=0)
        assert objects(split.train + split.validation) == {"crack_1", "crack_3"}

    def test_the_seed_decides(self, prepared):
        chosen = [frozenset(objects(split_views(prepared, share=0.4, seed=seed).validation)) for seed in range(20)]
        assert frozenset(objects(split_views(prepared, share=0.4, seed=0).validation)) == chosen[0]
        assert len(set(chosen)) > 3

    @pytest.mark.parametrize(("share", "count"), [(0.0, 1), (0.2, 1), (0.4, 2), (1.0, 4)])
    def test_a_share_of_the_objects_is_validated_on_one_at_least_and_one_is_left_to_train(self, prepared, share, count):
        split = split_views(prepared, share=share, seed=0)
        assert len(objects(split.validation)) == count
        assert split.train

    def test_an_undrawn_view_is_in_neither(self, prepared, make_view):
        make_view("G_R", None)
        split = split_views(prepared, share=0.4, seed=0)
        assert "G" not in objects(split.train + split.validation)

    def test_one_drawn_object_besides_the_tested_is_too_few(self, prepared):
        with pytest.raises(DataError, match="1 drawn object"):
            split_views(replace(prepared, members=("A_R", "B_R", "B_V")), share=0.2, seed=0)

    def test_masks_without_a_line_stop_a_training_before_it_begins(self, prepared, make_view):
        for name in NAMES:
            make_view(name, np.zeros((24, 24), bool))
        with pytest.raises(DataError, match=r"no line in any of the 4 drawings to train on; `python -m data\.check"):
            split_views(prepared, share=0.4, seed=0)

    def test_one_mask_with_a_line_is_enough(self, prepared, make_view):
        validated = [view.name for view in split_views(prepared, share=0.4, seed=0).validation]
        first, *others = [name for name in NAMES if name not in validated and not name.startswith("A")]
        for name in others:
            make_view(name, np.zeros((24, 24), bool))
        assert first in [view.name for view in split_views(prepared, share=0.4, seed=0).train]


class TestInputStatistics:
    @staticmethod
    def of(*parts):
        return {
            "pixels": len(parts[0]),
            "mean": [float(np.mean(part)) for part in parts],
            "deviation": [float(np.std(part)) for part in parts],
        }

    def test_they_are_those_of_all_pixels_together(self, make_view):
        few, many = np.array([0.1, 0.3]), np.array([0.5, 0.9, 0.7, 0.2, 0.4, 0.4])
        views = [
            make_view(name, None, statistics={"depth": self.of(values)})
            for name, values in (("A_R", few), ("B_R", many))
        ]
        mean, deviation = input_statistics(views, ["depth"])
        together = np.concatenate([few, many])
        assert mean == pytest.approx([together.mean()])
        assert deviation == pytest.approx([together.std()])

    def test_each_plane_has_its_own_in_the_order_of_the_channels(self, make_view):
        planes = np.random.default_rng(0).random((4, 50))
        view = make_view("A_R", None, statistics={"depth": self.of(planes[0]), "normals": self.of(*planes[1:])})
        mean, deviation = input_statistics([view], ["normals", "depth"])
        assert mean == pytest.approx(planes[[1, 2, 3, 0]].mean(1).tolist())
        assert deviation == pytest.approx(planes[[1, 2, 3, 0]].std(1).tolist())

    def test_a_view_prepared_without_the_channel_is_refused_by_name(self, make_view):
        view = make_view("A_R", None, statistics={"depth": self.of(np.ones(3))})
        with pytest.raises(DataError, match="A_R: prepared without normals"):
            input_statistics([view], ["depth", "normals"])


class TestLineData:
    @pytest.fixture
    def split(self, make_view):
        rng = np.random.default_rng(0)
        train = [make_view(name, LINE, rng.random(LINE.shape, np.float32)) for name in ("B_R", "C_R")]
        return Split(train, [make_view("D_R", LINE, rng.random(LINE.shape, np.float32))])

    @staticmethod
    def data(split, **options):
        sizes = {"patch": 16, "batch_train": 4, "batch_val": 2}
        return LineData(split, **{"channels": ["depth"], **sizes, "augment": True, "crops": 8, "seed": 5, **options})

    @staticmethod
    def trainer(epoch, training=True, rank=0):
        return SimpleNamespace(current_epoch=epoch, global_rank=rank, training=training)

    def epoch(self, split, number, **options):
        """Return the images of an epoch as the model gets them."""
        data = self.data(split, **options)
        data.trainer = self.trainer(number)
        return torch.cat([data.on_after_batch_transfer(batch, 0)["image"] for batch in data.train_dataloader()])

    def test_batches_are_of_the_size_asked(self, split):
        (first, second) = self.data(split).train_dataloader()
        assert first["image"].shape == first["truth"].shape == second["image"].shape == (4, 1, 16, 16)

    @pytest.mark.parametrize(
        ("crops", "batch", "processes", "smallest"),
        [(8, 4, 1, 4), (9, 4, 1, 4), (3, 4, 1, 3), (1, 4, 1, 1), (8, 8, 3, 3)],
    )
    def test_the_smallest_batch_is_whole_unless_an_epoch_is_smaller(self, split, crops, batch, processes, smallest):
        data = self.data(split, crops=crops, batch_train=batch)
        assert data.smallest_batch(processes) == smallest
        if processes == 1:
            assert min(len(one["image"]) for one in data.train_dataloader()) == smallest

    def test_an_epoch_repeats_whatever_came_before_it(self, split):
        assert torch.equal(self.epoch(split, 3), self.epoch(split, 3))

    @pytest.mark.parametrize("other", [{"number": 4}, {"number": 3, "seed": 6}])
    def test_another_epoch_or_seed_is_another(self, split, other):
        assert not torch.equal(self.epoch(split, 3), self.epoch(split, **other))

    @pytest.mark.parametrize(("epoch", "rank"), [(4, 0), (3, 1)])
    def test_another_epoch_or_device_moves_the_same_crop_otherwise(self, split, epoch, rank):
        data, batch, moved = self.data(split), next(iter(self.data(split).train_dataloader())), []
        for trainer in (self.trainer(3), self.trainer(epoch, rank=rank), self.trainer(3)):
            data.trainer = trainer
            data.train_dataloader()
            moved.append(data.on_after_batch_transfer(batch, 0)["image"])
        assert torch.equal(moved[0], moved[2])
        assert not torch.equal(moved[0], moved[1])

    @pytest.mark.slow
    def test_loading_processes_change_nothing(self, split):
        assert torch.equal(self.epoch(split, 1, workers=2), self.epoch(split, 1))

    def test_few_patches_still_make_a_fair_number_of_batches(self, split):
        assert len(self.data(split, crops=None).train_dataloader()) == MIN_BATCHES

    def test_a_last_batch_that_is_not_full_is_left_out_unless_it_is_the_only_one(self, split):
        assert [len(batch["image"]) for batch in self.data(split, crops=6).train_dataloader()] == [4]
        assert [len(batch["image"]) for batch in self.data(split, crops=3).train_dataloader()] == [3]

    def test_every_patch_is_validated_on_in_the_same_order(self, split):
        data = self.data(split, batch_val=1)
        first, again = (torch.cat([batch["image"] for batch in data.val_dataloader()]) for _ in range(2))
        assert torch.equal(first, again)
        assert len(first) == len(data.validation) == 2

    def test_validation_patches_are_not_moved(self, split):
        data = self.data(split)
        data.trainer = self.trainer(0, training=False)
        batch = next(iter(data.val_dataloader()))
        assert data.on_after_batch_transfer(batch, 0) is batch

    def test_without_augmentation_crops_are_not_moved(self, split):
        data = self.data(split, augment=False)
        data.trainer = self.trainer(0)
        batch = next(iter(data.train_dataloader()))
        assert data.on_after_batch_transfer(batch, 0) is batch
