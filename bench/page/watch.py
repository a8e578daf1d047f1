"""Measurements in the page while it is used: the server's messages, when answers are shown, how frames follow."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from bench.page.tab import Tab

# Before the page's own scripts: the server's messages about changes, without their pixels.
CHANGES = """
window.changes = [];
window.SharedWorker = class extends SharedWorker {
  constructor(...how) {
    super(...how);
    this.port.addEventListener("message", ({ data }) => {
      const { png, ...message } = data.message ?? {};
      if (message.type === "change") changes.push(message);
    });
  }
};
"""

# From the moment at which the pen was lifted, as the browser has it, to the frame after the one that shows the answer.
ANSWERS = """() => {
  const surface = document.getElementById("surface");
  const lifted = [];
  window.answers = [];
  surface.addEventListener("pointerup", (event) => lifted.push(event.timeStamp), true);
  performance.clearMeasures("stroke-answered");
  const watch = (now) => {
    const measures = performance.getEntriesByName("stroke-answered");
    while (answers.length < measures.length) {
      const { startTime, duration } = measures[answers.length];
      if (now <= startTime + duration) break;
      answers.push(now - lifted[answers.length]);
    }
    requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
}"""

# In the frame that follows upon each movement of the pen: whether there is ink under its tip.
INK = """() => {
  const surface = document.getElementById("surface");
  const canvas = document.querySelector("[data-canvas=strokes]");
  window.inked = [];
  const look = ({ buttons, clientX, clientY, timeStamp }) => {
    if (!buttons) return;
    requestAnimationFrame(() => {
      const { left, top } = canvas.getBoundingClientRect();
      const [x, y] = [clientX - left, clientY - top].map((length) => Math.floor(length * devicePixelRatio));
      const shown = canvas.style.display !== "none" && canvas.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0;
      inked.push([shown, performance.now() - timeStamp]);
    });
  };
  for (const type of ["pointerdown", "pointermove"]) surface.addEventListener(type, look, true);
}"""

FRAMES = """() => {
  window.frames_at = [];
  const note = (now) => frames_at.push(now) && requestAnimationFrame(note);
  requestAnimationFrame(note);
}"""

FRAMES_OVER = """() => {
  const at = frames_at;
  window.frames_at = { push: () => 0 };
  return at;
}"""


class Watch:
    """Notes in the page of a mirror, which is loaded anew, so that they begin with nothing.

    Parameters
    ----------
    tab : shows a mirror; its context was given ``CHANGES`` as a script to begin with
    """

    def __init__(self, tab: Tab) -> None:
        self.page = tab.page
        self.page.reload()
        tab.drawable()
        self.page.evaluate(ANSWERS)

    def changes(self, cause: str) -> list[dict[str, Any]]:
        """Return the messages about changes of a cause, without their pixels."""
        changes: list[dict[str, Any]] = self.page.evaluate("changes")
        return [message for message in changes if message["cause"] == cause]

    def answers(self) -> list[float]:
        """Return milliseconds from the end of each stroke to its answer on the screen, in the order of the strokes."""
        answers: list[float] = self.page.evaluate("answers")
        return answers

    def look_for_ink(self) -> None:
        """From now on note whether there is ink under the pen; reading a canvas slows it down."""
        self.page.evaluate(INK)

    def inked(self) -> list[tuple[bool, float]]:
        """Return of each movement of the pen whether the next frame shows it, and the milliseconds until then."""
        return [(bool(shown), float(ms)) for shown, ms in self.page.evaluate("inked")]

    def begin_frames(self) -> None:
        """Note when frames come, from now on."""
        self.page.evaluate(FRAMES)

    def frames(self) -> list[float]:
        """Return the milliseconds between frames since then, and note no more."""
        at: list[float] = self.page.evaluate(FRAMES_OVER)
        return [later - earlier for earlier, later in pairwise(at)]
