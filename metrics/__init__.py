"""Scores of drawings, and measures of the effort that they took.

`scores` holds the scores of a drawing, a family a file, and `registry` what is declared of each; `scorecard` computes
all of them. `counts` and `dibco` hold the sums that scores follow from, `truths` keeps what they need of a truth.
`harm` compares a drawing before and after a change. `effort` compares curves, `order` orders of patches; `clicks`
measures segmentation by clicks. `bootstrap` computes intervals over many runs. All know numpy arrays only.
`torch_metrics` wraps scores for training and is not imported here, so that a drawing can be scored where there is no
torch.
"""

from metrics.scores.contests import pfm_dibco
from metrics.scores.overlap import iou
from metrics.scores.published import pfm

__all__ = ["iou", "pfm", "pfm_dibco"]
