"""Learning from a few labelled pieces which others are line, and the threshold that agrees with them best.

References
----------
C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT Press, 2006, section 3.4.
D. J. C. MacKay, "The Evidence Framework Applied to Classification Networks", Neural Computation 4(5), 1992.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from scipy.special import expit

from bench.propagation.labels import Labels
from bench.propagation.pieces import Floats

BIAS, SLOPE, AMPLITUDE, REACH = 1.0, 1.0, 2.0, 0.7  # deviations of constant, linear and local part; and how local
TRUST = 0.5  # of the base model's logits, which are too sure
JITTER = 1e-6
THRESHOLDS = np.linspace(0.02, 0.98, 49)


def line_probability(features: Floats, logit: Floats, labels: Labels) -> Floats:
    """Return how probable each piece is line, in [0, 1].

    A Gaussian process classifies, by Laplace's approximation, about what the base model says; where no piece like it
    has been labelled its word stands. The more the process is in doubt, the nearer is the answer to 1/2.

    Parameters
    ----------
    features : (P, F), of mean 0 and deviation 1
    logit : (P,), what the base model says
    labels : of some of the pieces
    """
    known, sign = features[labels.pieces], np.where(labels.line, 1.0, -1.0)
    prior = TRUST * logit[labels.pieces]
    root = np.linalg.cholesky(_kernel(known, known) + JITTER * np.eye(len(labels)))

    def objective(white: Floats) -> tuple[float, Floats]:
        margin = sign * (prior + root @ white)
        loss = labels.weight @ np.logaddexp(0, -margin) + white @ white / 2
        return float(loss), white - root.T @ (labels.weight * sign * expit(-margin))

    latent = prior + root @ minimize(objective, np.zeros(len(labels)), jac=True, method="L-BFGS-B").x
    pull = labels.weight * sign * expit(-sign * latent)
    curvature = np.sqrt(labels.weight * expit(latent) * expit(-latent))
    inner = np.linalg.cholesky(np.eye(len(labels)) + curvature[:, None] * (root @ root.T) * curvature)
    across = _kernel(known, features)
    explained = solve_triangular(inner, curvature[:, None] * across, lower=True)
    variance = np.maximum(_spread(features) - np.square(explained).sum(axis=0), 0)
    mean = TRUST * logit + across.T @ pull
    return np.asarray(expit(mean / np.sqrt(1 + np.pi * variance / 8)))


def refitted_threshold(probability: Floats, labels: Labels) -> float:
    """Return the threshold on probabilities (P,) that contradicts the labels least; of several the nearest to 1/2."""
    above = probability[labels.pieces] > THRESHOLDS[:, None]
    wrong = (labels.weight * (above != labels.line)).sum(axis=1)
    best = THRESHOLDS[wrong == wrong.min()]
    return float(best[np.argmin(np.abs(best - 0.5))])


def _kernel(one: Floats, other: Floats) -> Floats:
    count = one.shape[1]
    product = one @ other.T / count
    squared = np.square(one).mean(axis=1)[:, None] + np.square(other).mean(axis=1) - 2 * product
    return np.asarray(BIAS**2 + SLOPE**2 * product + AMPLITUDE**2 * np.exp(-squared / (2 * REACH**2)))


def _spread(features: Floats) -> Floats:
    """Return the variance of each piece before any label, the kernel's diagonal."""
    return np.asarray(BIAS**2 + SLOPE**2 * np.square(features).mean(axis=1) + AMPLITUDE**2)
