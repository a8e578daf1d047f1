"""The simulated correction of a whole mirror: patch by patch, prompt by prompt, until no prompt helps.

The patch with the lowest true pFM is corrected next, unless another ranking is given.

There are two rules:

published
    As in "Fusing Forces" (ICPR 2024): patches without truth take no part; a manual drawing gets the same prompts,
    pasted; a prompt that leaves the refined patch's pFM as it was, or does not raise the manual one above its best, is
    dropped and its patch retired. It needs prompts that pin pixels: others leave the manual drawing as it is.
headline
    All patches take part. A prompt that does not lower the number of wrong pixels is dropped, and the pixels that it
    touches count as right from then on; a patch retires when the user finds nothing to correct, or ``PATIENCE`` prompts
    in a row were dropped. The manual baseline is a run of its own, whose refiner only pastes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, cells, whole
from interaction.changes import Change
from interaction.patch_selection import Ranking
from interaction.prompts import Prompt, prompt_from_json
from interaction.prompts.prompt import touched
from interaction.session import LINE, RefinementSession
from metrics.harm import far_from_edge, turned
from metrics.masks import Mask
from metrics.registry import Tally
from metrics.truths import TruthCache
from simulation.pasted_drawing import PastedDrawing
from simulation.scoreboard import Scoreboard, paste_overlap
from simulation.simulated_user import History, SimulatedUser

PATIENCE = 10  # useless prompts in a row, after which a user gives a patch up


@dataclass(frozen=True)
class Progress:
    """The state of a correction: strokes, effort and counts so far.

    Parameters
    ----------
    interaction : prompts committed so far
    effort : pixels that they touch, at model scale, repeats counted; see ``interaction.prompts.Effort``
    refined : counts of the whole drawing
    manual : counts of the drawing that only got the same prompts pasted; None where no such drawing is kept
    repaired, spoiled : pixels that the changes turned from wrong to right and from right to wrong, outside the pixels
        that the new prompt pins and away from the truth's edge, repeats counted; see ``metrics.harm``
    """

    interaction: int
    effort: int
    refined: Tally
    manual: Tally | None
    repaired: int
    spoiled: int


class CorrectionLoop:
    """A simulated user's correction of a mirror.

    Parameters
    ----------
    session : the drawing and its refiner
    truth, valid_mask : (H, W) bool, at model scale; scores are taken of the valid pixels
    annotator : the simulated user
    patch : side of a patch, in model pixels
    seed : random numbers depend on it and on the number of the attempt, and on nothing else
    published : whether the published rule holds, or the headline rule; see above
    ranking : of cells of the same size: chooses the next one; None: the cell with the lowest true pFM
    truths : keeps the truth's skeleton and weights for other runs on the same mirror; None: its own
    keeps : by the headline rule, whether a prompt is kept alone where that helps and its answer doesn't, as on the page
    """

    def __init__(
        self,
        session: RefinementSession,
        truth: Mask,
        valid_mask: Mask,
        annotator: SimulatedUser,
        *,
        patch: int,
        seed: int,
        published: bool,
        ranking: Ranking | None = None,
        truths: TruthCache | None = None,
        keeps: bool = False,
    ) -> None:
        self.session, self.annotator, self.seed, self.published = session, annotator, seed, published
        self.keeps = keeps
        self._truth, self._valid_mask = truth & valid_mask, np.asarray(valid_mask)
        self._grid, self._ranking = cells(session.shape, patch), ranking
        self._truths = TruthCache() if truths is None else truths
        self._scores = self._scoreboard()
        self._retired = np.array([published and not self._truth[cell.slices].any() for cell in self._grid])
        self._beyond_edge = far_from_edge(self._truth) & self._valid_mask
        self._cell_of: list[int] = []  # which cell each of the session's prompts was made in
        self._given: defaultdict[int, list[Prompt]] = defaultdict(list)  # in each cell, relative to its corner
        self._useless: list[Prompt] = []  # dropped; the pixels that they touch are left as they are
        self._left = np.zeros(session.shape, bool)
        self._attempts, self._effort, self._repaired, self._spoiled = 0, 0, 0, 0
        self._pasted = self._fresh_paste()

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        manual = self._pasted.scores.total if self._pasted else None
        return Progress(len(self._cell_of), self._effort, self._scores.total, manual, self._repaired, self._spoiled)

    @property
    def retired(self) -> NDArray[np.bool_]:
        """Which cells are no longer corrected, (N,)."""
        return self._retired.copy()

    @property
    def share_done(self) -> float:
        """The fraction of the patches that are retired, in [0, 1]; not all of them cost the same."""
        return float(self._retired.mean())

    @property
    def manual_drawing(self) -> NDArray[np.float32] | None:
        """The drawing with the same prompts pasted, (H, W); None under the headline rule."""
        return self._pasted.session.current if self._pasted else None

    def run(self) -> Iterator[Progress]:
        """Go on until no patch is left; yield after each committed prompt, and where the drawing changes without."""
        while (index := self._next()) is not None:
            rng = np.random.default_rng([self.seed, self._attempts])
            self._attempts += 1
            change = (self._published_change if self.published else self._headline_change)(index, rng)
            if change is not None:
                self._commit(index, change)
                yield self.progress
            elif self._retire(index):
                yield self.progress

    def state(self) -> dict[str, Any]:
        """Return all that a later ``restore`` needs: the drawing as an array, the rest as JSON values."""
        return {
            "current": self.session.current.copy(),
            "strokes": [prompt.to_json() for prompt in self.session.prompts],
            "cells": list(self._cell_of),
            "retired": self._retired.tolist(),
            "useless": [prompt.to_json() for prompt in self._useless],
            "attempts": self._attempts,
            "turned": [self._repaired, self._spoiled],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state of the same mirror, model, rule and seed."""
        prompts = [prompt_from_json(fields) for fields in state["strokes"]]
        self.session.restore(state["current"], prompts, initial=state.get("initial"))
        self._attempts = state["attempts"]
        self._retired = np.array(state["retired"], bool)
        self._repaired, self._spoiled = state["turned"]
        self._cell_of, self._given, self._effort, self._useless = [], defaultdict(list), 0, []
        self._left[:] = False
        for fields in state["useless"]:
            self._leave(prompt_from_json(fields))
        for prompt, index in zip(prompts, state["cells"], strict=True):
            self._remember(prompt, index)
        self._scores = self._scoreboard()
        if self._ranking:
            self._ranking.update(whole(self.session.shape))
        self._pasted = self._fresh_paste()
        if self._pasted:
            for index, prompt in zip(self._cell_of, prompts, strict=True):
                self._pasted.commit(prompt, index)

    def _scoreboard(self) -> Scoreboard:
        return Scoreboard(self.session, self._truth, self._valid_mask, self._grid, self._truths)

    def _fresh_paste(self) -> PastedDrawing | None:
        shared = self.session, self._truth, self._valid_mask, self._grid, self._truths
        return PastedDrawing(*shared) if self.published else None

    def _next(self) -> int | None:
        ranks = self._ranking.ranks if self._ranking else self._scores.pfm
        return None if self._retired.all() else int(np.where(self._retired, np.inf, ranks).argmin())

    def _retire(self, index: int) -> bool:
        """Take note that a cell is corrected no longer; return whether the drawing has changed by that."""
        self._retired[index] = True
        return False

    def _published_change(self, index: int, rng: np.random.Generator) -> Change | None:
        change = self._ask(index, self._drawing(self._grid[index]), rng)
        if change is None or self._scores.after(index, change).pfm == self._scores.cells[index].pfm:
            return None
        return change if self._pasted and self._pasted.lifted_by(change.prompt, index) else None

    def _headline_change(self, index: int, rng: np.random.Generator) -> Change | None:
        cell = self._grid[index]
        for _ in range(PATIENCE):
            left = self._left[cell.slices]
            change = self._ask(index, np.where(left, self._truth[cell.slices], self._drawing(cell)), rng)
            if change is None:
                return None
            bare = [self.session.unrefined_change(change.prompt)] if self.keeps else []
            for one in (change, *bare):
                if self._lowers_wrong(one):
                    return one
            self._leave(change.prompt)
        return None

    def _lowers_wrong(self, change: Change) -> bool:
        before, after = (self._scores.count(change.region, drawing) for drawing in (change.before, change.after))
        return after.wrong < before.wrong

    def _ask(self, index: int, mask: Mask, rng: np.random.Generator) -> Change | None:
        """Let the simulated user give a prompt in a cell, and return the change that the session proposes."""
        cell, proposed = self._grid[index], dict[Prompt, Change]()

        def propose(prompts: Sequence[Prompt]) -> list[Change]:
            new = [prompt for prompt in prompts if prompt not in proposed]
            changes = self.session.propose([self._moved(prompt, cell) for prompt in new])
            proposed.update(zip(new, changes, strict=True))
            return [proposed[prompt] for prompt in prompts]

        def preview(prompts: Sequence[Prompt]) -> list[Mask]:
            masks = []
            for change in propose(prompts):
                after = self.session.current[cell.slices].copy()
                paste_overlap(after, cell, change.after, change.region)
                masks.append((after > LINE) & self._valid_mask[cell.slices])
            return masks

        history = History(tuple(self._given[index]), preview, self._truths)
        prompt = self._user_at(index)(mask, self._truth[cell.slices], history, rng)
        return None if prompt is None else propose([prompt])[0]

    def _user_at(self, index: int) -> SimulatedUser:
        """Return who corrects a cell."""
        return self.annotator

    def _commit(self, index: int, change: Change) -> None:
        self.session.commit(change)
        self._scores.update(change)
        if self._ranking:
            self._ranking.update(change.region)
        self._remember(change.prompt, index)
        self._count_harm(change)
        if self._pasted:
            self._pasted.commit(change.prompt, index)

    def _leave(self, prompt: Prompt) -> None:
        """Leave the pixels that a useless prompt touches as they are."""
        self._useless.append(prompt)
        bounds = prompt.bounds(self.session.scale, self.session.shape)
        self._left[bounds.slices] |= touched(prompt, bounds, self.session.scale)

    def _remember(self, prompt: Prompt, index: int) -> None:
        """Keep a committed prompt that was given in a cell; add its effort."""
        self._cell_of.append(index)
        self._given[index].append(self._moved(prompt, self._grid[index], back=True))
        self._effort += prompt.effort(self.session.scale, self.session.shape).pixels

    def _count_harm(self, change: Change) -> None:
        at = change.region.slices
        counted = self._beyond_edge[at]
        if pinned := change.prompt.pinned(change.region, self.session.scale):
            counted = counted & ~(pinned[0] | pinned[1])
        repaired, spoiled = turned(change.before > LINE, change.after > LINE, self._truth[at], counted)
        self._repaired += repaired
        self._spoiled += spoiled

    def _drawing(self, cell: Region) -> Mask:
        return np.asarray((self.session.current[cell.slices] > LINE) & self._valid_mask[cell.slices])

    def _moved(self, prompt: Prompt, cell: Region, back: bool = False) -> Prompt:
        per_pixel = (-1 if back else 1) / self.session.scale
        return prompt.moved(cell.top * per_pixel, cell.left * per_pixel)
