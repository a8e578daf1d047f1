"""Two observers: drawings are matched by name, scored one by the other, and what does not match is told."""

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from bench.observers import agreement, main, read_pairs, table
from data.errors import DataError

FIRST = np.zeros((20, 30), bool)
FIRST[8:11, 5:25] = True  # 60 pixels
SECOND = np.roll(FIRST, 1, axis=0)  # two of three rows are in both


def write(folder, name, mask):
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{name}.png"), 255 * mask.astype(np.uint8))


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b"):
        write(tmp_path / "masks", name, FIRST)
    write(tmp_path / "second", "a", SECOND)
    write(tmp_path / "second", "b", FIRST)
    return tmp_path


def test_hand_worked():
    found = agreement(FIRST, SECOND)
    assert found["iou"] == pytest.approx(40 / 80)
    assert found["f_measure"] == pytest.approx(80 / 120)
    assert found["pfm"] == pytest.approx(2 * (2 / 3) / (2 / 3 + 1)), (
        "the middle row is drawn, 2/3 of the pixels are right"
    )
    assert found["cl_dice"] == 1, "either middle row lies within the other drawing"


def test_pairs_are_matched_by_name(folder):
    pairs = read_pairs(folder)
    assert list(pairs) == ["a", "b"]
    np.testing.assert_array_equal(pairs["a"][1], SECOND)


def test_the_command_prints_means_over_images_with_the_worst(folder):
    done = CliRunner().invoke(main, [str(folder)])
    assert done.exit_code == 0
    iou = next(line for line in done.output.splitlines() if line.startswith("| IoU"))
    assert [cell.strip() for cell in iou.split("|")[2:-1:2]] == ["75.00", "50.00"]
    assert "100.00" in iou
    assert "images: 2" in done.output


def test_one_image_has_no_interval():
    assert "nan" in table([agreement(FIRST, SECOND)])


def test_a_drawing_of_one_observer_alone_is_told(folder):
    write(folder / "second", "c", FIRST)
    with pytest.raises(DataError, match="only one of masks/ and second/ has c"):
        read_pairs(folder)


def test_another_size_is_told(folder):
    write(folder / "second", "b", FIRST.T)
    with pytest.raises(DataError, match=r"b are of \(20, 30\) and \(30, 20\)"):
        read_pairs(folder)


def test_without_a_second_observer_is_one_message(tmp_path):
    write(tmp_path / "masks", "a", FIRST)
    done = CliRunner().invoke(main, [str(tmp_path)])
    assert done.exit_code == 1
    assert "second: no picture in it" in done.output
