"""Made-up photographs on disk, and the command that writes them."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from data.errors import DataError
from data.images import read_drawing, read_grey
from data.line_statistics import line_radii
from data.photographs import list_photographs
from data.synthetic.__main__ import main
from data.synthetic.offered import LINES, MIRRORS, STYLES
from data.synthetic.photographs import files
from data.synthetic.photographs.files import DARK, write_photographs
from data.synthetic.styles import STYLES as WORKSHOPS


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.png")}


def darker_by(root, name):
    grey, mask = read_grey(root / "images" / name), read_drawing(root / "masks" / name)
    return grey[~mask].mean() - grey[mask].mean()


def test_a_set_is_images_and_masks_side_by_side_that_a_line_set_takes(tmp_path):
    names = write_photographs(tmp_path, 2, 96, 128, seed=1)

    found = list_photographs(tmp_path)
    assert [one.view for one in found.photographs] == names == ["mixed-0001", "mixed-0002"]
    assert not found.strays
    assert all(one.mask and read_drawing(one.mask).shape == (96, 128) for one in found.photographs)


def test_a_photograph_depends_on_seed_and_number_alone(tmp_path):
    write_photographs(tmp_path / "whole", 3, 96, 96, seed=5)
    write_photographs(tmp_path / "last", 1, 96, 96, seed=5, first=3)

    whole = contents(tmp_path / "whole")
    assert contents(tmp_path / "last") == {name: content for name, content in whole.items() if "0003" in name}


def test_nothing_is_written_over_what_is_there(tmp_path):
    write_photographs(tmp_path, 1, 64, 64, seed=0, first=2)
    before = contents(tmp_path)
    with pytest.raises(DataError, match="mixed-0002"):
        write_photographs(tmp_path, 2, 64, 64, seed=1)
    assert contents(tmp_path) == before
    write_photographs(tmp_path, 2, 64, 64, seed=1, overwrite=True)
    assert len(contents(tmp_path)) == 4


def test_lines_are_shown_at_one_width_however_they_were_taken(tmp_path):
    write_photographs(tmp_path, 6, 192, 192, seed=2, style="net", line_px=6.0)
    radii = [line_radii(read_drawing(path)).mean() for path in sorted((tmp_path / "masks").iterdir())]
    assert 0.75 < 2 * np.mean(radii) / 6.0 < 1.35
    assert np.std(radii) > 0.2, "not to the pixel, as in life"


def test_bright_lines_become_dark_as_negatives(tmp_path):
    for polarity in ("as_taken", DARK):
        write_photographs(tmp_path / polarity, 8, 128, 128, seed=3, style="net", polarity=polarity)
    names = [path.name for path in sorted((tmp_path / DARK / "images").iterdir())]
    taken = [darker_by(tmp_path / "as_taken", name) > 0 for name in names]
    assert 0 < sum(taken) < 8, "this seed has both"
    assert all(darker_by(tmp_path / DARK, name) > 0 for name in names)


def test_an_episode_is_one_image_twice_with_another_mask_each(tmp_path):
    assert write_photographs(tmp_path, 1, 128, 128, seed=4, style="episodes") == ["episodes-0001a", "episodes-0001b"]
    one, other = ((tmp_path / "images" / f"episodes-0001{end}.png").read_bytes() for end in "ab")
    assert one == other
    masks = [read_drawing(tmp_path / "masks" / f"episodes-0001{end}.png") for end in "ab"]
    assert all(mask.any() for mask in masks)
    assert (masks[0] != masks[1]).any()


def test_what_the_command_offers_is_there():
    assert {MIRRORS: tuple(WORKSHOPS), LINES: files.STYLES} == STYLES


def test_the_command_says_what_each_photograph_shows(tmp_path):
    call = [
        str(tmp_path),
        "--dataset",
        "lines",
        "--images",
        "1",
        "--height",
        "256",
        "--width",
        "256",
        "--style",
        "dots",
    ]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("dots-0001  ")
    again = CliRunner().invoke(main, call)
    assert again.exit_code == 1
    assert again.output.rstrip().endswith("overwrite it with --overwrite")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "lines", "--mirrors", "2"], "--mirrors is for --dataset mirrors; leave it out"),
        (["--dataset", "lines", "--difficulty", "clean"], "--difficulty is for --dataset mirrors"),
        (["--line_width", "6"], "--line_width is for --dataset lines"),
        (["--style", "trees"], "--style trees: no style of mirrors; there are: engraved, scribed, chased"),
    ],
)
def test_an_option_of_the_other_kind_is_refused(tmp_path, arguments, message):
    result = CliRunner().invoke(main, [str(tmp_path), *arguments])
    assert result.exit_code == 1
    assert message in result.output
    assert not contents(tmp_path)
