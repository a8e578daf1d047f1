"""Made-up photographs on disk: ``images/*.png`` and ``masks/*.png``, each written aside and renamed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.errors import DataError
from data.io.png import write_png
from data.progress import ProgressBar
from data.synthetic.photographs.episodes import make_episode
from data.synthetic.photographs.families import FAMILIES
from data.synthetic.photographs.photograph import Photograph, any_width, make_photograph

MIXED, EPISODES = "mixed", "episodes"
STYLES = (MIXED, EPISODES, *FAMILIES)
AS_TAKEN, DARK = POLARITIES = ("as_taken", "dark")
ENLARGED = (1.2, 9.0)  # widths in pixels at which lines are photographed that are shown at one width
SPREAD = 0.3  # of the logarithm of that width over photographs, at most twice
MOST_ENLARGED = 5.0  # times: what is enlarged farther shows nothing but blur


def write_photographs(
    root: Path,
    count: int,
    height: int,
    width: int,
    seed: int,
    overwrite: bool = False,
    report: Callable[[str], None] = lambda line: None,
    style: str = MIXED,
    first: int = 1,
    line_px: float | None = None,
    polarity: str = AS_TAKEN,
) -> list[str]:
    """Make and write ``count`` photographs of ``height`` x ``width`` pixels; the names of the files without endings.

    Photograph k depends on ``seed``, k and the other options alone; k counts from ``first``. ``report`` takes a line of
    text for each. Nothing is written where any of them exists, unless ``overwrite``.

    Parameters
    ----------
    style : one of ``STYLES``: a family of lines; mixed, a family drawn for each; or episodes, which are two files each
    line_px : the median width at which lines are shown: photographs are made finer or coarser and then reduced or
        enlarged to it; None: lines of 1 to 20 pixels, as photographed
    polarity : as_taken, or dark: photographs with bright lines are given as negatives

    Raises
    ------
    DataError
        If one is there already and ``overwrite`` is False.
    ValueError
        If photographs are too small, or ``count`` is below 1.
    """
    if count < 1:
        raise ValueError(f"{count} photographs were asked for: 1 or more can be made")
    numbers = [f"{style}-{k:04d}" for k in range(first, first + count)]
    if not overwrite:
        _refuse_existing(root, numbers)
    written = []
    with ProgressBar(numbers, report, unit="photographs") as progress:
        for k, name in enumerate(numbers, start=first):
            started = time.perf_counter()
            made = _made(height, width, np.random.default_rng([seed, k]), style, line_px)
            for ending, photograph in zip("ab" if len(made) > 1 else ("",), made, strict=True):
                written.append(name + ending)
                image = 255 - photograph.image if polarity == DARK and _is_bright(photograph) else photograph.image
                write_png(root / "masks" / f"{name + ending}.png", photograph.mask.astype(np.uint8) * 255)
                write_png(root / "images" / f"{name + ending}.png", image)  # last: an image is found by itself
            spent = time.perf_counter() - started
            what = " and ".join(f"{one.kind}, {one.mask.mean():.1%}" for one in made)
            progress.echo(f"{name}  {what}; {made[0].line_px:.1f} px  {spent:.1f} s")
            progress.end(name)
    return written


def _made(height: int, width: int, rng: Generator, style: str, line_px: float | None) -> list[Photograph]:
    """One photograph, or both of an episode, in the size that is asked for."""
    shown = line_px * float(np.exp(SPREAD * np.clip(rng.standard_normal(), -2, 2))) if line_px else None
    taken = float(np.exp(rng.uniform(*np.log(ENLARGED)))) if shown else any_width(rng)
    taken = max(taken, (shown or 0) / MOST_ENLARGED)
    rows, cols = (round(side * taken / shown) if shown else side for side in (height, width))
    if style == EPISODES:
        made = list(make_episode(rows, cols, rng, taken))
    else:
        made = [make_photograph(rows, cols, rng, None if style == MIXED else style, taken)]
    return [_resized(photograph, height, width) for photograph in made] if shown else made


def _resized(photograph: Photograph, height: int, width: int) -> Photograph:
    """A photograph in another size; its mask keeps the places of its edges."""
    if photograph.mask.shape == (height, width):
        return photograph
    smaller = photograph.mask.shape[0] > height
    by = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    image = cv2.resize(photograph.image, (width, height), interpolation=by)
    cover = cv2.resize(photograph.mask.astype(np.float32), (width, height), interpolation=by)
    line_px = photograph.line_px * height / photograph.mask.shape[0]
    return Photograph(np.asarray(image, np.uint8), cover >= 0.5, photograph.kind, line_px)


def _is_bright(photograph: Photograph) -> bool:
    """Whether lines are lighter than what lies about them."""
    grey: NDArray[np.float32] = np.asarray(cv2.cvtColor(photograph.image, cv2.COLOR_RGB2GRAY), np.float32)
    around = cv2.GaussianBlur(grey, (0, 0), max(2 * photograph.line_px, 1.0))
    return bool((grey - around)[photograph.mask].mean() > 0)


def _refuse_existing(root: Path, names: list[str]) -> None:
    """Raise DataError, naming the first file that is there of some photographs."""
    for name in names:
        for folder in ("images", "masks"):
            for path in (root / folder / f"{name}{ending}.png" for ending in ("", "a", "b")):
                if path.exists():
                    raise DataError(f"{path} exists; remove it, choose another folder, or overwrite it")
