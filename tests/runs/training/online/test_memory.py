"""Which lessons stay."""

from collections import Counter

import pytest

from runs.training.online.memory import NEWEST, Held, Memory
from tests.runs.training.online.lessons import lesson


def filled(seed, views, most=20):
    memory = Memory(seed, most)
    one = {view: lesson(0, view) for view in set(views)}
    for number, view in enumerate(views):
        memory.add(Held(number, one[view], {}))
    return [held.number for held in memory], Counter(held.lesson.view for held in memory)


def test_it_is_bounded_and_holds_the_newest():
    numbers, _ = filled(0, ["a"] * 200)
    assert len(numbers) == 20
    assert numbers[-NEWEST:] == list(range(200 - NEWEST, 200))
    assert min(numbers) < 100, "older ones stay, too"


def test_images_share_it():
    _, views = filled(0, ["a"] * 40 + ["b"] * 40)
    assert views["a"] >= 5


def test_who_stays_depends_on_the_seed_alone():
    assert filled(1, ["a"] * 60) == filled(1, ["a"] * 60)
    assert filled(1, ["a"] * 60) != filled(2, ["a"] * 60)


def test_one_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="more than the newest"):
        Memory(0, NEWEST)
