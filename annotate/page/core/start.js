// Before the first stroke: the tiles are made, and the user chooses the source of the initial drawing, by a small
// picture of each where the server has drawn them.

import { previewUrl } from "./api.js";
import { find, findAll } from "./dom.js";
import { ShownLines } from "./shown-lines.js";

/** @typedef {import("./messages.js").Job} Job */
/** @typedef {import("./messages.js").Source} Source */

/** @typedef {"tiles"|"previews"|"start"|"showing"} Kind of the jobs that the card shows */

/** @type {Record<Kind, string>} */
const JOBS = {
  tiles: "Preparing the picture",
  previews: "Drawing what you can choose from",
  start: "Making the initial drawing",
  showing: "Preparing all images anew",
};

/** @param {HTMLElement} choice @returns {Source} */
const sourceOf = (choice) => /** @type {Source} */ (choice.dataset.source);

/** @param {Job} job @returns {string} how far it is, what it waits for, or why it failed */
function saysOf({ job, share, error, waits_for }) {
  if (error) return error;
  const doing = JOBS[/** @type {Kind} */ (job)];
  return waits_for ? `${doing}: waits until ${waits_for}` : `${doing}: ${Math.round(100 * share)} %`;
}

export class StartCard {
  /** @param {HTMLElement} root @param {import("./session.js").Session} session @param {AbortSignal} signal */
  constructor(root, session, signal) {
    this.root = root;
    this.session = session;
    this.previewed = false; // whether the pictures were asked for: once, as somebody may have chosen meanwhile
    this.choices = findAll(root, "button[data-source]", HTMLButtonElement);
    for (const choice of this.choices) find(choice, "img", HTMLImageElement).hidden = true; // of another mirror
    for (const choice of this.choices)
      choice.addEventListener("click", () => session.jobs.begin("start", sourceOf(choice)), { signal });
    this.lines = new ShownLines(root, session, signal);
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
    const preparing = jobs.of("showing");
    const busy = [starting, preparing].some((job) => job && !job.done);
    this.lines.render(busy);
    this.part("choices").hidden = state.started || this.lines.opened;
    const asks = this.lines.opened ? "How wide are the lines?" : "What do you want to begin from?";
    this.part("start-title").textContent = state.started ? "One moment" : asks;
    for (const choice of this.choices) {
      choice.hidden = !state.sources.includes(sourceOf(choice));
      choice.disabled = busy || Boolean(state.read_only);
      this.picture(choice);
    }
    const loading = state.refines && !state.model_ready && !state.model_problem;
    this.part("model-note").textContent = state.model_problem ?? (loading ? "The model is being loaded." : "");
    this.show("tiles", state.tiles.ready ? undefined : jobs.of("tiles"));
    this.show("start", state.started ? undefined : starting);
    this.show("showing", state.started ? undefined : preparing);
    this.show("previews", state.started || busy ? undefined : jobs.of("previews"));
    if (state.tiles.ready && !state.started && !loading && !busy) this.askForPictures();
  }

  /** Have drawn what can be begun from, unless that was done. */
  askForPictures() {
    const { state, jobs } = this.session;
    if (this.previewed || state.previews.length || jobs.of("previews")) return;
    this.previewed = true;
    jobs.begin("previews");
  }

  /** Show a choice's picture, where the server has one. @param {HTMLButtonElement} choice */
  picture(choice) {
    const { state } = this.session;
    const image = find(choice, "img", HTMLImageElement);
    if (!image.hidden || !state.previews.includes(sourceOf(choice))) return;
    image.src = previewUrl(state.name, sourceOf(choice));
    image.hidden = false;
  }

  /** @param {Kind} kind @param {Job} [job] undefined: there is none to be shown */
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
