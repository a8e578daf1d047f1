// Before the first stroke: the tiles are made, and the user chooses the source of the initial drawing.

import { find, findAll } from "./dom.js";

/** @typedef {import("./messages.js").Job} Job */
/** @typedef {import("./messages.js").Source} Source */

/** @type {Record<"tiles"|"start", string>} */
const JOBS = { tiles: "Preparing the picture", start: "Making the initial drawing" };

/** @param {HTMLElement} choice @returns {Source} */
const sourceOf = (choice) => /** @type {Source} */ (choice.dataset.source);

/** @param {Job} job @returns {string} how far it is, what it waits for, or why it failed */
function saysOf({ job, share, error, waits_for }) {
  if (error) return error;
  const doing = JOBS[job === "tiles" ? job : "start"];
  return waits_for ? `${doing}: waits until ${waits_for}` : `${doing}: ${Math.round(100 * share)} %`;
}

export class StartCard {
  /** @param {HTMLElement} root @param {import("./session.js").Session} session @param {AbortSignal} signal */
  constructor(root, session, signal) {
    this.root = root;
    this.session = session;
    this.choices = findAll(root, "button[data-source]", HTMLButtonElement);
    for (const choice of this.choices)
      choice.addEventListener("click", () => this.begin("start", sourceOf(choice)), { signal });
    this.part("tiles-again").addEventListener("click", () => this.begin("tiles"), { signal });
    session.addEventListener("job", () => this.render(), { signal });
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** @param {"tiles"|"start"} kind @returns {Job|undefined} what waits, runs, or has failed */
  job(kind) {
    return this.session.state.jobs.find(({ job }) => job === kind);
  }

  /** Show what is still to be done; begins to make the tiles where there are none. */
  render() {
    const { state } = this.session;
    const done = state.tiles.ready && state.started;
    this.root.hidden = done;
    if (done) return;
    if (!state.tiles.ready && !this.job("tiles")) this.begin("tiles");
    const starting = this.job("start");
    this.part("choices").hidden = state.started;
    this.part("start-title").textContent = state.started ? "One moment" : "What do you want to begin from?";
    for (const choice of this.choices) {
      choice.hidden = !state.sources.includes(sourceOf(choice));
      choice.disabled = Boolean(starting && !starting.done) || Boolean(state.read_only);
    }
    const loading = state.refines && !state.model_ready && !state.model_problem;
    this.part("model-note").textContent = state.model_problem ?? (loading ? "The model is being loaded." : "");
    this.show("tiles", state.tiles.ready ? undefined : this.job("tiles"));
    this.show("start", state.started ? undefined : starting);
  }

  /**
   * Have the tiles made, or the initial drawing; the server tells how it goes, also a page that was away.
   * @param {"tiles"|"start"} kind @param {Source} [source] of the initial drawing
   */
  async begin(kind, source) {
    const { session } = this;
    session.setJob({ job: kind, share: 0, done: false, error: null, waits_for: null });
    this.render();
    const refusal = await session.begin(source);
    if (!refusal) return;
    session.setJob({ job: kind, share: 0, done: true, error: refusal, waits_for: null });
    this.render();
  }

  /** @param {"tiles"|"start"} kind @param {Job} [job] undefined: there is none to be shown */
  show(kind, job) {
    const bar = find(this.root, `#${kind}-progress`, HTMLProgressElement);
    this.part(`${kind}-job`).hidden = !job;
    if (!job) return;
    bar.hidden = Boolean(job.error);
    bar.value = job.share;
    this.part(`${kind}-text`).textContent = saysOf(job);
    if (kind === "tiles") this.part("tiles-again").hidden = !job.error;
  }
}
