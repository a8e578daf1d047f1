"""Small stand-ins: pictures as masks, random drawings with errors, a canvas without a scan, refiners that are told."""

import cv2
import numpy as np
from scipy.ndimage import label

from data.line_statistics import LineStatistics
from data.regions import cell_at, to_scale, to_scan, whole
from interaction.prompts.strokes import Stroke, draw
from simulation.strokes import Brush

SCALE = 0.5
THIN = Brush(lines=LineStatistics(shape=100.0, location=0.0, scale=0.02))  # radius 2 ± 0.2 scan pixels, 1 model pixel


def picture(text):
    """Make a mask from a picture: one row per line, # for the line."""
    return np.array([[pixel == "#" for pixel in row] for row in text.split()])


def bar(shape, rows, columns):
    """Make a mask with one rectangle of line."""
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


def scene(seed, shape=(64, 64)):
    """Make a prediction and a truth: lines found, lines missed, stray lines, a gap, dots."""
    rng = np.random.default_rng(seed)
    truth, prediction = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)

    def line(*drawings):
        ends = rng.integers(0, (shape[1], shape[0]), (3, 2)).astype(np.int32)
        for drawing in drawings:
            cv2.polylines(drawing, [ends], False, 1, thickness)

    for targets in ((truth,), (truth, prediction), (truth, prediction), (prediction,), (prediction,)):
        thickness = int(rng.integers(1, 7))
        line(*targets)
    top, left = rng.integers(0, shape)
    prediction[top : top + 12, left : left + 12] = 0
    for drawing in (truth, prediction):
        drawing[tuple(rng.integers(0, shape))] = 1
    return prediction.astype(bool), truth.astype(bool)


def stroke_at(points, radius=1.0, sign=1):
    """Make a stroke through model pixels, with a radius in model pixels."""
    path = to_scan(np.atleast_2d(np.asarray(points, float)), SCALE)
    return Stroke(path, np.full(len(path), radius / SCALE), sign)


def drawn(stroke, shape):
    """Draw a stroke into a whole map at model scale."""
    return draw(stroke, whole(shape), SCALE)


class BlankCanvas:
    """A scan of nothing; remembers what was read."""

    pixels_per_mm = None
    channels = ("depth", "albedo")

    def __init__(self, model_shape):
        self.shape = (int(model_shape[0] / SCALE), int(model_shape[1] / SCALE))
        self.asked = []

    def read(self, region, channels, scale):
        self.asked.append((region, tuple(channels), scale))
        if not channels:
            raise ValueError("need at least one array to concatenate")  # as a prepared view's read has it
        return np.zeros((len(channels), *region.shape), np.float32)


class Told:
    """A refiner that answers what a function of the view says, cell by cell of a grid, or in the whole map at once."""

    def __init__(self, answer, patch=None):
        self.answer, self.patch, self.views, self.batches = answer, patch, [], []

    def window(self, prompts, shape):
        if self.patch is None:
            return whole(shape)
        row, column = to_scale(np.array(prompts[-1].centre_px), SCALE)
        return cell_at(shape, self.patch, (row, column))

    def refine(self, views):
        self.views.extend(views)
        self.batches.append(len(views))
        return [self.answer(view) for view in views]


def oracle(truth):
    """Answer with the truth."""
    return lambda view: truth[view.region.slices].astype(np.float32)


def helpful(truth, reach=6):
    """Answer with the truth near the newest stroke, and with the drawing as it is elsewhere."""

    def answer(view):
        mark = draw(view.prompts[-1], view.region, view.scale).astype(np.uint8)
        near = cv2.dilate(mark, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)
        return np.where(near, truth[view.region.slices], view.current).astype(np.float32)

    return answer


def growing(image, drawing, added, erased):
    """Stand for a network that changes more than the strokes: lines around them grow or shrink."""
    predictions = drawing[:, 0].copy()
    for prediction, plus, minus in zip(predictions, added[:, 0], erased[:, 0], strict=True):
        near_plus, near_minus = (cv2.dilate(marks, np.ones((9, 9), np.uint8)) > 0 for marks in (plus, minus))
        prediction[near_plus] = np.maximum(prediction[near_plus], 0.6)
        prediction[near_minus] = np.minimum(prediction[near_minus], 0.4)
    return predictions


def erratic(view):
    """Answer at random, alike for alike views."""
    rng = np.random.default_rng([len(view.prompts), view.region.top, view.region.left])
    return rng.random(view.region.shape, dtype=np.float32)


def pieces(mask):
    """Number of 8-connected pieces."""
    return label(mask, np.ones((3, 3)))[1]
