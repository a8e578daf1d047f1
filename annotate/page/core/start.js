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
      choice.addEventListener("click", () => session.jobs.begin("start", sourceOf(choice)), { signal });
    this.part("tiles-again").addEventListener("click", () => session.jobs.begin("tiles"), { signal });
    for (const change of ["job", "state"]) session.addEventListener(change, () => this.render(), { signal });
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** Show what is still to be done; begins to make the tiles where there are none. */
  render() {
    const { state, jobs } = this.session;
    const done = state.tiles.ready && state.started;
    this.root.hidden = done;
    if (done) return;
    if (!state.tiles.ready && !jobs.of("tiles")) jobs.begin("tiles");
    const starting = jobs.of("start");
    this.part("choices").hidden = state.started;
    this.part("start-title").textContent = state.started ? "One moment" : "What do you want to begin from?";
    for (const choice of this.choices) {
      choice.hidden = !state.sources.includes(sourceOf(choice));
      choice.disabled = Boolean(starting && !starting.done) || Boolean(state.read_only);
    }
    const loading = state.refines && !state.model_ready && !state.model_problem;
    this.part("model-note").textContent = state.model_problem ?? (loading ? "The model is being loaded." : "");
    this.show("tiles", state.tiles.ready ? undefined : jobs.of("tiles"));
    this.show("start", state.started ? undefined : starting);
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
