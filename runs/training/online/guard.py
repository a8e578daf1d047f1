"""The guard: which version draws best what the person put right after it was made.

Each lesson is a test of every version before it is learned from (prequential: A. P. Dawid, "Present position and
potential developments: some personal views: statistical theory: the prequential approach", J. R. Stat. Soc. A 147,
1984). A version is used once it has drawn such lessons better than what would be used without it, with an interval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from metrics.expected import EVIDENCE, WIDTH
from metrics.masks import Mask
from metrics.thinning import thin

Floats = NDArray[np.float64]

CONFIDENCE = 0.9  # one-sided, of a version's gain to be above nothing
NEWEST = 12  # tests of an image that count
TESTS = 512  # that are remembered
PLACES = 3  # lessons of an image of which all that a prior promises is expected
PROBABLE = 1e-4  # probabilities are held this far from 0 and 1 in the log-loss


@dataclass(frozen=True)
class Prior:
    """What is expected of a candidate before its versions are tested, in pFM as a fraction of 1.

    Parameters
    ----------
    gain : elsewhere on an image of which ``PLACES`` lessons were learned
    spread : of gains from lesson to lesson
    worth : lessons that this is worth
    places : lessons of an image before a version is used there, whatever the first tests say; the last one of them may
        be the first that shows what is lost elsewhere
    """

    gain: float
    spread: float
    worth: float = 1.0
    places: int = 0


@dataclass(frozen=True)
class Score:
    """How a drawing agrees with a lesson, where the lesson is known.

    Parameters
    ----------
    counts : pixels drawn; right ones of them; on the truth's centre line; drawn ones of these
    wrong : pixels that are wrongly drawn or missing
    loss : mean log-loss of a pixel, in nats
    """

    counts: tuple[float, float, float, float]
    wrong: float
    loss: float


@dataclass(frozen=True)
class Trial:
    """A version's score on a lesson that it had not seen, beside that of what would be used without it.

    Parameters
    ----------
    number : of the lesson
    view : of the lesson
    candidate : that made the version
    version : its SHA-256
    score, before : of the version, and of what would be used without it
    at_home : whether the version had learned from another lesson of this image
    """

    number: int
    view: str
    candidate: str
    version: str
    score: Score
    before: Score
    at_home: bool


@dataclass(frozen=True)
class Verdict:
    """What tests say of a version's gain in pFM, a fraction of 1.

    Parameters
    ----------
    gain : to be expected on a further lesson
    low, high : above and below which it lies with ``CONFIDENCE``, each
    tests : how many there are
    """

    gain: float
    low: float
    high: float
    tests: int

    @property
    def better(self) -> bool:
        """Whether the version is to be used."""
        return self.low > 0

    @property
    def worse(self) -> bool:
        """Whether the version has lost, and is dropped."""
        return self.high < 0


def score_of(probability: NDArray[np.float32], truth: Mask, known: Mask, line: float = 0.5) -> Score:
    """Score a drawing (h, w) on the known pixels of a truth."""
    drawn = (probability > line) & known
    centre = thin(truth) & known
    counted = (drawn, drawn & truth, centre, centre & drawn)
    drawn_px, right_px, centre_px, covered_px = (float(np.count_nonzero(pixels)) for pixels in counted)
    wrong = float(np.count_nonzero((drawn != truth) & known))
    likely = np.clip(probability[known].astype(np.float64), PROBABLE, 1 - PROBABLE)
    right = np.where(truth[known], likely, 1 - likely)
    return Score((drawn_px, right_px, centre_px, covered_px), wrong, float(-np.log(right).mean()))


def pooled(scores: Sequence[Score]) -> Score:
    """Return the score of several drawings together."""
    counts = np.sum([score.counts for score in scores], axis=0)
    drawn_px, right_px, centre_px, covered_px = (float(value) for value in counts)
    wrong = sum(score.wrong for score in scores)
    loss = float(np.mean([score.loss for score in scores]))
    return Score((drawn_px, right_px, centre_px, covered_px), wrong, loss)


def gains(tests: Sequence[Trial]) -> Floats:
    """Return the gain in pFM of each test; where a lesson holds next to no line, it is about 0.

    Counts are increased by those of a short piece of line of the mean quality, see ``metrics.expected``.
    """
    if not tests:
        return np.zeros(0)
    counts = np.array([test.score.counts for test in tests] + [test.before.counts for test in tests])
    drawn, right, centre, covered = counts.T
    precision, recall = _shrunk(right, drawn, WIDTH * EVIDENCE), _shrunk(covered, centre, EVIDENCE)
    quality = 2 * precision * recall / np.maximum(precision + recall, PROBABLE)
    return np.asarray(quality[: len(tests)] - quality[len(tests) :])


def _shrunk(part: Floats, whole: Floats, weight: float) -> Floats:
    """Return part of whole, each with so many pixels of the mean quality more."""
    mean = part.sum() / max(1.0, whole.sum())
    return np.asarray((part + weight * mean) / (whole + weight))


def verdict_of(found: Iterable[float], prior: Prior, expected: float = 0.0) -> Verdict:
    """Return what gains say, by a t-interval with what is expected beforehand as some lessons more.

    Mean and deviation of a normal distribution with a conjugate prior (A. Gelman et al., "Bayesian Data Analysis",
    3rd edition, 3.3).

    Parameters
    ----------
    found : the gains of tests
    prior : its ``spread`` and ``worth`` count here
    expected : gain that is expected before any is seen
    """
    values = np.array(list(found), np.float64)
    count, worth = len(values), prior.worth
    mean = float(values.mean()) if count else 0.0
    total = worth + count
    gain = (worth * expected + count * mean) / total
    squares = worth * prior.spread**2 + float(((values - mean) ** 2).sum() if count else 0.0)
    squares += worth * count / total * (mean - expected) ** 2
    deviation = float(np.sqrt(squares / total / total))
    reach = float(student.ppf(CONFIDENCE, total)) * deviation
    return Verdict(gain, gain - reach, gain + reach, count)


def verdict_for(tests: Sequence[Trial], view: str | None, seen: Mapping[str, Sequence[float]], prior: Prior) -> Verdict:
    """Return what tests of one candidate's versions say of its gain on an image.

    On an image that the newest version has learned from, its tests there decide, with what is expected beforehand:
    what the prior says, less for fewer lessons than ``PLACES``, and at most what was gained on the lessons themselves;
    or what other images let expect, where that is more and the image could begin with it.
    On an image of which nothing is known, those tests decide that were made on images that the version had not learned
    from; places of one image are alike, so each image counts once, with its mean, and a prior for nothing: what was
    learned from some images may be theirs alone.

    Parameters
    ----------
    tests : oldest first
    view : name of the image; None: one of which nothing is known
    seen : gains on the lessons themselves that the newest version learned from, by image
    prior : of the candidate
    """
    here, own = [test for test in tests if test.view == view][-NEWEST:], seen.get(view or "", ())
    if here or own:
        elsewhere = {name: found for name, found in seen.items() if name != view}
        begun = verdict_for([test for test in tests if test.view != view], None, elsewhere, prior)
        learned = float(np.mean(own)) if own else 0.0
        expected = min(learned, prior.gain * min(1.0, len(own) / PLACES))
        verdict = verdict_of(gains(here), prior, max(expected, min(prior.gain, begun.gain) if begun.better else 0.0))
        enough = begun.better or max(len(own), len(here) + 1) >= prior.places
        return verdict if enough else replace(verdict, low=min(verdict.low, 0.0))
    abroad = [test for test in tests if not test.at_home]
    by_image: dict[str, list[float]] = {}
    for test, gain in zip(abroad, gains(abroad), strict=True):
        by_image.setdefault(test.view, []).append(float(gain))
    means = [float(np.mean(found)) for found in by_image.values()][-NEWEST:]
    return verdict_of(means, replace(prior, worth=1.0))


def paired(tests: Sequence[Trial], others: Sequence[Trial], prior: Prior) -> Verdict:
    """Return what two candidates' tests on the same lessons say of how much better the first one is."""
    same = {test.number: gain for test, gain in zip(others, gains(others), strict=True)}
    both = [(test, gain) for test, gain in zip(tests, gains(tests), strict=True) if test.number in same]
    return verdict_of([gain - same[test.number] for test, gain in both][-NEWEST:], prior)


class Record:
    """The tests of all candidates, oldest first; the newest ``TESTS`` are remembered."""

    def __init__(self, tests: Iterable[Trial] = ()) -> None:
        self.tests = list(tests)

    def add(self, tests: Iterable[Trial]) -> None:
        """Remember tests."""
        self.tests = [*self.tests, *tests][-TESTS:]

    def forget(self, numbers: Collection[int]) -> None:
        """Forget the tests on some lessons."""
        self.tests = [test for test in self.tests if test.number not in numbers]

    def verdict(self, candidate: str, view: str | None, seen: Mapping[str, Sequence[float]], prior: Prior) -> Verdict:
        """Return what is known of the newest version of a candidate; parameters as of ``verdict_for``."""
        return verdict_for(self._of(candidate), view, seen, prior)

    def outdoes(self, candidate: str, other: str, view: str | None, prior: Prior) -> bool:
        """Whether a candidate is better than another one on an image, or, without a view, anywhere."""
        mine, others = (
            [test for test in self._of(name) if view is None or test.view == view] for name in (candidate, other)
        )
        return paired(mine, others, prior).better

    def _of(self, candidate: str) -> list[Trial]:
        return [test for test in self.tests if test.candidate == candidate]
