// The long tasks of a mirror on the server: those that wait or run, and those that failed, as the state has them.

/** @typedef {import("./messages.js").Job} Job */
/** @typedef {import("./messages.js").JobKind} JobKind */

export class Jobs {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {JobKind} kind @returns {Job|undefined} what waits, runs, or has failed */
  of(kind) {
    return this.session.state.jobs.find(({ job }) => job === kind);
  }

  /** Keep where one stands. @param {Job} job */
  set(job) {
    const { state } = this.session;
    const others = state.jobs.filter((other) => other.job !== job.job);
    state.jobs = job.done && !job.error ? others : [...others, job];
  }

  /** What a task has made is part of the state. @param {Job} job a message of the server */
  async take(job) {
    this.set(job);
    if ((job.job === "model" || job.job === "previews") && job.done) await this.readModel();
    if (job.job === "tiles" && job.done && !job.error) await this.session.reload();
  }

  /** The models have been loaded, or can't be, or have drawn: the rest of the state stays as it is. */
  async readModel() {
    const { api, state } = this.session;
    const { refines, model_ready, model_problem, sources, previews } = await api.state();
    Object.assign(state, { refines, model_ready, model_problem, sources, previews });
    this.session.tell("state");
  }

  /** Have the models learn. @param {number|null} cell from which, beside the places that are done */
  async learn(cell) {
    const { session } = this;
    try {
      await session.outbox.push(() => session.api.learn(cell));
    } catch (error) {
      session.notice(error.message, "problem");
    }
  }

  /**
   * Have the tiles made, what can be begun from, or the initial drawing; the server tells how it goes, also a page that was away.
   * @param {"tiles"|"previews"|"start"} kind @param {import("./messages.js").Source} [source] of the initial drawing
   */
  async begin(kind, source) {
    const { api } = this.session;
    /** @param {Partial<Job>} stands */
    const say = (stands) => {
      this.set({ job: kind, share: 0, done: false, error: null, waits_for: null, ...stands });
      this.session.tell("state");
    };
    say({});
    try {
      if (source) await api.start(source);
      else await (kind === "tiles" ? api.makeTiles() : api.drawPreviews());
    } catch (error) {
      say({ done: true, error: error.message });
    }
  }
}
