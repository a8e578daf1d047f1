"""How good a drawing is, and how much effort it took.

`scores` compares masks, `effort` compares curves; both know numpy arrays only. `torch_metrics` wraps `scores` for
training and is not imported here, so that a drawing can be scored where there is no torch.
"""

from metrics.scores import iou, pfm

__all__ = ["iou", "pfm"]
