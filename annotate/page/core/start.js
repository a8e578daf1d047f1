// Before the first stroke: the tiles are made, and the user chooses the source of the initial drawing.

import { find, findAll } from "./dom.js";

/** @typedef {import("./messages.js").Job} Job */
/** @typedef {import("./messages.js").Source} Source */

/** @type {Record<"tiles"|"start", string>} */
const JOBS = { tiles: "Preparing the picture", start: "Making the initial drawing" };

/** @param {HTMLElement} choice @returns {Source} */
const sourceOf = (choice) => /** @type {Source} */ (choice.dataset.source);

export class StartCard {
  /** @param {HTMLElement} root @param {import("./session.js").Session} session @param {AbortSignal} signal */
  constructor(root, session, signal) {
    this.root = root;
    this.session = session;
    this.choices = findAll(root, "button[data-source]", HTMLButtonElement);
    this.running = { tiles: false, start: false };
    this.failed = false; // the making of tiles
    for (const choice of this.choices) choice.addEventListener("click", () => this.start(sourceOf(choice)), { signal });
    this.part("tiles-again").addEventListener("click", () => this.makeTiles(), { signal });
    session.addEventListener("job", (/** @type {any} */ { detail }) => this.take(detail), { signal });
    session.addEventListener(
      "connection",
      () => {
        if (!session.connected) this.running = { tiles: false, start: false }; // who knows; the state will tell
      },
      { signal },
    );
    this.show("tiles", { share: null, error: null });
    this.show("start", { share: null, error: null });
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** Show what is still to be done; begins to make the tiles where there are none. */
  render() {
    const { state } = this.session;
    const done = state.tiles.ready && state.started;
    this.root.hidden = done;
    if (done) return;
    this.part("choices").hidden = state.started;
    this.part("start-title").textContent = state.started ? "One moment" : "What do you want to begin from?";
    for (const choice of this.choices) {
      choice.hidden = !state.sources.includes(sourceOf(choice));
      choice.disabled = this.running.start || Boolean(state.read_only);
    }
    const loading = state.refines && !state.model_ready && !state.model_problem;
    this.part("model-note").textContent = state.model_problem ?? (loading ? "The model is being loaded." : "");
    if (!state.tiles.ready && !this.running.tiles && !this.failed) this.makeTiles();
  }

  async makeTiles() {
    this.failed = false;
    this.running.tiles = true;
    this.show("tiles", { share: 0, error: null });
    if (!(await this.session.begin()))
      this.take({ job: "tiles", share: 0, done: true, error: "It could not be begun." });
  }

  /** @param {Source} source */
  async start(source) {
    this.running.start = true;
    this.show("start", { share: 0, error: null });
    this.render();
    if (!(await this.session.begin(source)))
      this.take({ job: "start", share: 0, done: true, error: "It could not be begun." });
  }

  /** @param {Job} message */
  take({ job, share, done, error }) {
    if (job !== "tiles" && job !== "start") return;
    this.running[job] = !done;
    if (job === "tiles") this.failed = Boolean(error);
    this.show(job, { share: done && !error ? null : share, error });
    if (job === "tiles" && done && !error) this.session.later(() => this.session.reload());
    else this.render();
  }

  /**
   * @param {"tiles"|"start"} job
   * @param {{share: number|null, error: string|null}} progress null: nothing is under way
   */
  show(job, { share, error }) {
    const bar = find(this.root, `#${job}-progress`, HTMLProgressElement);
    this.part(`${job}-job`).hidden = share === null;
    bar.hidden = Boolean(error);
    bar.value = share ?? 0;
    this.part(`${job}-text`).textContent = error ?? `${JOBS[job]}: ${Math.round(100 * (share ?? 0))} %`;
    if (job === "tiles") this.part("tiles-again").hidden = !error;
  }
}
