"""The rules of stroke weights, written out pixel by pixel."""

import cv2
import numpy as np

from metrics.components import distance_to
from metrics.zhang_suen import clean, thin


class Rules:
    """The rules one pixel after the other, as the contests' tool goes through them; slow.

    Parameters
    ----------
    truth : bool array (H, W)
    """

    def __init__(self, truth):
        self.strokes, self.gaps = self.parts(truth), self.parts(~truth)
        self.truth, (self.height, self.width) = truth, truth.shape
        self.contour = np.array(
            [[truth[y, x] and not all(self.ink(y + v, x + h) for v, h in SIDES) for x in range(self.width)]
             for y in range(self.height)]
        )  # fmt: skip
        self.distance = distance_to(self.contour).astype(int)

    def ink(self, y, x):
        return 0 <= y < self.height and 0 <= x < self.width and self.truth[y, x]

    @staticmethod
    def parts(mask):
        """Return the pixels of each component, row by row; the components by their first pixel."""
        _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
        found = {}
        for y, x in np.argwhere(mask).tolist():
            found.setdefault(int(labels[y, x]), []).append((y, x))
        return list(found.values())

    def nearest(self, features, part, pixel):
        """Find all nearest features in the part's box by widening a square."""
        (top, left), (bottom, right) = np.min(part, axis=0), np.max(part, axis=0)
        for radius in range(max(self.height, self.width)):
            rows = slice(max(pixel[0] - radius, top), min(pixel[0] + radius, bottom) + 1)
            columns = slice(max(pixel[1] - radius, left), min(pixel[1] + radius, right) + 1)
            if features[rows, columns].any():
                return [(y + rows.start, x + columns.start) for y, x in np.argwhere(features[rows, columns]).tolist()]
        return []

    def around(self, pixel, steps):
        return [
            (min(max(pixel[0] + v, 0), self.height - 1), min(max(pixel[1] + h, 0), self.width - 1)) for v, h in steps
        ]

    def skeleton(self, mask, parts):
        skeleton = clean(thin(mask))
        for part in parts:
            if not any(skeleton[pixel] for pixel in part):
                y, x = np.floor(np.mean(part, axis=0) + 0.5).astype(int)
                skeleton[(y, x) if (y, x) in part else part[0]] = True
        return skeleton

    def raised(self, depth, skeleton, parts):
        for pixel in (pixel for part in parts for pixel in part if skeleton[pixel] and 0 < depth[pixel] < FAR):
            if all(depth[side] == depth[pixel] for side in self.around(pixel, SIDES)):
                depth[pixel] += 1
        return depth

    def sums(self, depth, skeleton, parts):
        deep = [(part, pixel) for part in parts for pixel in part if 0 < depth[pixel] < FAR]
        if not skeleton.any():
            return skeleton.astype(int), np.zeros_like(depth)
        away = distance_to(skeleton).astype(int)
        away[skeleton] = ~self.contour[skeleton]
        half = skeleton.astype(int)
        for part, pixel in deep:
            for q in self.nearest(skeleton, part, pixel):
                half[q] = depth[q] + (away[pixel] >= depth[q])
        for pixel in (pixel for part in parts for pixel in part if skeleton[pixel]):
            near = [(q, step) for q, step in zip(self.around(pixel, ALL), ALL, strict=True) if skeleton[q]]
            if len(near) == 1 and near[0][1] != (1, 1):
                half[pixel] = half[near[0][0]] + 1
        sums = np.zeros_like(depth)
        for part, pixel in deep:
            sums[pixel] = max((depth[q] * half[q] for q in self.nearest(skeleton, part, pixel)), default=0)
        for _, pixel in deep:
            sides = [sums[side] for side in self.around(pixel, SIDES)]
            if 0 not in sides and sums[pixel] not in sides:
                sums[pixel] = sides[1]
        return half, sums

    def recall(self):
        skeleton = self.skeleton(self.truth, self.strokes)
        depth = np.where(self.truth, np.where(self.contour & skeleton, 1, self.distance), 0)
        depth = self.raised(depth, skeleton, self.strokes)
        half, sums = self.sums(depth, skeleton, self.strokes)
        self.widths = [
            2 * (sum(half[p] for p in part if skeleton[p]) // sum(skeleton[p] for p in part)) for part in self.strokes
        ]
        return np.divide(depth, sums, out=np.zeros(depth.shape), where=depth > 0)

    def both(self):
        return self.recall(), self.precision()

    def precision(self):
        reached, stroke = np.zeros_like(self.truth), np.zeros(self.truth.shape, int)
        for number, (part, width) in enumerate(zip(self.strokes, self.widths, strict=True)):
            (top, left), (bottom, right) = np.min(part, axis=0) - 2 * width, np.max(part, axis=0) + 2 * width
            reached[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = True
            stroke[tuple(np.transpose(part))] = number
        inner = np.zeros_like(self.truth)
        inner[1:-1, 1:-1] = ~self.truth[1:-1, 1:-1]
        skeleton = self.skeleton(inner, self.gaps)
        depth = np.where(self.truth, 0, np.where(reached, self.distance, FAR))
        depth = self.raised(depth, skeleton, self.gaps)
        _, sums = self.sums(depth, skeleton, self.gaps)
        reach, meeting = np.zeros_like(depth), np.zeros_like(self.truth)
        for part in self.gaps:
            for pixel in part:
                near = {int(stroke[q]) for q in self.nearest(self.contour, part, pixel)}
                widest = max((self.widths[number] for number in near), default=0)
                if depth[pixel] <= widest:
                    reach[pixel], meeting[pixel] = widest, len(near) > 1
        result = np.ones(depth.shape)
        for y, x in np.argwhere(reach).tolist():
            room = int(reach[y, x] - depth[y, x])
            joins = room and meeting[max(y - room, 0) : y + room + 1, max(x - room, 0) : x + room + 1].any()
            gap = int(np.floor(np.sqrt(sums[y, x]) + 0.5))
            result[y, x] += min(depth[y, x] / (min(gap, reach[y, x]) if joins else reach[y, x]), 2)
        return result


FAR = 250
SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
ALL = tuple((v, h) for v in (-1, 0, 1) for h in (-1, 0, 1) if v or h)
