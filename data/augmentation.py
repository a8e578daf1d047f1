"""Random flips, quarter turns, shifts, scales and rotations of a whole batch, on the device that holds it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from kornia.geometry.transform import warp_affine
from torch import Tensor

MODES = {  # interpolation of the planes beside the image; truth and strokes must stay 0 or 1 (-1, 0 or 1)
    **dict.fromkeys(("truth", "known", "added", "erased", "newest"), "nearest"),
    **dict.fromkeys(("initial", "current"), "bilinear"),
}


@dataclass(frozen=True)
class Augmentation:
    """Applies one random transformation to each sample: to its image, its truth, and its drawings and strokes if any.

    Parameters
    ----------
    shift : largest shift, as a fraction of the side
    scale : largest relative change of size
    rotate : largest angle in degrees, on top of quarter turns
    share : fraction of the samples that are shifted, scaled and rotated; the others are only flipped and turned
    vectors_at : the image planes that hold the x of unit vectors, each followed by the plane of their y; the vectors
        are turned with the image
    """

    shift: float = 0.06
    scale: float = 0.1
    rotate: float = 45.0
    share: float = 0.5
    vectors_at: tuple[int, ...] = ()

    def __call__(self, batch: dict[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
        """Return the batch moved; the generator is the CPU's, so the moves are the same on any device."""
        image = batch["image"]
        matrix = self._matrices(len(image), image.shape[-1], generator).to(image.device)
        size = (image.shape[-2], image.shape[-1])
        moved = warp_affine(image, matrix, size, mode="bilinear", padding_mode="reflection")
        for first in self.vectors_at:
            across = slice(first, first + 2)
            moved[:, across] = (_turned(moved[:, across] * 2 - 1, matrix[:, :, :2]) + 1) / 2
        others = {
            name: warp_affine(batch[name], matrix, size, mode=mode, padding_mode="reflection")
            for name, mode in MODES.items()
            if name in batch
        }
        return {**batch, "image": moved, **others}

    def _matrices(self, count: int, side: int, generator: torch.Generator) -> Tensor:
        """Draw (B, 2, 3) affine matrices on pixels, x first, about the centre of a square patch."""

        def uniform(*shape: int) -> Tensor:
            return torch.rand(*shape, generator=generator) * 2 - 1

        free = (torch.rand(count, generator=generator) < self.share).float()
        quarter = torch.randint(4, (count,), generator=generator) * 90.0
        angle = torch.deg2rad(quarter + free * uniform(count) * self.rotate)
        size = 1 + free * uniform(count) * self.scale
        flip = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
        shift = free[:, None] * uniform(count, 2) * self.shift * side
        cosine, sine = size * torch.cos(angle), size * torch.sin(angle)
        linear = torch.stack([torch.stack([flip * cosine, -sine], 1), torch.stack([flip * sine, cosine], 1)], 1)
        centre = torch.full((2,), (side - 1) / 2)
        return torch.cat([linear, (centre + shift - linear @ centre)[..., None]], dim=2)


def _turned(vectors: Tensor, linear: Tensor) -> Tensor:
    """Flip and rotate (B, 2, H, W) vectors as (B, 2, 2) matrices do, without their change of size."""
    size = torch.linalg.det(linear).abs().sqrt()[:, None, None]
    return torch.einsum("bij,bjhw->bihw", linear / size, vectors)
