"""Caches of a truth's skeleton and weights, which all scores of drawings of it need.

Thinning a whole mirror takes about a second and weighing its pixels many, and the same few truths come back thousands
of times. A caller that scores repeatedly owns a `TruthCache` and passes it to the functions that score; without one,
they compute everything anew and keep nothing. A truth is recognized by its content: neither the array's identity nor
its number of pixels distinguishes two truths.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from metrics.dibco import Weights, packed_weights
from metrics.masks import Mask, checked
from metrics.thinning import thin

SKELETON_BYTES = 256 * 2**20
"""Limit for skeletons: about 4,000 patches of 256 x 256, or 17 mirrors at model scale."""

WEIGHT_BYTES = 512 * 2**20
"""Limit for weights: 1,024 patches of 256 x 256, or 4 mirrors at model scale."""

Array = TypeVar("Array", bound=NDArray[Any])


class ContentCache(Generic[Array]):
    """A function of a mask that keeps the arrays that it returned last.

    Parameters
    ----------
    make : function of a mask
        Computes the array. Picklable if the cache is to be copied or pickled; the copy begins empty.
    limit_bytes : int
        Size of the kept arrays together; the least recently used is dropped first.
    """

    def __init__(self, make: Callable[[Mask], Array], limit_bytes: int) -> None:
        self.make, self.limit_bytes = make, limit_bytes
        self.held_bytes = 0
        self._kept: OrderedDict[tuple[tuple[int, ...], bytes], Array] = OrderedDict()
        self._lock = threading.Lock()  # several threads may share it

    def __len__(self) -> int:
        return len(self._kept)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.make, self.limit_bytes)

    def __call__(self, mask: Mask) -> Array:
        """Return the array of `mask`, a bool array (H, W) of bytes 0 and 1; read-only, since it is shared."""
        key = (mask.shape, hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self.make(mask)  # unlocked: a second thread may repeat the work, but none waits for another mask
        made.flags.writeable = False
        with self._lock:
            return self._keep(key, made)

    def _keep(self, key: tuple[tuple[int, ...], bytes], made: Array) -> Array:
        if key not in self._kept:
            self._kept[key] = made
            self.held_bytes += made.nbytes
        while self.held_bytes > self.limit_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.held_bytes -= dropped.nbytes
        return made


class TruthCache:
    """Skeletons and weights of the truths that were scored last.

    Copied or pickled, it begins empty.

    Parameters
    ----------
    skeleton_bytes, weight_bytes : int
        Limits of what is kept.
    """

    def __init__(self, skeleton_bytes: int = SKELETON_BYTES, weight_bytes: int = WEIGHT_BYTES) -> None:
        self._skeletons = ContentCache(thin, skeleton_bytes)
        self._weights = ContentCache(packed_weights, weight_bytes)

    def skeleton(self, truth: Mask) -> Mask:
        """Return the skeleton of a truth by Guo and Hall's thinning, see `metrics.thinning.thin`.

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
        """
        (truth,) = checked(truth=truth)
        return self._skeletons(truth)

    def weights(self, truth: Mask) -> Weights:
        """Return the weights of a truth's pixels, see `metrics.dibco.weights`; read-only.

        Parameters and errors as for `skeleton`.
        """
        (truth,) = checked(truth=truth)
        return Weights(*self._weights(truth))
