import json

import pytest

from models.weights import shipped
from runs.errors import RunError
from runs.provenance import changes, read_record, run_id_of


@pytest.mark.parametrize(
    "content",
    [[], {"config": {}}, {"config": {}, "hashes": {"base": None}}, {"config": {}, "hashes": {"base": ["x"]}}],
)
def test_a_record_of_another_form_is_damaged(tmp_path, content):
    (tmp_path / "run.json").write_text(json.dumps(content))

    with pytest.raises(RunError, match="damaged"):
        read_record(tmp_path / "run.json")


def test_only_what_differs_is_reported_by_name():
    there, wanted = {"seed": 1, "mode": "headline", "order": 1}, {"seed": 1, "mode": "published", "backend": "torch"}

    assert changes(there, wanted) == (
        "backend None there, torch asked for; mode headline there, published asked for; order 1 there, None asked for"
    )


def test_settings_that_are_not_named_may_differ():
    assert changes({"mode": "headline", "seed": 1}, {"mode": "published", "seed": 1}, ["seed"]) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inter", "inter"),
        ("v1.2", "v1.2"),
        ("runs/3f2a/checkpoints/epoch=7.ckpt", "3f2a"),
        ("downloads/model.ckpt", "model"),
        ("small-base", "small-base"),
        (str(shipped("small-base")), "small-base"),
        ("runs/3f2a/checkpoints/small.safetensors", "small"),
        ("downloads/v1.2.safetensors", "v1.2"),
    ],
)
def test_a_model_is_called_by_its_run_id(name, expected):
    assert run_id_of(name) == expected


def test_long_values_are_cut():
    assert changes({"data": "0123456789"}, {"data": "9876543210"}, width=4) == "data 0123 there, 9876 asked for"
