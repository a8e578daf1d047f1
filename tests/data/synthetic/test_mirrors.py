"""Made-up mirrors: what is written, and that lines, bronze and drawing agree with one another."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner

from data.errors import DataError
from data.synthetic.__main__ import main
from data.synthetic.files import view_files, write_mirrors
from data.synthetic.grooves import carve, ink, line_radius, resample, runs, spline
from data.synthetic.mirror import make_mirror
from data.synthetic.motifs import MOTIFS, ORNAMENTS, Band
from data.synthetic.surface import PIXELS_PER_MM, grain

HEIGHT, WIDTH = 384, 512
RADIUS_MEAN_PX, RADIUS_DEVIATION_PX = 6.19, 1.49  # published, of the annotators' lines


def rng_of(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def digests(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def mirrors():
    return [make_mirror(HEIGHT, WIDTH, rng_of(7, k)) for k in range(6)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("mirrors")
    write_mirrors(root, 2, HEIGHT, WIDTH, seed=3)
    return root


def highpassed(depth, mask):
    """Depth minus its blur of 1 mm, both over the object only."""
    inside = mask.astype(np.float32)
    surface = np.where(mask, depth, 0).astype(np.float32)
    blur = cv2.GaussianBlur(surface, (0, 0), PIXELS_PER_MM)
    return surface - blur / np.maximum(cv2.GaussianBlur(inside, (0, 0), PIXELS_PER_MM), 1e-3)


# --- the files


def test_same_seed_gives_the_same_bytes(folder, tmp_path):
    write_mirrors(tmp_path, 2, HEIGHT, WIDTH, seed=3)
    assert digests(tmp_path) == digests(folder)


def test_a_mirror_does_not_depend_on_how_many_are_made(folder, tmp_path):
    write_mirrors(tmp_path, 1, HEIGHT, WIDTH, seed=3)
    whole = digests(folder)
    assert all(whole[name] == digest for name, digest in digests(tmp_path).items())


def test_another_seed_gives_another_drawing(folder, tmp_path):
    write_mirrors(tmp_path, 1, HEIGHT, WIDTH, seed=4)
    name = "drawings/SYN-0001_R_drawings.png"
    assert (tmp_path / name).read_bytes() != (folder / name).read_bytes()


def test_layout_is_the_datasets_and_nothing_is_left_aside(folder):
    view = "SYN-000{k}_R"
    names = ["SYN-000{k}/PS/" + view + f"_{suffix}.tif" for suffix in ("N", "RHO", "U")]
    names += ["drawings/" + view + "_drawings.png", "masks/" + view + "_mask.png"]
    assert set(digests(folder)) == {name.format(k=k) for name in names for k in (1, 2)}


def test_names_of_folders_follow_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("RETRACE_GT_REL", "lines/of/people")
    assert view_files(tmp_path, "SYN-0001")["drawing"] == tmp_path / "lines/of/people/SYN-0001_R_drawings.png"


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("normals", np.uint16, (HEIGHT, WIDTH, 3)),
        ("albedo", np.float32, (HEIGHT, WIDTH)),
        ("depth", np.float32, (HEIGHT, WIDTH)),
    ],
)
def test_tiffs_hold_type_shape_and_40_pixels_a_millimetre(folder, name, dtype, shape):
    with tifffile.TiffFile(view_files(folder, "SYN-0001")[name]) as tiff:
        page = tiff.pages[0]
        assert page.dtype == dtype
        assert page.shape == shape
        assert page.tags["ResolutionUnit"].value == 2  # inch
        numerator, denominator = page.tags["XResolution"].value
        assert numerator / denominator / 25.4 == pytest.approx(PIXELS_PER_MM)


def test_pngs_hold_the_line_as_alpha_and_the_object_as_white(folder):
    files = view_files(folder, "SYN-0001")
    drawing = cv2.imread(str(files["drawing"]), cv2.IMREAD_UNCHANGED)
    mask = cv2.imread(str(files["mask"]), cv2.IMREAD_UNCHANGED)
    assert drawing.shape == (HEIGHT, WIDTH, 4)
    assert mask.shape == (HEIGHT, WIDTH, 3)
    assert set(np.unique(drawing[..., 3])) == {0, 255}
    assert not drawing[..., :3].any()
    assert set(np.unique(mask)) == {0, 255}


def test_normals_file_decodes_to_unit_vectors(folder):
    encoded = tifffile.imread(view_files(folder, "SYN-0002")["normals"])
    normals = encoded / 65535 * 2 - 1
    assert np.linalg.norm(normals, axis=2) == pytest.approx(1, abs=1e-4)


def test_an_existing_object_is_refused_and_left_alone(folder):
    before = digests(folder)
    with pytest.raises(DataError, match="SYN-0001 exists"):
        write_mirrors(folder, 3, HEIGHT, WIDTH, seed=9)
    assert digests(folder) == before


def test_command_writes_refuses_and_overwrites(tmp_path):
    call = [str(tmp_path), "--mirrors", "1", "--height", "256", "--width", "300", "--seed", "1"]
    first = CliRunner().invoke(main, call)
    before = digests(tmp_path)
    again = CliRunner().invoke(main, call)
    over = CliRunner().invoke(main, [*call[:-1], "2", "--overwrite"])
    assert first.exit_code == 0, first.output
    assert "SYN-0001" in first.output
    assert again.exit_code == 1
    assert "--overwrite" in again.output
    assert over.exit_code == 0, over.output
    assert digests(tmp_path).keys() == before.keys()
    assert digests(tmp_path) != before


@pytest.mark.parametrize("bad", [["--height", "255"], ["--width", "100"], ["--mirrors", "0"], ["--seed", "-1"]])
def test_command_refuses_what_cannot_be_made(tmp_path, bad):
    result = CliRunner().invoke(main, [str(tmp_path), *bad])
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())


# --- the mirrors


def test_maps_have_their_types_and_the_object_its_depth_everywhere(mirrors):
    for mirror in mirrors:
        assert mirror.depth.dtype == mirror.normals.dtype == mirror.albedo.dtype == np.float32
        assert mirror.drawing.dtype == mirror.mask.dtype == np.bool_
        assert np.isfinite(mirror.depth[mirror.mask]).all()
        assert np.isfinite(mirror.normals).all()
        assert mirror.albedo.min() >= 0
        assert mirror.albedo.max() <= 1


def test_scans_come_with_and_without_a_table(mirrors):
    assert {bool(np.isnan(mirror.depth[~mirror.mask]).all()) for mirror in mirrors} == {True, False}


def test_truth_lies_on_the_object(mirrors):
    for mirror in mirrors:
        assert mirror.drawing.any()
        assert not (mirror.drawing & ~mirror.mask).any()


def test_lines_read_dark_after_the_highpass(mirrors):
    for mirror in mirrors:
        relief = highpassed(mirror.depth, mirror.mask)
        ground = relief[mirror.mask & ~mirror.drawing]
        assert relief[mirror.drawing].mean() < ground.mean() - 0.4 * ground.std()


def test_lines_hold_the_share_of_real_patches(mirrors):
    shares = [mirror.drawing.sum() / mirror.mask.sum() for mirror in mirrors]
    assert 0.09 <= np.mean(shares) <= 0.14
    assert min(shares) > 0.05
    assert max(shares) < 0.17


def test_normals_agree_with_the_slope_of_the_depth(mirrors):
    for mirror in mirrors:
        inner = cv2.erode(mirror.mask.astype(np.uint8), np.ones((5, 5))) > 0
        for channel, axis in ((0, 1), (1, 0)):
            slope = np.gradient(mirror.depth, axis=axis)[inner] * PIXELS_PER_MM
            ratio = (mirror.normals[..., channel] / mirror.normals[..., 2])[inner]
            assert np.corrcoef(slope, ratio)[0, 1] < -0.95
            assert np.polyfit(slope, ratio, 1)[0] == pytest.approx(-1, abs=0.05)


def test_larger_scans_get_a_handle_along_the_longer_side():
    mirror = make_mirror(300, 600, rng_of(5))
    columns = np.flatnonzero(mirror.mask.any(axis=0))
    rows = np.flatnonzero(mirror.mask.any(axis=1))
    assert len(columns) > 1.5 * len(rows)


def test_a_scan_too_small_is_refused():
    with pytest.raises(ValueError, match="255 x 400"):
        make_mirror(255, 400, rng_of(0))


# --- lines


def test_radii_follow_the_published_gamma():
    rng = rng_of(11)
    radii = np.concatenate([line_radius(300, rng.standard_normal(), rng) for _ in range(1000)])
    assert radii.mean() == pytest.approx(RADIUS_MEAN_PX, rel=0.03)
    assert radii.std() == pytest.approx(RADIUS_DEVIATION_PX, rel=0.1)


def test_a_radius_changes_slowly_along_a_line():
    radius = line_radius(600, 0.0, rng_of(12))
    assert np.abs(np.diff(radius)).max() < 0.1
    assert np.ptp(radius) > 0.2


def test_drawn_lines_are_as_wide_as_annotators_draw_them(mirrors):
    from skimage.morphology import thin

    radii = []
    for mirror in mirrors:
        distance = cv2.distanceTransform(mirror.drawing.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        radii.append(distance[thin(mirror.drawing)])
    assert np.concatenate(radii).mean() == pytest.approx(RADIUS_MEAN_PX, rel=0.1)


def test_ink_covers_what_lies_within_the_radius_of_a_subpixel_line():
    drawing = np.zeros((40, 60), dtype=np.bool_)
    path = resample(np.array([[20.3, 10.0], [20.3, 50.0]]))
    fresh = ink(drawing, path, np.full(len(path), 5.0))
    assert fresh == drawing.sum()
    assert list(np.flatnonzero(drawing[:, 30])) == list(range(16, 26))  # 15.3 < row < 25.3
    assert ink(drawing, path, np.full(len(path), 5.0)) == 0


def test_a_groove_is_deepest_on_its_centre_line_and_never_above_the_surface():
    relief = np.zeros((40, 60), dtype=np.float32)
    path = resample(np.array([[20.0, 10.0], [20.0, 50.0]]))
    carve(relief, path, np.full(len(path), 5.0), np.full(len(path), 0.1))
    across = relief[:, 30]
    assert across.argmax() == 20
    assert across.max() == pytest.approx(0.1)
    assert (np.diff(across[:21]) >= 0).all()
    assert relief.min() == 0
    assert across[14] == across[26] == pytest.approx(0, abs=1e-4)  # 1.2 radii away


def test_a_line_beyond_the_image_leaves_no_mark_on_its_edge():
    relief, drawing = np.zeros((30, 30), dtype=np.float32), np.zeros((30, 30), dtype=np.bool_)
    path = resample(np.array([[-20.0, 5.0], [-20.0, 25.0]]))
    carve(relief, path, np.full(len(path), 6.0), np.full(len(path), 0.1))
    assert ink(drawing, path, np.full(len(path), 6.0)) == 0
    assert not relief.any()
    assert not drawing.any()


def test_a_spline_passes_through_its_points_and_closes():
    corners = np.array([[0.0, 0.0], [0.0, 90.0], [80.0, 90.0], [80.0, 0.0]])
    path = spline(corners, closed=True)
    nearest = np.hypot(*(path[:, None] - corners[None]).transpose(2, 0, 1)).min(axis=0)
    assert nearest.max() < 0.75
    assert np.hypot(*(path[0] - path[-1])) < 1e-6
    assert np.hypot(*np.diff(path, axis=0).T).max() < 1.01


def test_runs_are_the_unbroken_pieces_long_enough():
    keep = np.array([1, 1, 0, 1, 0, 1, 1, 1], dtype=np.bool_)
    assert runs(keep, 2) == [slice(0, 2), slice(5, 8)]


# --- motifs


@pytest.mark.parametrize("ornament", ORNAMENTS, ids=lambda ornament: ornament.__name__)
def test_an_ornament_stays_near_its_band(ornament):
    band = Band((500.0, 500.0), 380.0, 450.0, start=0.4, span=0.8)
    points = np.concatenate(ornament(band, rng_of(1)))
    radius = np.hypot(*(points - 500.0).T)
    assert radius.min() > 380 - 25
    assert radius.max() < 450 + 25


@pytest.mark.parametrize("motif", MOTIFS, ids=lambda motif: motif.__name__)
@pytest.mark.parametrize("size_px", [45.0, 200.0, 1500.0])
def test_a_motif_is_continuous_and_of_its_size(motif, size_px):
    for seed in range(3):
        paths = motif(size_px, rng_of(2, seed))
        reach = np.hypot(*np.concatenate(paths).T).max()
        assert 0.2 * size_px < reach < 3 * size_px + 150
        assert all(np.hypot(*np.diff(path, axis=0).T).max() < 1.5 for path in paths if len(path) > 1)


@pytest.mark.parametrize("sigma_px", [1.0, 4.0, 40.0])
def test_grain_has_mean_zero_and_deviation_near_one(sigma_px):
    noise = grain(1500, 900, sigma_px, rng_of(3))
    assert noise.shape == (1500, 900)
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert noise.std() == pytest.approx(1, abs=0.2)
