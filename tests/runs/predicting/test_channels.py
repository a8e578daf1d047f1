"""What a model is shown of a view: its channels or what stands for them, at the line width that it learned."""

from dataclasses import dataclass

import pytest

from data.showing import MODEL_LINE_WIDTH
from models.errors import ModelError
from models.task import Task
from runs.predicting.channels import channels_for, channels_on, scale_problem

MIRRORS = Task("mirrors", ("depth",), 0.5, 256)


@dataclass
class View:
    """What is asked of a view."""

    dataset: str = "lines"
    channels: tuple[str, ...] = ("grey", "relief")
    scale: float = 1.47
    line_width: float | None = MODEL_LINE_WIDTH
    name = "VIEW"


class TestChannels:
    def test_relief_takes_the_place_of_depth(self):
        assert channels_for(MIRRORS, View()) == ("relief",)

    def test_depth_takes_the_place_of_relief(self):
        view = View("mirrors", ("depth",), 0.5)
        assert channels_for(Task("lines", ("relief",), 1.0, 256), view) == ("depth",)

    @pytest.mark.parametrize("task", [MIRRORS, Task("lines", ("grey", "rgb"), 1.0, 256)])
    def test_on_its_own_kind_a_model_sees_what_it_learned(self, task):
        assert channels_on(task, task.dataset) == task.channels

    def test_what_an_earlier_version_prepared_lacks_relief(self):
        with pytest.raises(
            ModelError, match=r"sees relief, which VIEW is not.*run `python -m data.setup --dataset lin"
        ):
            channels_for(MIRRORS, View(channels=("grey",)))

    def test_nothing_stands_for_normals(self):
        with pytest.raises(ModelError, match=r"sees normals, which VIEW is not prepared with; .* choose another model"):
            channels_for(Task("mirrors", ("depth", "normals"), 0.5, 256), View())


class TestScale:
    def test_a_model_of_mirrors_is_used_at_any_scale_that_shows_lines_as_wide(self):
        assert scale_problem(View(scale=0.3), MIRRORS) is None

    def test_not_where_lines_are_shown_otherwise(self):
        said = scale_problem(View(line_width=3.0), MIRRORS)
        assert "with lines 6.2 model pixels wide, but those of VIEW are shown 3.0 wide" in said

    def test_an_old_model_of_lines_keeps_to_its_scale(self):
        old = Task("lines", ("grey",), 1.0, 256)
        assert scale_problem(View(scale=1.0, line_width=None), old) is None
        assert "--line_width 6.19 if images are to stay as they are" in scale_problem(View(scale=1.2), old)

    @pytest.mark.parametrize(("learned", "shown"), [("coins", "mirrors"), ("mirrors", "coins")])
    def test_where_nothing_says_how_wide_lines_are_the_scale_decides(self, learned, shown):
        task, width = Task(learned, ("depth",), 0.5, 256), None if shown == "coins" else MODEL_LINE_WIDTH
        assert scale_problem(View(shown, ("depth",), 0.5, width), task) is None
        assert scale_problem(View(shown, ("depth",), 1.0, width), task) is not None

    def test_a_model_of_lines_is_used_on_other_sets(self):
        new = Task("lines", ("grey",), 1.47, 256, line_width=6.2)
        assert scale_problem(View(scale=0.6), new) is None
        assert scale_problem(View(scale=0.6, line_width=9.0), new) is not None

    def test_a_model_of_mirrors_is_not_used_on_sets_of_earlier_versions(self):
        assert "run `python -m data.setup --dataset lines` again" in scale_problem(
            View(scale=1.0, line_width=None), MIRRORS
        )


class TestPairs:
    def test_models_see_alike_if_one_learned_on_mirrors_and_one_on_relief(self):
        lines = Task("lines", ("relief",), 1.4, 256, line_width=6.0)
        assert lines.sees_as(MIRRORS)
        assert MIRRORS.sees_as(lines)

    @pytest.mark.parametrize(
        "other",
        [
            Task("lines", ("grey",), 1.4, 256, line_width=6.0),
            Task("lines", ("relief",), 1.4, 256, line_width=9.0),
            Task("lines", ("relief",), 1.0, 256),
            Task("lines", ("relief",), 1.4, 128, line_width=6.0),
        ],
    )
    def test_not_with_other_channels_widths_or_patches(self, other):
        assert not other.sees_as(MIRRORS)
