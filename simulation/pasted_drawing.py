"""The manual drawing of the published rule, which gets the same prompts, pasted."""

from __future__ import annotations

from collections.abc import Sequence

from data.regions import Region
from interaction.prompts import Prompt
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from metrics.masks import Mask
from metrics.truths import TruthCache
from simulation.scoreboard import Scoreboard


class PastedDrawing:
    """The manual drawing of the published rule: the initial drawing with the pinned pixels of the same prompts.

    Parameters
    ----------
    session : whose canvas and initial drawing it shares
    truth, valid_mask, grid, truths : see ``Scoreboard``
    """

    def __init__(
        self, session: RefinementSession, truth: Mask, valid_mask: Mask, grid: Sequence[Region], truths: TruthCache
    ) -> None:
        refiner = ManualRefiner(session.scale)
        self.session = RefinementSession(
            session.canvas, session.initial, refiner, scale=session.scale, channels=(), undoable=0
        )
        self.scores = Scoreboard(self.session, truth, valid_mask, grid, truths)
        self._best = self.scores.pfm.copy()

    def lifted_by(self, prompt: Prompt, index: int) -> bool:
        """Whether a prompt would raise a cell's pFM above its best so far."""
        change = self.session.propose([prompt])[0]
        return self.scores.after(index, change).pfm > float(self._best[index])

    def commit(self, prompt: Prompt, index: int) -> None:
        """Paste a prompt that was given in a cell."""
        change = self.session.propose([prompt])[0]
        self.session.commit(change)
        self.scores.update(change)
        self._best[index] = max(self._best[index], self.scores.pfm[index])
