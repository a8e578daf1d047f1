"""What a person left in a log as the truth of a base model's training."""

import numpy as np
import pytest
import torch

from data.regions import Region
from data.storage import PreparedSet
from interaction.log.packing import pack_line
from models.modules import BaseModule
from models.networks import NetworkConfig
from models.task import Task
from runs.errors import RunError
from runs.training.annotated_places import NEAR, AnnotatedCrops, AnnotatedPatches, read_annotated
from tests.interaction.log.sessions import Session, stroke

VIEW = "SYN-0001_R"
SIDE = 64
PLACE = Region(128, 64, 64, 64)


@pytest.fixture(scope="module")
def prepared(raw):
    return PreparedSet.open(raw.folder / "storage", "mirrors")


@pytest.fixture
def session(prepared, tmp_path):
    drawn = Session(prepared.view(VIEW), tmp_path / VIEW / "log.sqlite")
    yield drawn
    drawn.log.close()


def mark(session, region, *, right=True):
    line = session.current[region.slices] > 0.5
    asked = session.log.append("seen", {"cell": 0, "region": region.to_json(), "right": right})
    session.log.append("mark", {"seen": asked.number}, pack_line(line))


def test_near_a_stroke_the_drawing_is_known_and_further_off_it_is_not(session, prepared):
    session.draw(stroke((200, 180), (200, 240), radius=6), bare=True)
    (place,) = read_annotated(str(session.log.path), prepared).places
    row = 100  # the stroke, 6 scan pixels wide to each side, lies on it from column 90 to column 120
    assert place.truth[row, 100]
    assert place.known[row + 3 + NEAR - 1, 105]
    assert not place.known[row + 3 + NEAR + 2, 105]


def test_a_place_that_was_marked_as_right_is_known_as_a_whole(session, prepared):
    session.draw(stroke((300, 200), (300, 240), radius=6), bare=True)
    mark(session, PLACE)
    (place,) = read_annotated(str(session.log.path), prepared).places
    mask = prepared.view(VIEW).mask
    assert np.array_equal(place.known[PLACE.slices], mask[PLACE.slices])


def test_a_log_that_says_nothing_is_refused(session, prepared):
    with pytest.raises(RunError, match="no place is marked as right"):
        read_annotated(str(session.log.path), prepared)
    with pytest.raises(RunError, match="names no log"):
        read_annotated(" , ", prepared)


def test_crops_hold_something_known_and_depend_on_seed_and_epoch(session, prepared):
    session.draw(stroke((200, 180), (200, 240), radius=6), bare=True)
    places = read_annotated(str(session.log.path), prepared).places
    crops = AnnotatedCrops(places, ["depth"], SIDE, seed=0, count=6)
    first = [crops[index] for index in range(6)]
    assert all(sample["known"].any() for sample in first)
    assert {tuple(sample["image"].shape) for sample in first} == {(1, SIDE, SIDE)}
    again = AnnotatedCrops(places, ["depth"], SIDE, seed=0, count=6)
    assert all(torch.equal(again[index]["image"], sample["image"]) for index, sample in enumerate(first))
    again.epoch = 1
    assert any(not torch.equal(again[index]["image"], sample["image"]) for index, sample in enumerate(first))
    assert len(AnnotatedPatches(places, ["depth"], SIDE)) > 0


def test_what_is_not_known_hands_on_no_gradient():
    torch.manual_seed(0)
    network = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
    task = Task("mirrors", ("depth",), 0.5, SIDE)
    module = BaseModule(network.as_dict(), task.as_dict(), 1e-3, loss="both").eval()
    module.log = lambda *_, **__: None
    batch = {"image": torch.rand(2, 1, SIDE, SIDE), "truth": (torch.rand(2, 1, SIDE, SIDE) > 0.8).float()}
    known = torch.zeros(2, 1, SIDE, SIDE)
    module.training_step({**batch, "known": known}, 0).backward()
    assert all(not values.grad.any() for values in module.parameters() if values.grad is not None)
    known[..., :8] = 1
    module.training_step({**batch, "known": known}, 0).backward()
    assert any(values.grad.any() for values in module.parameters() if values.grad is not None)
