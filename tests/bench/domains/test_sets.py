"""Folders become domains: which images, cropped how, and what is left for trainings."""

from dataclasses import replace

import numpy as np
import pytest

from bench.domains.sets import HALF, Limits, densest, of_folder, of_patches, of_real, spread, subset
from data.io.png import write_png
from data.storage import PreparedSet
from runs.errors import RunError
from user_config import settings

SIDE = 96


def picture(number, side=SIDE):
    """A bright ground with a dark line across it, and the mask of that."""
    mask = np.zeros((side, side + 32), bool)
    mask[20 + 3 * number : 26 + 3 * number, 8:-8] = True
    grey = np.where(mask, 60, 200).astype(np.uint8)
    return np.dstack([grey] * 3), np.where(mask, np.uint8(255), np.uint8(0))


def write(root, count, drawn=None):
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        image, mask = picture(number)
        write_png(root / "images" / f"p{number}.png", image)
        if number < (count if drawn is None else drawn):
            write_png(root / "masks" / f"p{number}.png", mask)
    return root


@pytest.fixture
def config(tmp_path):
    return replace(settings(), project=tmp_path / "runs")


@pytest.mark.parametrize(("number", "most", "indices"), [(11, 4, [0, 3, 7, 10]), (3, 9, [0, 1, 2]), (5, 1, [0])])
def test_images_are_spread_evenly_over_a_folder(number, most, indices):
    assert spread(number, most) == indices


def test_a_crop_lies_where_most_line_is():
    truth = np.zeros((60, 100), bool)
    truth[40:50, 70:80] = True
    rows, columns = densest(truth, 32)
    assert truth[rows, columns].sum() == 100
    assert (rows.stop - rows.start, columns.stop - columns.start) == (32, 32)
    assert densest(truth, 80)[0] == slice(0, 60)


def test_a_folder_becomes_a_domain_and_the_rest_of_it_a_pool(tmp_path, config):
    domain = of_folder("ink", write(tmp_path / "raw", 5, drawn=4), None, tmp_path / "d", Limits(2, 64), config)
    assert domain.views == ("001-p0", "002-p3")
    assert domain.pool == ("other-p1", "other-p2")
    prepared = PreparedSet.open(domain.storage, "lines")
    assert prepared.view("001-p0").shape == (64, 64)
    assert set(prepared.test) == set(domain.views)
    assert prepared.view("001-p0").truth.any()


def test_a_second_start_prepares_nothing_anew(tmp_path, config):
    root = write(tmp_path / "raw", 3)
    first = of_folder("ink", root, None, tmp_path / "d", Limits(2, 64), config)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "d").rglob("*.npy")}
    assert of_folder("ink", root, None, tmp_path / "d", Limits(2, 64), config) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "d").rglob("*.npy")} == before


def test_others_of_the_kind_join_the_pool(tmp_path, config):
    root, others = write(tmp_path / "raw", 2), write(tmp_path / "others", 3)
    domain = of_folder("ink", root, others, tmp_path / "d", Limits(2, 64), config)
    assert domain.pool == ("other-p0", "other-p1", "other-p2")


def test_without_a_pool_the_first_image_tells_how_wide_lines_are(tmp_path, config):
    domain = of_folder("ink", write(tmp_path / "raw", 2), None, tmp_path / "d", Limits(2, 96), config)
    prepared = PreparedSet.open(domain.storage, "lines")
    assert domain.pool == ()
    assert prepared.test == domain.views[1:]
    assert prepared.view(domain.views[0]).showing.line_width == pytest.approx(6, abs=1)


def test_a_folder_without_masks_is_refused(tmp_path, config):
    with pytest.raises(RunError, match="no image with a mask"):
        of_folder("ink", write(tmp_path / "raw", 2, drawn=0), None, tmp_path / "d", Limits(2, 64), config)


def test_a_subset_to_train_on_is_shown_as_the_domain_is_and_validates_on_a_half(tmp_path, config):
    domain = of_folder("ink", write(tmp_path / "raw", 4), None, tmp_path / "d", Limits(3, 64), config)
    storage, validation = subset(domain, domain.views[:2], tmp_path / "s", config)
    prepared = PreparedSet.open(storage, "lines")
    assert validation == HALF
    assert set(prepared.members) == {*domain.views[:2], HALF}
    shown = PreparedSet.open(domain.storage, "lines").view(domain.views[0]).showing
    assert prepared.view(HALF).showing.line_width == shown.line_width
    assert prepared.test == ()


def test_patches_of_mirrors_are_a_domain_too(tmp_path, config):
    folder = tmp_path / "etruscan"
    folder.mkdir()
    for number in (0, 3):
        image, mask = picture(number)
        write_png(folder / f"patch{number}.png", image[..., 0])
        write_png(folder / f"mask{number}.png", mask)
    domain = of_patches(folder, tmp_path / "d", Limits(2, 512), config)
    assert domain.views == ("001-patch0", "002-patch3")


def test_known_sets_are_found_below_a_folder(tmp_path, config):
    write(tmp_path / "real" / "lines" / "documents", 2)
    write(tmp_path / "real" / "cracks", 2)
    found = of_real(tmp_path / "real", tmp_path / "d", Limits(1, 64), config)
    assert [domain.name for domain in found] == ["documents", "cracks"]


def test_a_folder_with_none_of_them_is_refused(tmp_path, config):
    with pytest.raises(RunError, match="holds none of"):
        of_real(tmp_path, tmp_path / "d", Limits(1, 64), config)
