"""The part of a drawing that tells drawings apart, and the picture of it."""

import cv2
import numpy as np

from annotate.images.previews import INK, preview, telling_part
from data.regions import Region
from tests.annotate.serving import DRAWN, MODEL_SHAPE


def blank():
    return np.zeros((400, 800), bool)


def test_the_part_holds_what_drawings_differ_in():
    one, other = blank(), blank()
    one[20:60, 20:200] = other[20:60, 20:200] = True  # both have it, so it tells nothing
    other[300:306, 600:700] = True

    part = telling_part([one, other], (80, 160))

    assert part.shape == (80, 160)
    assert part.top <= 300
    assert part.bottom >= 306
    assert part.left <= 600
    assert part.right >= 700


def test_where_drawings_are_alike_the_part_holds_most_line():
    line = blank()
    line[5, 5:20] = line[390:398, 700:790] = True

    part = telling_part([line, line], (80, 160))

    assert part == Region(320, 640, 80, 160)


def test_a_drawing_that_floods_does_not_choose_the_part():
    one, other, flood = blank(), blank(), blank()
    one[300:306, 600:700] = True
    flood[:300, :500] = True

    part = telling_part([one, flood, other], (80, 160))

    assert (part.top, part.left) == (263, 570)  # the line lies in its middle


def test_a_part_is_no_larger_than_the_drawing():
    small = np.ones((30, 50), bool)

    assert telling_part([small]) == Region(0, 0, 30, 50)


def test_the_picture_shows_the_line_on_the_scan(site):
    view = next(view for view in site.views() if view.name == DRAWN)
    line = np.zeros((100, 120), bool)
    line[40:50, 10:60] = True
    part = Region(20, 30, 100, 120)

    shown = cv2.imdecode(np.frombuffer(preview(view, line, part), np.uint8), cv2.IMREAD_COLOR_RGB)

    assert view.model_shape == MODEL_SHAPE
    assert (shown[line] == INK).all()
    grey = np.rint(255 * view.read(part, ["depth"], view.scale)[0])
    assert np.abs(shown[~line].astype(int) - grey[~line][:, None]).max() <= 1
