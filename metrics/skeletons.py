"""Skeletons of drawings, thinned once and kept."""

from metrics.cache import ContentCache
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


_SKELETONS = ContentCache(thin, CACHE_LIMIT_BYTES)
