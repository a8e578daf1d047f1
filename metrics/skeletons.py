"""Skeletons of drawings, thinned once and kept."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from metrics.masks import Mask, checked
from metrics.thinning import thin

CACHE_LIMIT_BYTES = 256 * 2**20
"""What all kept skeletons may take together: about 4,000 patches of 256 x 256, or 17 mirrors at model scale."""


def skeleton(truth: Mask) -> Mask:
    """Skeleton of a drawing by Guo and Hall's thinning, remembered from call to call.

    Identical to `skimage.morphology.thin`. `skimage.morphology.skeletonize` thins by other rules and gives another
    score. Thinning a whole mirror takes about a second and the same few truths come back thousands of times, so the
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
    (truth,) = checked(truth=truth)
    return _SKELETONS.of(truth)


class SkeletonCache:
    """The skeletons used last, up to a number of bytes.

    Parameters
    ----------
    limit_bytes : int
        What the kept skeletons may take together; the one that was not asked for the longest is dropped first.
    thinning : function of a mask
        Makes a skeleton: by Guo and Hall, as scores need it, or in another way.
    """

    def __init__(self, limit_bytes: int, thinning: Callable[[Mask], Mask] = thin) -> None:
        self.limit_bytes, self.thinning = limit_bytes, thinning
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
        thinned = self.thinning(
            truth
        )  # unlocked: a second thread may repeat the work, but none waits for another truth
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
