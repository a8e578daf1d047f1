"""The methods of the benchmark, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHIPPED, ONLINE, FINETUNED = "shipped", "online", "finetuned"
THRESHOLD, FOREST, FOREST_OURS, OTSU = "threshold", "forest", "forest-ours", "otsu"
RIVALS = (THRESHOLD, FOREST)
ORDERS = ("expected-gain", "worst", "random", "predicted")  # of places, beside the least sure ones
USUAL = (
    *(SHIPPED, ONLINE, "adapt-1", "adapt-3", "adapt-10", "scratch-3", FINETUNED),
    *(THRESHOLD, FOREST, FOREST_OURS, OTSU),
)
HELP = (
    "With commas. shipped: the models as they come. online: they learn from the places that the person puts right "
    "first, and go on from image to image; online-expected-gain, online-worst, online-random, online-predicted: from "
    "other places. adapt-K: "
    "fine-tuned on the first K images, and tried on those after. scratch-K: a base model trained from nothing on the "
    "same. finetuned: on the images that the benchmark leaves out. threshold, forest: no answers, but the threshold of "
    "the base model's probabilities, or a forest on hand-made features, fitted to the strokes again and again. "
    "forest-ours: the forest on what the run of online had put right. otsu: its drawing alone."
)


@dataclass(frozen=True)
class Trained:
    """A method whose models are trained beforehand.

    Parameters
    ----------
    how : ``adapt``, ``scratch`` or ``finetuned``
    images : of the benchmark that it learns from; it is tried on those after
    """

    how: str
    images: int

    @property
    def refines(self) -> bool:
        """Whether the interactive model is trained, too."""
        return self.how != "scratch"


def trained(method: str) -> Trained | None:
    """Return how a method's models are trained; None if they are not."""
    if method == FINETUNED:
        return Trained(FINETUNED, 0)
    found = re.fullmatch(r"(adapt|scratch)-([1-9]\d*)", method)
    return Trained(found[1], int(found[2])) if found else None


def places_of(method: str) -> str | None:
    """Return the order of the places that a method learns from online; None if it does not."""
    if method == ONLINE:
        return "least-sure"
    found = re.fullmatch(f"online-({'|'.join(ORDERS)})", method)
    return found[1] if found else None


def chosen(text: str) -> tuple[str, ...]:
    """Return the methods that a text names, with commas between.

    Raises
    ------
    ValueError
        If one does not exist, or ``forest-ours`` is asked for without ``online``.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in USUAL and trained(name) is None and places_of(name) is None:
            raise ValueError(f"no method {name!r}; there are {', '.join(USUAL)}, and other numbers in place of these")
    if FOREST_OURS in names and ONLINE not in names:
        raise ValueError(f"{FOREST_OURS} learns from what the run of {ONLINE} has put right; add {ONLINE}")
    if not names:
        raise ValueError("no method is named")
    return names
