"""How well a drawing matches the truth: pFM and IoU of two masks, and the counts they are made of.

The pseudo-F-measure (pFM) of the published method is the harmonic mean of

- precision, TP / (TP + FP), and
- pseudo-recall, the share of the truth's skeleton that the prediction covers.

It asks whether a line is there, hardly whether it is wide enough: a prediction of the skeleton alone scores 1. Report
the IoU beside it.

References
----------
- "Fusing Forces", ICPR 2024: pFM in the form used here.
- K. Ntirogiannis, B. Gatos, I. Pratikakis, IEEE Transactions on Image Processing 22(2), 2013: the idea of a recall
  taken on the skeleton, there with weights.
- Z. Guo, R. W. Hall, Communications of the ACM 32(3), 1989, pages 359-373: the thinning.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.morphology import thin

Mask = NDArray[np.bool_]

CACHE_LIMIT_BYTES = 256 * 2**20
"""What all kept skeletons may take together: about 4,000 patches of 256 x 256, or 17 mirrors at model scale."""


@dataclass(frozen=True)
class Counts:
    """Pixel counts from which every score of a drawing follows.

    Counts of disjoint parts add up to those of the whole, provided that each part was counted with its piece of the
    *whole's* skeleton (a part's own skeleton differs where a line is cut). ``sum(parts, Counts())`` adds many.

    Parameters
    ----------
    true_positive, false_positive, false_negative : int
        Pixels drawn rightly, drawn wrongly, and missing.
    skeleton_hit, skeleton_total : int
        Pixels of the truth's skeleton that the prediction covers, and all of them.
    """

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    skeleton_hit: int = 0
    skeleton_total: int = 0

    def __add__(self, other: object) -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
            self.skeleton_hit + other.skeleton_hit,
            self.skeleton_total + other.skeleton_total,
        )

    @property
    def precision(self) -> float:
        """Share of the drawn pixels that are right, in [0, 1]; if nothing is drawn, 1 where that is right, else 0."""
        drawn = self.true_positive + self.false_positive
        return self.true_positive / drawn if drawn else float(self.wrong == 0)

    @property
    def pseudo_recall(self) -> float:
        """Share of the truth's skeleton that is drawn, in [0, 1].

        A part of a drawing may hold the rim of a line and none of its skeleton; the plain recall, TP / (TP + FN),
        stands in there. If the truth is empty: 1 where nothing is drawn, else 0.
        """
        if self.skeleton_total:
            return self.skeleton_hit / self.skeleton_total
        true = self.true_positive + self.false_negative
        return self.true_positive / true if true else float(self.wrong == 0)

    @property
    def pfm(self) -> float:
        """Pseudo-F-measure in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        total = self.precision + self.pseudo_recall
        return 2 * self.precision * self.pseudo_recall / total if total else 0.0

    @property
    def iou(self) -> float:
        """Intersection over union in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        union = self.true_positive + self.wrong
        return self.true_positive / union if union else 1.0

    @property
    def wrong(self) -> int:
        """Number of wrong pixels, drawn or missing."""
        return self.false_positive + self.false_negative


def pfm(prediction: Mask, truth: Mask) -> float:
    """Pseudo-F-measure of a drawing, in its published form.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.

    Returns
    -------
    float
        In [0, 1]; 1 if both are empty, 0 if one is.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.

    Notes
    -----
    "Fusing Forces", ICPR 2024. The truth's skeleton is remembered (see `skeleton`), so a second prediction for the same
    truth is far cheaper than the first.

    Examples
    --------
    >>> truth = np.zeros((5, 6), bool)
    >>> truth[2, 1:5] = True  # its own skeleton: a line of four pixels
    >>> prediction = truth.copy()
    >>> prediction[2, 3:] = False
    >>> round(pfm(prediction, truth), 4)  # precision 1, pseudo-recall 2 / 4
    0.6667
    """
    prediction, truth = _masks(prediction=prediction, truth=truth)
    return count(prediction, truth, skeleton(truth)).pfm


def iou(prediction: Mask, truth: Mask) -> float:
    """Intersection over union of a drawing and the truth.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.

    Returns
    -------
    float
        In [0, 1]; 1 if both are empty, 0 if one is.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.

    Examples
    --------
    >>> iou(np.array([[True, True, False]]), np.array([[False, True, True]])) == 1 / 3
    True
    """
    prediction, truth = _masks(prediction=prediction, truth=truth)
    return _overlap(prediction, truth).iou


def count(prediction: Mask, truth: Mask, truth_skeleton: Mask, inside: Mask | None = None) -> Counts:
    """Count a drawing's pixels against the truth.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truth_skeleton : bool array (H, W)
        `skeleton` of the truth. For a part of a drawing, the same part of the whole truth's skeleton: then the counts
        of the parts add up to those of the whole.
    inside : bool array (H, W), optional
        Pixels outside are left out of every count.

    Returns
    -------
    Counts

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.
    """
    prediction, truth, truth_skeleton = _masks(prediction=prediction, truth=truth, truth_skeleton=truth_skeleton)
    if inside is not None:
        _, inside = _masks(truth=truth, inside=inside)
        prediction, truth, truth_skeleton = prediction & inside, truth & inside, truth_skeleton & inside
    on_skeleton = Counts(skeleton_hit=_number(truth_skeleton & prediction), skeleton_total=_number(truth_skeleton))
    return _overlap(prediction, truth) + on_skeleton


def skeleton(truth: Mask) -> Mask:
    """Skeleton of a drawing by Guo and Hall's thinning, remembered from call to call.

    Identical to `skimage.morphology.thin`. `skimage.morphology.skeletonize` thins by other rules and gives another
    score. Thinning a whole mirror takes seconds and the same few truths come back thousands of times, so the
    skeletons used last are kept, `CACHE_LIMIT_BYTES` of them in each process. They are found again by the truth's
    content: neither the array's identity nor its number of pixels tells two truths apart.

    Parameters
    ----------
    truth : bool array (H, W)
        True on the line.

    Returns
    -------
    bool array (H, W)
        Read-only, since it is shared: copy it to change it.

    Raises
    ------
    TypeError
        If `truth` is no bool array.
    ValueError
        If `truth` is not 2-D.

    References
    ----------
    Z. Guo, R. W. Hall, Communications of the ACM 32(3), 1989, pages 359-373.
    """
    (truth,) = _masks(truth=truth)
    return _SKELETONS.of(truth)


class SkeletonCache:
    """The skeletons used last, up to a number of bytes.

    Parameters
    ----------
    limit_bytes : int
        What the kept skeletons may take together; the one that was not asked for the longest is dropped first.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.held_bytes = 0
        self._kept: OrderedDict[tuple[tuple[int, ...], bytes], Mask] = OrderedDict()
        self._lock = threading.Lock()  # an annotation page scores from several threads

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, truth: Mask) -> Mask:
        """Skeleton of `truth`, a bool array (H, W) of bytes 0 and 1; read-only."""
        key = (truth.shape, hashlib.blake2b(np.packbits(truth).tobytes(), digest_size=16).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        thinned = _thin(
            truth
        )  # unlocked: a second thread may repeat the work, but none waits seconds for another truth
        thinned.flags.writeable = False
        with self._lock:
            return self._keep(key, thinned)

    def _keep(self, key: tuple[tuple[int, ...], bytes], thinned: Mask) -> Mask:
        if key not in self._kept:
            self._kept[key] = thinned
            self.held_bytes += thinned.nbytes
        while self.held_bytes > self.limit_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.held_bytes -= dropped.nbytes
        return thinned


_SKELETONS = SkeletonCache(CACHE_LIMIT_BYTES)


def _thin(mask: Mask) -> Mask:
    """Thin a mask of bytes 0 and 1, looking only at the rectangle that holds its ink.

    `thin` takes everything beyond the border for empty, which is just what lies around that rectangle: the result is
    the same, and sparse or small drawings cost little.
    """
    result = np.zeros(mask.shape, dtype=bool)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size:
        ink = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        result[ink] = thin(mask[ink])
    return result


def _overlap(prediction: Mask, truth: Mask) -> Counts:
    true_positive = _number(prediction & truth)
    return Counts(
        true_positive=true_positive,
        false_positive=_number(prediction) - true_positive,
        false_negative=_number(truth) - true_positive,
    )


def _number(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def _masks(**arrays: Mask) -> list[Mask]:
    """Check that the named arrays are masks of one shape; give them back as bytes of 0 and 1."""
    masks = [_mask(name, array) for name, array in arrays.items()]
    if len({mask.shape for mask in masks}) > 1:
        shapes = ", ".join(f"{name} {mask.shape}" for name, mask in zip(arrays, masks, strict=True))
        raise ValueError(f"masks of different shapes: {shapes}; crop or resize them to the same pixels")
    return masks


def _mask(name: str, array: Mask) -> Mask:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is a {type(array).__name__}; give a numpy array of bool, of shape (H, W)")
    if array.dtype != np.bool_:
        raise TypeError(f"{name} holds {array.dtype}; give bool, for example {name} > 0.5")
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; give one image of shape (H, W)")
    # A 1-bit PNG opened by PIL gives True as byte 255. NumPy's logic copes, but `thin` reads the bytes as they are and
    # its neighbourhood codes overflow: another skeleton, no error.
    ones: Mask = np.asarray(array).view(np.uint8) != 0
    return ones
