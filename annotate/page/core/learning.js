// What the models have learned from this mirror and the others: said in the panel; and the redrawing that they propose.

import { find } from "./dom.js";
import { counted } from "./status.js";

/** @typedef {import("./messages.js").Learning} Learning */
/** @typedef {import("./messages.js").Redrawing} Redrawing */

/** @param {Redrawing} redrawing @returns {string} for people */
export function changesOf({ version, proved, cells, come, go }) {
  const lines = `${counted(come, "pixel")} of line would come, ${go} would go`;
  const untried = proved ? "" : " It has not proved better yet.";
  return `${version} would change ${counted(cells.length, "place")}: ${lines}. What you drew stays.${untried}`;
}

/** @param {Learning} learning @returns {string} for people: what was learned, or what could be */
export function saysOf({ says, untaught }) {
  const offer = untaught.length ? `${counted(untaught.length, "done place")} not learned from yet.` : "";
  return [says, offer].filter(Boolean).join(" ");
}

/** The panel's part about learning, and the bar over the picture about a redrawing. */
export class LearningPanel {
  /**
   * @param {HTMLElement} root @param {import("./session.js").Session} session
   * @param {import("./places.js").PlacesPanel} places @param {AbortSignal} signal
   */
  constructor(root, session, places, signal) {
    this.root = root;
    this.session = session;
    this.places = places;
    this.hooks = places.hooks;
    this.forgetting = false; // whether the button was pressed once
    for (const change of ["learning", "job", "state", "places"])
      session.addEventListener(change, () => this.render(), { signal });
    session.addEventListener("redrawn", (event) => this.redrawn(/** @type {CustomEvent} */ (event).detail), { signal });
    this.part("forget").addEventListener("click", () => this.forget(), { signal });
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** @returns {Redrawing|null} that nobody has decided about yet */
  get redrawing() {
    return this.session.state.learning?.redrawing ?? null;
  }

  /** Learn from the place that is looked at, which is right as it is drawn, and from those that are done. */
  async learn() {
    const { session, hooks } = this;
    const { learning } = session.state;
    const { current } = this.places.places;
    if (!learning) return hooks.notices.announce("Nothing can be learned here: there is no model that learns");
    if (!hooks.mayDraw()) return;
    if (current === null && !learning.untaught.length) {
      hooks.notices.say("Go to a place first, with Next place (N), and put it right: then it can be learned from.");
      return;
    }
    await session.jobs.learn(current);
  }

  /** Decide of the redrawing. @param {"accept"|"dismiss"} word @param {boolean} here in the place looked at, and go on */
  async settle(word, here) {
    const { redrawing, hooks, session } = this;
    if (!redrawing) return hooks.notices.announce("There is no redrawing to decide about");
    if (!hooks.mayDraw()) return;
    const { current } = this.places.places;
    const { cells } = redrawing;
    if (here && (current === null || !cells.includes(current))) {
      this.places.goTo(cells[0]); // to be looked at first
      return;
    }
    const rest = here ? cells.filter((cell) => cell !== current) : [];
    if (rest.length) this.places.goTo(rest.find((cell) => cell > (current ?? 0)) ?? rest[0]);
    await session.settle(word, here ? [/** @type {number} */ (current)] : null);
  }

  /** Go back to the models as they came, at the second press. */
  async forget() {
    if (!this.hooks.mayDraw()) return;
    this.forgetting = !this.forgetting;
    this.render();
    if (!this.forgetting) await this.session.command("forget");
  }

  /** @param {import("./messages.js").Redrawn} redrawn that is on screen */
  redrawn({ cause, region }) {
    this.hooks.viewer()?.flash(region);
    this.hooks.notices.announce(cause === "undo" ? "The redrawing is undone" : "Drawn anew");
  }

  render() {
    const { state, jobs } = this.session;
    const { learning } = state;
    this.part("learning").hidden = !learning;
    this.part("redrawing").hidden = !learning?.redrawing;
    if (!learning) return;
    const job = jobs.of("learn");
    const running = Boolean(job && !job.done);
    if (!learning.learned) this.forgetting = false;
    const bar = find(this.root, "#learning-progress", HTMLProgressElement);
    bar.hidden = !running;
    bar.value = job?.share ?? 0;
    const waits = job?.waits_for ? `Waits until ${job.waits_for}` : "Learning; you can go on drawing";
    this.part("learning-says").textContent = running ? waits : (job?.error ?? saysOf(learning));
    this.part("learning-version").textContent = `Answers: ${learning.version}`;
    this.part("forget").hidden = !learning.learned;
    this.part("forget").textContent = this.forgetting ? "Really forget it" : "Back to the shipped model";
    this.part("learn").classList.toggle("offered", learning.untaught.length > 0 && !running);
    this.part("redraw").hidden = !learning.previewable || Boolean(learning.redrawing) || running;
    const { redrawing } = learning;
    if (!redrawing) return;
    this.part("redrawing-text").textContent = changesOf(redrawing);
    const { current } = this.places.places;
    const here = current !== null && redrawing.cells.includes(current);
    for (const id of ["accept-here", "dismiss-here"]) find(this.root, `#${id}`, HTMLButtonElement).disabled = !here;
  }
}
