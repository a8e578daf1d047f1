"""Classical binarizations: against scikit-image where that has no mask to mind, and blind to what is off the object."""

import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from skimage import filters

from metrics import iou, pfm
from models import classical
from models.classical import CLASSICAL, DARKER, SAUVOLA_K, SAUVOLA_RANGE, SIGMAS, WINDOW

every_binarization = pytest.mark.parametrize("binarize", CLASSICAL.values(), ids=CLASSICAL)


def curve(width=6):
    """Return a line across a page."""
    page = np.zeros((160, 200), np.uint8)
    columns = np.arange(12, 188)
    path = np.stack([columns, 80 + 45 * np.sin(columns / 25)], axis=1)
    return cv2.polylines(page, [path.astype(np.int32)], False, 1, width).astype(bool)


TRUTH = curve()
OBJECT = cv2.circle(np.zeros(TRUTH.shape, np.uint8), (100, 80), 74, 1, -1).astype(bool)
INNER = (np.s_[WINDOW:-WINDOW], np.s_[WINDOW:-WINDOW])


def scan(rng, line=0.25, ground=0.6, noise=0.03):
    """Return a dark line on an uneven, noisy ground."""
    slope = np.linspace(-0.05, 0.05, TRUTH.shape[1])
    image = np.where(TRUTH, line, ground) + slope + noise * rng.normal(size=TRUTH.shape)
    return cv2.GaussianBlur(np.clip(image, 0, 1).astype(np.float32), (0, 0), 0.7)


@pytest.fixture
def image():
    return scan(np.random.default_rng(0))


@every_binarization
class TestEach:
    def test_finds_the_line(self, binarize, image):
        found = binarize(image, OBJECT)
        assert found.dtype == bool
        assert pfm(found, TRUTH & OBJECT) > 0.95
        assert iou(found, TRUTH & OBJECT) > 0.6

    def test_draws_on_the_object_only(self, binarize, image):
        assert not (binarize(image, OBJECT) & ~OBJECT).any()

    @pytest.mark.parametrize("table", [0, 0.5, 1, np.nan, "noise"])
    def test_what_is_off_the_object_changes_nothing(self, binarize, image, table):
        other = image.copy()
        count = np.count_nonzero(~OBJECT)
        other[~OBJECT] = np.random.default_rng(1).random(count) if table == "noise" else table
        assert_array_equal(binarize(other, OBJECT), binarize(image, OBJECT))

    def test_the_object_border_is_no_line(self, binarize):
        bare = scan(np.random.default_rng(2), line=0.6, noise=0)
        bare[70:90, 90:110] = 0.2  # some ink, so that there is contrast
        rim = OBJECT & ~cv2.erode(OBJECT.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
        found = binarize(bare, OBJECT)
        assert found.any()
        assert not (found & rim).any()

    def test_the_image_is_left_as_it_was(self, binarize, image):
        before = image.copy()
        binarize(image, OBJECT)
        assert_array_equal(image, before)

    @pytest.mark.parametrize("value", [0, 0.1, 0.5, 1])
    def test_constant_object(self, binarize, value):
        around = np.where(OBJECT, value, 0.3).astype(np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert not binarize(around, OBJECT).any()

    @pytest.mark.parametrize("shape", [(40, 50), (1, 1), (0, 5)])
    def test_no_object(self, binarize, shape):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = binarize(np.full(shape, 0.5, np.float32), np.zeros(shape, bool))
        assert (found.shape, found.dtype, found.any()) == (shape, bool, False)

    @pytest.mark.parametrize("shape", [(2, 3), (5, 90), (90, 5)])
    def test_picture_smaller_than_a_window(self, binarize, shape):
        image = np.full(shape, 0.6, np.float32)
        image[:, 1] = 0.1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert binarize(image, np.ones(shape, bool)).shape == shape

    def test_hardly_any_contrast(self, binarize):
        # Between them lie 16 numbers of single precision, too few for the edges of Otsu's 256 bins.
        image = np.where(TRUTH, 0.5, 0.500001).astype(np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            binarize(image, OBJECT)

    def test_refusals(self, binarize, image):
        with pytest.raises(ValueError, match=r"shape \(160, 200\), an object of shape \(200, 160\)"):
            binarize(image, OBJECT.T)
        with pytest.raises(ValueError, match=r"shape \(1, 160, 200\)"):
            binarize(image[None], OBJECT[None])
        with pytest.raises(TypeError, match="mask of uint8"):
            binarize(image, OBJECT.astype(np.uint8))
        with pytest.raises(ValueError, match="not finite"):
            binarize(np.full_like(image, np.nan), OBJECT)


class TestAgainstScikitImage:
    WHOLE = np.ones_like(OBJECT)

    @pytest.fixture
    def image(self):
        return scan(np.random.default_rng(3), noise=0.15)  # so that every value occurs

    def test_otsu(self, image):
        assert_array_equal(CLASSICAL["otsu"](image, self.WHOLE), image <= filters.threshold_otsu(image))

    def test_otsu_reckons_with_the_object_alone(self, image):
        found = CLASSICAL["otsu"](np.where(OBJECT, image, 0).astype(np.float32), OBJECT)
        assert_array_equal(found, OBJECT & (image <= filters.threshold_otsu(image[OBJECT])))

    def test_sauvola(self, image):
        threshold = filters.threshold_sauvola(image.astype(float), WINDOW, k=SAUVOLA_K, r=SAUVOLA_RANGE)
        found = CLASSICAL["sauvola"](image, self.WHOLE)
        sure = np.abs(image - threshold) > 1e-5
        assert sure[INNER].mean() > 0.99
        assert_array_equal(found[INNER][sure[INNER]], (image < threshold)[INNER][sure[INNER]])

    def test_adaptive(self, image):
        mean = filters.threshold_local(image.astype(float), WINDOW, method="mean")
        found = CLASSICAL["adaptive"](image, self.WHOLE)
        sure = np.abs(image - (1 - DARKER) * mean) > 1e-5
        assert sure[INNER].mean() > 0.99
        assert_array_equal(found[INNER][sure[INNER]], (image < (1 - DARKER) * mean)[INNER][sure[INNER]])

    def test_sato(self, image):
        answers = filters.sato(image, sigmas=SIGMAS, black_ridges=True)
        assert_array_equal(CLASSICAL["sato"](image, self.WHOLE), answers > filters.threshold_otsu(answers))

    def test_sato_reckons_with_answers_on_the_object_alone(self, image):
        filled = np.where(OBJECT, image, classical._local_mean(image, OBJECT))
        answers = filters.sato(filled, sigmas=SIGMAS, black_ridges=True)
        threshold = filters.threshold_otsu(answers[OBJECT].astype(float))
        assert_array_equal(CLASSICAL["sato"](image, OBJECT), OBJECT & (answers > threshold))


class TestLocalMean:
    def test_is_of_the_object_in_the_window(self, image):
        found = classical._local_mean(image, OBJECT)
        reach = WINDOW // 2
        for row, column in ((80, 30), (8, 100), (20, 40), (140, 150)):
            window = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
            assert found[row, column] == pytest.approx(image[window][OBJECT[window]].mean(), abs=1e-6)

    def test_is_of_the_whole_object_where_none_is_near(self, image):
        assert_allclose(classical._local_mean(image, OBJECT)[0, 0], image[OBJECT].mean(), atol=1e-6)


def test_sizes_fit_a_line():
    # A bar as wide as a line answers most to the middle scale.
    bar = np.full((100, 100), 0.8, np.float32)
    bar[:, 47:53] = 0.2
    answers = {sigma: filters.sato(bar, sigmas=[sigma])[50].max() for sigma in (1, *SIGMAS, 6)}
    assert max(answers, key=answers.get) == SIGMAS[1]
    assert WINDOW % 2 == 1


def test_needs_neither_torch_nor_a_slow_import():
    code = (
        "import sys, models.classical; print([name for name in ('torch', 'skimage', 'scipy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
