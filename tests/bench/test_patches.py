"""Loose patches: hand-worked scores, the input's level, windows that cover any size, and the command."""

import re

import cv2
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.testing import assert_allclose, assert_array_equal

from bench import patches
from bench.networks import untrained
from bench.patches import ADDED, GUTTER_PX, MISSED, Scores, as_learned, drawn_by, picture, read_patches, scores, table
from data.errors import DataError
from models.classical import CLASSICAL
from models.modules import BaseModule
from models.networks import LineNetwork, NetworkConfig


def line(top=10, left=10, right=30, shape=(40, 60)):
    """A horizontal line, three pixels wide."""
    mask = np.zeros(shape, bool)
    mask[top : top + 3, left:right] = True
    return mask


@pytest.fixture(scope="module")
def model():
    return untrained(LineNetwork, "unet-slim", "tu-mobilenetv4_conv_small_050")


def test_a_line_two_pixels_off_is_forgiven_and_one_further_off_is_not():
    aside = scores(line(top=12), line())
    assert (aside.near, aside.found, aside.tolerant_f) == (1, 1, 1)
    assert aside.pfm < 1

    further = scores(line(top=16), line())
    assert (further.near, further.found, further.tolerant_f, further.pfm) == (0, 0, 0, 0)


def test_a_line_drawn_twice_as_long_is_found_but_half_of_it_is_not_near():
    each = scores(line(right=50), line())

    assert (each.near, each.found) == (22 / 40, 1), "of 40 columns 20 are on the line, and two more are forgiven"
    assert each.tolerant_f == pytest.approx(2 * 0.55 / 1.55)


def test_a_line_drawn_too_thick_is_told_from_one_beside_the_truth():
    thick = line(top=4) | line(top=7) | line() | line(top=13) | line(top=16)  # 15 rows, where 7 are forgiven

    each = scores(thick, line())

    assert each.near == pytest.approx(7 / 15)
    assert (each.centred, each.found) == (1, 1)
    assert scores(line(top=16), line()).centred == 0


def test_a_drawing_without_a_line_scores_nothing():
    each = scores(np.zeros((40, 60), bool), line())

    assert (each.near, each.centred, each.found, each.tolerant_f, each.pfm) == (0, 0, 0, 0, 0)


def test_a_patch_comes_at_the_level_that_the_model_has_learned_on_whatever_its_contrast():
    depth = np.random.default_rng(0).normal(0.3, 0.02, (50, 70)).astype(np.float32)

    level = as_learned(depth, 0.5, 0.1)

    assert (level.mean(), level.std()) == (pytest.approx(0.5, abs=1e-4), pytest.approx(0.1, abs=1e-4))
    assert_allclose(as_learned(3 * depth - 0.2, 0.5, 0.1), level, atol=1e-5)
    assert as_learned(depth, 0.5, 0.5).min() == 0
    assert_array_equal(as_learned(np.full((4, 4), 0.2, np.float32), 0.5, 0.1), 0.5)


@pytest.mark.parametrize("shape", [(300, 270), (256, 256), (100, 700), (31, 33)])
def test_a_patch_of_any_size_is_drawn_whole(model, shape):
    depth = np.random.default_rng(0).random(shape, np.float32)

    drawing = drawn_by(model, lambda images: (images[:, 0] < 0.4).astype(np.float32), depth)

    assert_array_equal(drawing, as_learned(depth, 0.5, 1 / 6) < 0.4)


def test_errors_are_drawn_in_their_colours():
    truth = line(left=10, right=30)
    shown = picture(np.full(truth.shape, 0.5, np.float32), line(left=20, right=45), truth)

    height, width = truth.shape
    assert shown.shape == (height, 3 * width + 2 * GUTTER_PX, 3)
    patch, drawing, errors = shown[:, :width], shown[:, width + GUTTER_PX :][:, :width], shown[:, -width:]
    assert (patch == 128).all()
    assert_array_equal(drawing[11, [19, 20]], [[255] * 3, [0] * 3])
    assert_array_equal(errors[11, [12, 25, 40, 50]], [MISSED, [170] * 3, ADDED, [255] * 3])


def test_the_table_is_in_percent():
    row = table({("patch0", "sato"): Scores(0.5, 0.25, 0.125, 0.75)}).splitlines()[-1]
    assert row == "| patch0 | sato | 50.0 | 37.5 | 25.0 | 12.5 | 75.0 |"


@pytest.fixture
def real(tmp_path):
    """A folder of one made-up patch: a dark line on noise."""
    folder = tmp_path / "real"
    folder.mkdir()
    truth = line(top=100, left=20, right=180, shape=(200, 190))
    noise = np.random.default_rng(0).normal(150, 8, truth.shape) - 60 * truth
    cv2.imwrite(str(folder / "patch7.png"), noise.astype(np.uint8))
    cv2.imwrite(str(folder / "mask7.png"), 255 * truth.astype(np.uint8))
    return folder


def save(path, channels):
    network = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,) * channels, (0.2,) * channels)
    names = ["depth", "albedo"][:channels]
    task = {"dataset": "mirrors", "channels": names, "scale": 0.5, "patch": 64}
    module = BaseModule(network.as_dict(), task, 1e-3)
    torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
    return str(path)


def command(*arguments):
    return CliRunner().invoke(patches.main, list(map(str, arguments)))


def test_the_model_and_every_classical_method_draw_each_patch(real, tmp_path):
    result = command("--real", real, "--base_model", save(tmp_path / "a.ckpt", 1), "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    rows = [line.split("|")[1:4] for line in result.output.splitlines()[2:-1]]
    assert [(patch.strip(), method.strip()) for patch, method, _ in rows] == [
        ("patch7", method) for method in ("model", *CLASSICAL)
    ]
    assert cv2.imread(str(tmp_path / "out" / "patch7.png")).shape == (268, 3 * 255 + 2 * GUTTER_PX, 3)


def test_the_edge_of_a_patch_can_be_left_out(real, tmp_path):
    mask = cv2.imread(str(real / "mask7.png"), cv2.IMREAD_GRAYSCALE)
    mask[:, :3] = 255  # a frame, where nothing is engraved
    cv2.imwrite(str(real / "mask7.png"), mask)
    found = []
    for margin in (0, 8):
        output = command("--real", real, "--base_model", save(tmp_path / "a.ckpt", 1), "--margin", margin).output
        (sato,) = (line.split("|") for line in output.splitlines() if "sato" in line)
        found.append(float(sato[-2]))

    assert found[0] < 60
    assert found[1] > 90


def test_a_margin_that_leaves_nothing_is_refused(real, tmp_path):
    shape = cv2.imread(str(real / "patch7.png")).shape
    enlarge = 64 / min(shape[:2])  # the shorter side becomes twice the margin
    arguments = ("--real", real, "--base_model", save(tmp_path / "a.ckpt", 1), "--enlarge", enlarge, "--margin")

    refused = command(*arguments, 32)

    assert refused.exit_code == 1
    assert re.search(r"patch7\.png: its 64 x 67 pixels at model scale leave nothing within --margin 32", refused.output)
    assert command(*arguments, 31).exit_code == 0


def test_what_cannot_be_drawn_is_one_message(real, tmp_path):
    seeing_more = command("--real", real, "--base_model", save(tmp_path / "b.ckpt", 2))
    assert (seeing_more.exit_code, "sees depth, albedo; such patches show depth alone" in seeing_more.output) == (
        1,
        True,
    )
    (real / "mask7.png").unlink()
    without_mask = command("--real", real, "--base_model", save(tmp_path / "a.ckpt", 1))
    assert (without_mask.exit_code, "mask7.png is missing; each" in without_mask.output) == (1, True)


def test_real_patches_are_read_enlarged_and_a_missing_mask_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / "patch0.png"), np.full((200, 150), 128, np.uint8))
    with pytest.raises(DataError, match=r"mask0\.png is missing"):
        read_patches(tmp_path, 1.5)
    cv2.imwrite(str(tmp_path / "mask0.png"), np.full((200, 150), 255, np.uint8))
    depth, drawing = read_patches(tmp_path, 1.5)["patch0"]
    assert depth.shape == drawing.shape == (300, 225)
    assert drawing.all()
    assert depth.mean() == pytest.approx(128 / 255)
    with pytest.raises(DataError, match=r"holds no patchN\.png"):
        read_patches(tmp_path / "none", 1.5)
