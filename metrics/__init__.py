"""How good a drawing is, and how much effort it took.

`scores`, `dibco` and `overlap` compare masks, and `scorecard` gives all that they say; `harm` compares a drawing
before and after an answer. `effort` compares curves, `order` orders of patches; `bootstrap` gives intervals over many
runs. All know numpy arrays only. `torch_metrics` wraps `scores` for training and is not imported here, so that a
drawing can be scored where there is no torch.
"""

from metrics.dibco import pfm_dibco
from metrics.scores import iou, pfm

__all__ = ["iou", "pfm", "pfm_dibco"]
