"""Depth that grows inwards is turned where a drawing shows it, or where the option says so."""

from __future__ import annotations

from data.regions import whole
from tests.data.conftest import GROOVE, SHAPE, relief
from tests.data.setup.conftest import outcomes, prepared


class TestDepthSign:
    def test_a_map_that_grows_inwards_is_turned_where_a_drawing_shows_it_and_it_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R", depth=-relief())
        said = setup().stdout
        assert "B_R_U.tif: drawn lines are higher than the ground around them, so the map grows inwards" in said
        assert "A_R_U.tif" not in said
        height, depth = prepared(storage).view("A_R"), prepared(storage).view("B_R")
        for view in (height, depth):
            values = view.read(whole(SHAPE), ["depth"], 1.0)[0]
            assert values[GROOVE].max() < 0.3
        assert depth.manifest["parts"]["depth"]["parameters"]["depth_sign"] == -1
        assert "depth_sign" not in height.manifest["parts"]["depth"]["parameters"]  # its fingerprint stays

    def test_undrawn_views_follow_the_option_only_and_a_mixed_set_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=-relief())
        mirrors.add("B_R", depth=-relief(), drawn=False)
        said = setup().stdout
        assert "unlike the rest of the set; if all its maps grow inwards, give --depth_sign depth: A_R" in said
        assert groove(storage, "B_R").min() > 0.7
        assert "unlike" not in setup("--depth_sign", "depth").stdout
        assert groove(storage, "B_R").max() < 0.3

    def test_what_is_given_is_never_guessed_over(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=-relief())
        setup("--depth_sign", "height")
        assert groove(storage, "A_R").min() > 0.7
        assert "as given before: --depth_sign height" in setup().stdout
        assert outcomes(setup("--depth_sign", "auto")) == {"A_R": "prepared"}
        assert groove(storage, "A_R").max() < 0.3

    def test_a_second_run_keeps_what_was_decided(self, mirrors, setup):
        mirrors.add("A_R", depth=-relief())
        setup()
        assert outcomes(setup()) == {"A_R": "unchanged"}

    def test_a_drawing_that_comes_later_decides(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=-relief(), drawn=False)
        setup()
        mirrors.add("A_R", depth=-relief())
        setup()
        assert groove(storage, "A_R").max() < 0.3

    def test_a_drawing_that_is_taken_away_leaves_height(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=-relief())
        setup()
        mirrors.drawing_file("A_R").unlink()
        setup()
        assert groove(storage, "A_R").min() > 0.7

    def test_the_published_depth_is_turned_with_it(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=-relief())
        setup("--channels", "depth,published_depth")
        assert groove(storage, "A_R", "published_depth").max() < 0.3


def groove(storage, name: str, channel: str = "depth"):
    """Return the groove's values in a prepared view."""
    return prepared(storage).view(name).read(whole(SHAPE), [channel], 1.0)[0][GROOVE]
