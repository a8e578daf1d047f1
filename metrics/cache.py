"""Arrays worked out from a mask, kept and found again by the mask's content."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

Array = TypeVar("Array", bound=NDArray[Any])


class ContentCache(Generic[Array]):
    """The arrays used last, up to a number of bytes.

    Parameters
    ----------
    make : function of a mask
        Works out the array that is kept.
    limit_bytes : int
        What the kept arrays may take together; the one that was not asked for the longest is dropped first.
    """

    def __init__(self, make: Callable[[Mask], Array], limit_bytes: int) -> None:
        self.make, self.limit_bytes = make, limit_bytes
        self.held_bytes = 0
        self._kept: OrderedDict[tuple[tuple[int, ...], bytes], Array] = OrderedDict()
        self._lock = threading.Lock()  # an annotation page scores from several threads

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, mask: Mask) -> Array:
        """Array of `mask`, a bool array (H, W) of bytes 0 and 1; read-only."""
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
