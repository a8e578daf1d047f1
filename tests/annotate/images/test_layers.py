"""Layers and thumbnails: what a browser decodes is what was prepared, and no drawing is in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from annotate.errors import AnnotateError
from annotate.images.layers import (
    GROUND,
    LAYERS,
    TILED,
    encode_tile,
    kept_thumbnail,
    layers_of,
    media_type,
    scan_rows,
    source_of,
    thumbnail,
    tiled_layers,
)
from data.channels import FULL_SCALE
from data.errors import DataError
from data.kinds import kind_named, names
from tests.annotate.images.tiles import decoded
from tests.interaction.log.scans import grain, prepared

SHAPE = (400, 800)  # of a scan
LEVEL = FULL_SCALE // 2
OBJECT = (slice(80, 320), slice(160, 640))
GROOVE = (slice(190, 210), slice(240, 560))


def plate():
    """Depth of a level plate with one groove, (1, H, W), and where the plate is."""
    depth, mask = np.full((1, *SHAPE), LEVEL, np.uint16), np.zeros(SHAPE, bool)
    depth[:, *GROOVE] = 0
    mask[OBJECT] = True
    return depth, mask


@pytest.fixture
def view(tmp_path):
    depth, mask = plate()
    return prepared(tmp_path / "A_R", {"depth": depth}, mask=mask)


class TestLayers:
    def test_layers_are_those_prepared_in_one_order(self, tmp_path):
        plane = grain((8, 8))
        view = prepared(tmp_path / "A_R", {"albedo": plane, "curvature": plane, "depth": plane})
        assert tiled_layers(view) == ["depth", "albedo"]
        assert [layer.name for layer in layers_of(view)] == [
            "depth",
            "albedo",
            "initial",
            "current",
            "quality",
            "redrawing",
        ]

    def test_photographs_are_shown_grey_and_in_colour(self, tmp_path):
        view = prepared(tmp_path / "a", {"grey": grain((8, 8)), "rgb": grain((8, 8), planes=3)}, halved=False)
        assert tiled_layers(view) == ["grey", "rgb"]
        assert {layer.opacity for layer in layers_of(view) if layer.name in ("grey", "rgb")} == {1}
        assert decoded(thumbnail(view)).ndim == 2

    def test_there_are_errors_only_against_a_truth(self, tmp_path):
        with_truth = prepared(tmp_path / "A_R", {"depth": grain((8, 8))}, truth=np.ones((8, 8), bool))
        without = prepared(tmp_path / "B_R", {"depth": grain((8, 8))})
        assert ["errors" in {layer.name for layer in layers_of(view)} for view in (with_truth, without)] == [
            True,
            False,
        ]

    def test_every_layer_has_a_name_of_its_own(self):
        assert len({layer.name for layer in LAYERS}) == len(LAYERS)

    @pytest.mark.parametrize("kind", names())
    def test_of_each_kind_of_data_every_layer_has_a_key_of_its_own(self, kind):
        channels = {channel.name for channel in kind_named(kind).channels}
        shown = [layer for layer in LAYERS if layer.name in channels or layer.kind not in TILED]
        keys = [layer.key for layer in shown if layer.key]
        assert len(set(keys)) == len(keys) > 4

    def test_normals_are_png_and_the_others_jpeg(self):
        assert [media_type(layer) for layer in ("depth", "normals", "albedo")] == [
            "image/jpeg",
            "image/png",
            "image/jpeg",
        ]

    @pytest.mark.parametrize("halved", [True, False])
    def test_rows_are_the_scans_own(self, tmp_path, halved):
        depth = grain((64, 96))
        view = prepared(tmp_path / "A_R", {"depth": depth}, halved=halved)
        assert_array_equal(scan_rows(view, "depth", 10, 30), depth[:, 10:30])

    def test_a_missing_file_is_named_with_its_remedy(self, view):
        (view.folder / "depth_scan.npy").unlink()
        with pytest.raises(DataError, match=r"depth_scan\.npy: not prepared; .* with the channel depth"):
            scan_rows(view, "depth", 0, 8)

    def test_a_file_cut_short_is_named_with_its_remedy(self, view):
        (view.folder / "depth_scan.npy").write_bytes((view.folder / "depth_scan.npy").read_bytes()[:1000])
        with pytest.raises(DataError, match=r"depth_scan\.npy: cut short or damaged; run `python -m data\.setup`"):
            scan_rows(view, "depth", 0, 8)

    def test_a_source_changes_with_the_scan_and_not_with_a_drawing(self, tmp_path):
        plane = {"depth": grain((8, 8))}
        first = source_of(prepared(tmp_path / "A_R", plane), "depth")
        assert source_of(prepared(tmp_path / "A_R", plane, truth=np.ones((8, 8), bool)), "depth") == first
        assert source_of(prepared(tmp_path / "A_R", plane, source="another"), "depth") != first


class TestTiles:
    @pytest.mark.parametrize(("stored", "grey"), [(0, 0), (LEVEL, 127), (FULL_SCALE, 255)])
    def test_depth_is_grey_over_its_whole_range(self, stored, grey):
        tile = decoded(encode_tile("depth", np.full((1, 16, 16), stored, np.uint16)))
        assert_array_equal(tile, np.full((16, 16), grey, np.uint8))

    def test_a_smooth_tile_stays_within_two_greys(self):
        slope = np.linspace(0, FULL_SCALE, 256).astype(np.uint16)
        tile = decoded(encode_tile("albedo", np.broadcast_to(slope, (1, 256, 256))))
        assert_allclose(tile, np.broadcast_to(slope / 257, (256, 256)), atol=2)

    def test_a_photograph_keeps_its_colours(self):
        rgb = np.broadcast_to(np.array([200, 100, 50])[:, None, None] * 257, (3, 16, 16)).astype(np.uint16)
        tile = decoded(encode_tile("rgb", rgb))
        assert_allclose(tile, np.broadcast_to([50, 100, 200], (16, 16, 3)), atol=3)  # OpenCV reads blue first

    def test_normals_are_red_and_green_without_loss(self):
        normals = grain((40, 50), planes=2)
        blue, green, red = np.moveaxis(decoded(encode_tile("normals", normals)), 2, 0)
        assert_array_equal(red, np.rint(normals[0] / 257))
        assert_array_equal(green, np.rint(normals[1] / 257))
        assert not blue.any()


class TestThumbnail:
    def test_the_longer_side_is_320_pixels(self, tmp_path, view):
        assert decoded(thumbnail(view)).shape == (160, 320)
        upright = prepared(tmp_path / "B_R", {"depth": grain((900, 300))})
        assert decoded(thumbnail(upright)).shape == (320, 107)

    def test_a_groove_is_darker_than_the_plate_and_the_ground_is_light(self, view):
        picture = decoded(thumbnail(view)).astype(int)  # 2.5 scan pixels a pixel
        groove, plate_around, ground = picture[80, 160], picture[50, 160], picture[8, 8]
        assert groove < plate_around - 50
        assert plate_around < ground - 20
        assert abs(ground - GROUND) <= 2

    def test_a_groove_thinner_than_a_pixel_still_shows_among_grain(self, tmp_path):
        depth = (LEVEL + 0.1 * FULL_SCALE * np.random.default_rng(0).standard_normal((1, 1600, 1600))).astype(np.uint16)
        depth[:, 801:803, 200:1400] = 0
        picture = decoded(thumbnail(prepared(tmp_path / "A_R", {"depth": depth}))).astype(float)
        lines, plain = picture[160, 60:260], picture[200, 60:260]
        assert plain.mean() - lines.mean() > 8 * plain.std()  # the mean of plain depth gives 5

    def test_no_drawing_is_in_it(self, tmp_path):
        depth, mask = plate()
        drawn = prepared(tmp_path / "A_R", {"depth": depth}, mask=mask, truth=grain(SHAPE)[0] > LEVEL)
        assert thumbnail(drawn) == thumbnail(prepared(tmp_path / "B_R", {"depth": depth}, mask=mask))

    def test_without_depth_another_layer_shows(self, tmp_path):
        bright = np.full((1, *SHAPE), LEVEL, np.uint16)
        bright[:, :, 400:] = FULL_SCALE
        view = prepared(tmp_path / "A_R", {"albedo": bright, "normals": grain(SHAPE, 2)})
        picture = decoded(thumbnail(view)).astype(int)
        assert picture[80, 250] > picture[80, 70] + 50

    def test_an_object_of_one_level_is_one_grey(self, tmp_path):
        view = prepared(tmp_path / "A_R", {"depth": np.full((1, *SHAPE), LEVEL, np.uint16)})
        assert np.ptp(decoded(thumbnail(view))) == 0

    def test_a_view_without_layers_is_refused(self, tmp_path):
        with pytest.raises(AnnotateError, match=r"A_R: prepared without any of depth, normals, .+; run"):
            thumbnail(prepared(tmp_path / "A_R", {}))


class TestKeptThumbnail:
    def test_it_is_made_once(self, tmp_path, view):
        first = kept_thumbnail(view, tmp_path / "notes")
        (view.folder / "depth_model.npy").unlink()
        assert kept_thumbnail(view, tmp_path / "notes") == first
        assert [path.name for path in (tmp_path / "notes").iterdir()] == ["thumbnail.jpg"]
        assert_array_equal(
            decoded(first), decoded(thumbnail(prepared(view.folder, {"depth": plate()[0]}, mask=plate()[1])))
        )

    def test_another_scan_has_another_one(self, tmp_path, view):
        first = kept_thumbnail(view, tmp_path / "notes")
        changed = prepared(view.folder, {"depth": grain(SHAPE)}, source="another")
        assert_array_equal(decoded(kept_thumbnail(changed, tmp_path / "notes")), decoded(thumbnail(changed)))
        assert kept_thumbnail(changed, tmp_path / "notes") != first

    @pytest.mark.parametrize("damage", [lambda content: content[:-20], lambda content: b"", lambda content: b"x" * 900])
    def test_a_damaged_one_is_made_again(self, tmp_path, view, damage):
        first = kept_thumbnail(view, tmp_path)
        (tmp_path / "thumbnail.jpg").write_bytes(damage(first))
        assert kept_thumbnail(view, tmp_path) == first
        assert (tmp_path / "thumbnail.jpg").read_bytes() == first

    def test_a_folder_that_cannot_be_written_does_not_hide_the_mirror(self, tmp_path, view):
        (tmp_path / "notes").write_text("a file where the folder should be")
        assert decoded(kept_thumbnail(view, tmp_path / "notes")).shape == (160, 320)

    def test_threads_may_ask_at_once(self, tmp_path, view):
        with ThreadPoolExecutor(8) as pool:
            contents = set(pool.map(lambda _: kept_thumbnail(view, tmp_path / "notes"), range(16)))
        assert contents == {(tmp_path / "notes" / "thumbnail.jpg").read_bytes()}
        assert [path.name for path in (tmp_path / "notes").iterdir()] == ["thumbnail.jpg"]
