"""The rival: a random forest on hand-made features, as tools that learn from scribbles have it.

It is no network, so no version holds it; benchmarks compare it with what the learner does from the same labels.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.feature import multiscale_basic_features
from skimage.filters import sato
from sklearn.ensemble import RandomForestClassifier

from metrics.masks import Mask
from models.networks import LineNetwork

Floats = NDArray[np.float32]

TREES, DEPTH, SHARE = 50, 10, 0.05  # of skimage's example of trainable segmentation: also how many samples a tree sees
FINEST, COARSEST = 1.0, 16.0  # standard deviations of the features, in model pixels; skimage's example has the same
RIDGES = (1.0, 2.0, 3.0, 4.0)  # standard deviations of Sato's ridges, in model pixels: lines are about 6 wide
PIXELS = 40_000  # learned from, at most


class ForestDrawer:
    """Draws lines by a random forest on multi-scale intensity, edges, texture and Sato's ridges.

    Parameters
    ----------
    seed : what chance depends on
    network : a base model, whose decoder's last map joins the features; None: hand-made features alone

    References
    ----------
    scikit-image, "Trainable segmentation using local features and random forests", gallery of examples, the features
    and the forest; Y. Sato et al., "Three-dimensional multi-scale line filter for segmentation and visualization of
    curvilinear structures in medical images", Medical Image Analysis 2(2), 1998.
    """

    def __init__(self, seed: int, network: LineNetwork | None = None) -> None:
        self._seed, self._network = seed, network
        self._forest: RandomForestClassifier | None = None

    def learn(self, examples: Iterable[tuple[Floats, Mask, Mask]]) -> None:
        """Fit the forest anew.

        Parameters
        ----------
        examples : image (C, h, w) in [0, 1], truth (h, w) and where it is known (h, w), of each place

        Raises
        ------
        ValueError
            If lines or ground are missing in what is known.
        """
        rng = np.random.default_rng(self._seed)
        found = [(self._features(image)[known], truth[known]) for image, truth, known in examples]
        features, truth = (np.concatenate(parts) for parts in zip(*found, strict=True))
        if truth.all() or not truth.any():
            raise ValueError("a forest needs lines and ground to learn from")
        if len(truth) > PIXELS:
            chosen = rng.choice(len(truth), PIXELS, replace=False)
            features, truth = features[chosen], truth[chosen]
        forest = RandomForestClassifier(
            TREES, max_depth=DEPTH, max_samples=max(SHARE, min(1.0, 2000 / len(truth))), random_state=self._seed
        )
        self._forest = forest.fit(features, truth)

    def drawing(self, image: Floats) -> Floats:
        """Return the probability of each pixel of an image (C, h, w) to be line, (h, w) float32.

        Raises
        ------
        ValueError
            If it has learned nothing yet.
        """
        if self._forest is None:
            raise ValueError("the forest has learned nothing yet; call learn first")
        features = self._features(image)
        probability = self._forest.predict_proba(features.reshape(-1, features.shape[-1]))[:, 1]
        return np.asarray(probability.reshape(image.shape[-2:]), np.float32)

    def _features(self, image: Floats) -> Floats:
        """Return (h, w, F) features of an image (C, h, w)."""
        planes = []
        for plane in image:
            planes.append(multiscale_basic_features(plane, sigma_min=FINEST, sigma_max=COARSEST))
            planes += [sato(plane, [sigma], black_ridges=True)[..., None] for sigma in RIDGES]
        if self._network is not None:
            planes.append(_decoder_map(self._network, image))
        return np.concatenate(planes, axis=-1).astype(np.float32)


@torch.no_grad()
def _decoder_map(network: LineNetwork, image: Floats) -> Floats:
    """Return the last map of a network's decoder and its logit, (h, w, F)."""
    height, width = image.shape[-2:]
    shown = np.pad(image, ((0, 0), (0, -height % 32), (0, -width % 32)), mode="edge")[None]
    unet = network.unet
    maps = unet.decoder(unet.encoder(network.standardise(torch.from_numpy(shown))))
    planes = torch.cat([maps, unet.segmentation_head(maps)], dim=1)
    return np.asarray(planes[0, :, :height, :width].permute(1, 2, 0).numpy())
