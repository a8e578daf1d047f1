import json
from dataclasses import replace

import pytest

import train
from models.task import WINDOWS, Task

TASK = Task("mirrors", ("depth", "normals"), 0.5, 256, "stroke", "reach+sure")


def test_a_task_survives_plain_values():
    fields = TASK.as_dict()

    assert Task.from_dict(fields) == TASK
    assert json.loads(json.dumps(fields)) == fields


def test_a_task_that_says_nothing_of_window_and_merge_is_as_published():
    fields = TASK.as_dict()
    del fields["window"], fields["merge"]

    assert Task.from_dict(fields) == replace(TASK, window="cell", merge="whole")


@pytest.mark.parametrize("window", ["strok", "Cell", "", None])
def test_an_unknown_window_is_refused(window):
    with pytest.raises(ValueError, match=f"no window {window!r}; there are: cell, stroke"):
        Task.from_dict({**TASK.as_dict(), "window": window})


def test_the_command_names_every_window():
    option = next(option for option in train.main.params if option.name == "window")

    assert tuple(option.type.choices) == WINDOWS


def test_tasks_see_alike_whatever_is_made_of_answers():
    assert TASK.sees_as(replace(TASK, window="cell", merge="whole"))
    for other in ({"dataset": "lines"}, {"channels": ("depth",)}, {"scale": 1.0}, {"patch": 128}):
        assert not TASK.sees_as(replace(TASK, **other))
