"""A base model's calibration: fitted on its validation views, kept beside its checkpoint."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import runs.calibration as calibration
from data.storage import PreparedSet
from models.checkpoints import find_checkpoint, load_model
from models.errors import ModelError
from runs.errors import RunError
from runs.predicting.loaded_models import LoadedBase


@pytest.fixture
def base(project, tmp_path):
    """A copy of the toy's base model, without a calibration."""
    path = tmp_path / "base.ckpt"
    shutil.copy(find_checkpoint("base", project.folder / "runs"), path)
    return load_model(path, "base")


def fit(project, base, storage="storage"):
    prepared = PreparedSet.open(project.folder / storage, "mirrors")
    return calibration.calibrated(LoadedBase(base, "cpu", "torch"), prepared, lambda line: None)


def test_it_is_fitted_once_and_lies_beside_the_model(project, base, monkeypatch):
    path = fit(project, base)

    assert path == base.path.with_name("base.calibration.json")
    table = calibration.read_calibration(base)
    content = json.loads(path.read_text())
    assert (content["probability"], content["share"]) == (list(table.probability), list(table.share))
    monkeypatch.setattr("runs.predicting.drawings.initial_drawing", None)  # not called again
    assert fit(project, base) == path


def test_the_share_that_is_done_rises_to_all(project, base):
    shares = []
    model, prepared = LoadedBase(base, "cpu", "torch"), PreparedSet.open(project.folder / "storage", "mirrors")

    calibration.calibrated(model, prepared, lambda line: None, shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_it_says_the_share_of_line_on_the_validation_views(project, base):
    fit(project, base)
    table = calibration.read_calibration(base)
    prepared = PreparedSet.open(project.folder / "storage", "mirrors")
    line = np.mean([view.truth[view.mask].mean() for view in map(prepared.view, base.validated_on)])
    assert min(table.share) <= line <= max(table.share)


def test_only_the_object_counts_whatever_is_drawn_around_it(project, base, tmp_path, monkeypatch):
    """A network that is 20 % sure everywhere on the object: the one entry is the share of line there."""
    storage = shutil.copytree(project.folder / "storage", tmp_path / "storage")
    views = [PreparedSet.open(storage, "mirrors").view(name) for name in base.validated_on]
    for view in views:
        inside = np.array(view.mask)
        inside[:, : inside.shape[1] // 2] = False
        np.save(view.folder / "mask_model.npy", inside)
        assert (view.truth & ~inside).any()
    monkeypatch.setattr(
        "runs.predicting.drawings.initial_drawing", lambda view, *_: np.where(view.mask, np.float32(0.2), np.float32(0))
    )

    fit(project, base, storage)

    table = calibration.read_calibration(base)
    line = np.concatenate([view.truth[np.load(view.folder / "mask_model.npy")] for view in views])
    assert table.probability == pytest.approx((0.2,))
    assert table.share == pytest.approx((line.mean(),))


def test_the_command_fits_it_too(project, base):
    output = project.succeed(calibration.main, "--base_model", base.path, "--backend", "torch")
    assert output.splitlines()[-1] == str(base.path.with_name("base.calibration.json"))
    calibration.read_calibration(base)


def test_without_one_the_message_tells_how_to_get_it(base):
    with pytest.raises(RunError, match="fit it by `python -m runs"):
        calibration.read_calibration(base)


def test_where_the_validation_views_are_not_it_is_refused(project, base, tmp_path):
    shutil.copytree(project.folder / "storage", tmp_path / "storage")
    manifest = tmp_path / "storage" / "mirrors" / "set.json"
    content = json.loads(manifest.read_text())
    content["members"] = [name for name in content["members"] if name not in base.validated_on]
    manifest.write_text(json.dumps(content))
    with pytest.raises(RunError, match=base.validated_on[0]):
        fit(project, base, tmp_path / "storage")


def test_one_of_other_weights_is_refused(project, base):
    path = fit(project, base)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base": "0" * 64}))
    with pytest.raises(RunError, match="fitted to other weights"):
        fit(project, base)


def test_of_a_model_that_names_no_views_the_message_tells_where_to_fit_it(project, base):
    with pytest.raises(RunError, match=r"names no view .* fit the checkpoint that it was published from, and publish"):
        fit(project, replace(base, validated_on=()))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"base": "x", "probability": [0.5, 0.1], "share": [0, 1]}'])
def test_a_damaged_one_is_refused(project, base, text):
    fit(project, base).write_text(text)
    with pytest.raises(ModelError, match="damaged; remove it"):
        calibration.read_calibration(base)
