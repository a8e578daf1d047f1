"""What holds for every kind of data: the real commands take tiny made-up data of it all the way.

A new kind needs a file of its name in ``tests/contract/examples``, whose ``make(root)`` writes three drawn views.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import import_module

import cv2
import pytest

import data.check
import data.setup
import eval as evaluation
import predict
import train
from data.kinds import Kind, kind_named, names
from data.regions import whole
from data.showing import LEARNED_SCALE
from data.storage import PreparedSet
from models.checkpoints import find_checkpoint, load_model
from tests.runs.toy import Project

PATCH_PX = 32  # side of a patch at model scale: the smallest that networks take
NETWORK = ["--enc_str", "tu-mobilenetv4_conv_small_050", "--arch", "unet-slim"]
PLAIN = ["--backend", "torch", "--device", "cpu"]  # converting a network takes longer than using it here
BRIEF = ["--max_epochs", "1", "--crops", "4", "--batch_train", "4", "--batch_val", "4", "--val_share", "0.5"]


@dataclass(frozen=True)
class Made:
    """Tiny raw data of a kind, in a project of its own."""

    kind: Kind
    project: Project

    def succeed(self, command, *arguments):
        return self.project.succeed(command, "--dataset", self.kind.name, *arguments)

    def train(self, *arguments):
        scale = LEARNED_SCALE if self.kind.showing else self.kind.model_scale
        patch = ["--patch_size", round(PATCH_PX / scale)]
        return self.succeed(train.main, *NETWORK, *BRIEF, *patch, *arguments)

    @property
    def prepared(self):
        return PreparedSet.open(self.project.folder / "storage", self.kind.name)

    @property
    def tested(self):
        (view,) = self.prepared.test
        return view


@pytest.fixture(scope="module", params=names())
def made(request, tmp_path_factory):
    """Raw data of each kind."""
    project = Project(tmp_path_factory.mktemp(request.param))
    import_module(f"tests.contract.examples.{request.param}").make(project.folder / "mirrors")
    return Made(kind_named(request.param), project)


@pytest.fixture(scope="module")
def prepared(made):
    """The same, prepared with the channels that the kind has by default, one view kept for testing."""
    made.succeed(data.setup.main, "--test_last", 1)
    return made


@pytest.fixture(scope="module")
def trained(prepared):
    """The same, with a base and an interactive model."""
    prepared.train("--name", "base")
    prepared.train("--name", "inter", "--is_interactive", "True", "--base_model", "base")
    return prepared


@pytest.mark.parametrize("full", [[], ["--full"]], ids=["headers", "full"])
def test_every_view_is_found_sound(made, full):
    report = made.succeed(data.check.main, *full)
    assert "3 views, 0 unusable, 0 without a drawing" in report


def test_views_are_prepared_with_the_default_channels(prepared):
    made = prepared.prepared
    asked_for = set(prepared.kind.default_channels)
    assert all(asked_for <= set(view.channels) for view in made.views())  # a kind may prepare more of its own accord
    assert all(view.scale == made.model_scale and view.truth.any() for view in made.views())


def test_both_models_are_trained_for_the_kind(trained):
    for name, role in (("base", "base"), ("inter", "interactive")):
        task = load_model(find_checkpoint(name, trained.project.folder / "runs"), role).task
        expected = (trained.kind.name, trained.kind.default_channels, trained.prepared.model_scale)
        assert (task.dataset, task.channels, task.scale) == expected


def test_corrections_of_the_view_kept_for_testing_are_evaluated(trained):
    models = ["--ckpt", "inter", "--base_model", "base", *PLAIN, "--workers", 1]
    trained.succeed(evaluation.main, *models, "--mirror", "test")
    with (trained.project.folder / "out" / trained.tested / f"{trained.tested}_0.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert int(rows[0]["interaction"]) == 0
    assert all(0 <= float(row["pfm"]) <= 1 for row in rows)


def test_a_view_is_drawn_at_its_own_size(trained):
    trained.succeed(predict.main, *PLAIN, "--base_model", "base", "--mirror", trained.tested)
    drawing = cv2.imread(
        str(trained.project.folder / "out" / trained.tested / f"{trained.tested}_drawings.png"), cv2.IMREAD_UNCHANGED
    )
    assert drawing.shape == (*trained.prepared.view(trained.tested).shape, 4)


@pytest.mark.usefixtures("trained")  # so that they have seen the default channels alone
def test_every_channel_can_be_prepared_and_has_the_planes_that_are_declared(made):
    channels = [channel.name for channel in made.kind.channels]
    made.succeed(data.setup.main, "--test_last", 1, "--channels", ",".join(channels))
    view = made.prepared.view(made.tested)
    for channel in made.kind.channels:
        image = view.read(whole(view.model_shape), [channel.name], view.scale)
        assert len(image) == channel.planes
        assert 0 <= image.min() <= image.max() <= 1
