// Before the first stroke: the picture's tiles are made, and the person chooses what to begin from.

const JOBS = { tiles: "Preparing the picture", start: "Making the initial drawing" };

export class StartCard {
  /** @param {HTMLElement} root @param {import("./session.js").Session} session @param {AbortSignal} signal */
  constructor(root, session, signal) {
    this.root = root;
    this.session = session;
    this.choices = [...root.querySelectorAll("[data-source]")];
    this.running = { tiles: false, start: false };
    for (const choice of this.choices)
      choice.addEventListener("click", () => this.start(choice.dataset.source), { signal });
    root.querySelector("#tiles-again").addEventListener("click", () => this.makeTiles(), { signal });
    session.addEventListener("job", ({ detail }) => this.take(detail), { signal });
    session.addEventListener(
      "connection",
      () => {
        if (!session.connected) this.running = { tiles: false, start: false }; // who knows; the state will tell
      },
      { signal },
    );
    for (const job of Object.keys(JOBS)) this.show(job, { share: null, error: null });
  }

  /** @param {string} id */
  part(id) {
    return this.root.querySelector(`#${id}`);
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
      choice.hidden = !state.sources.includes(choice.dataset.source);
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
    if (!(await this.session.begin("tiles")))
      this.take({ job: "tiles", share: 0, done: true, error: "It could not be begun." });
  }

  /** @param {string} source */
  async start(source) {
    this.running.start = true;
    this.show("start", { share: 0, error: null });
    this.render();
    if (!(await this.session.begin("start", source)))
      this.take({ job: "start", share: 0, done: true, error: "It could not be begun." });
  }

  /** @param {{job: string, share: number, done: boolean, error: string|null}} message */
  take({ job, share, done, error }) {
    if (!(job in JOBS)) return;
    this.running[job] = !done;
    if (job === "tiles") this.failed = Boolean(error);
    this.show(job, { share: done && !error ? null : share, error });
    if (job === "tiles" && done && !error) this.session.later(() => this.session.reload());
    else this.render();
  }

  /** @param {string} job @param {{share: number|null, error: string|null}} progress null: nothing is under way */
  show(job, { share, error }) {
    const bar = this.part(`${job}-progress`);
    this.part(`${job}-job`).hidden = share === null;
    bar.hidden = Boolean(error);
    bar.value = share ?? 0;
    this.part(`${job}-text`).textContent = error ?? `${JOBS[job]}: ${Math.round(100 * (share ?? 0))} %`;
    if (job === "tiles") this.part("tiles-again").hidden = !error;
  }
}
