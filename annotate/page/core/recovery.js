// A mirror that can't be drawn on now: the server is asked until it can, so that nobody has to load the page anew.

const AGAIN_MS = 3000; // each time the server tries, too

export class Recovery {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.was = false; // whether it could not be drawn on when the state was read last
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /** The state has changed: begin or end to ask. */
  watch() {
    const { session } = this;
    const is = Boolean(session.state.read_only);
    if (this.was && !is) {
      session.notice("This mirror can be drawn on again.");
      session.outbox.nudge();
    }
    this.was = is;
    this.stop();
    if (is && !session.closed) this.timer = setTimeout(() => this.ask(), AGAIN_MS);
  }

  stop() {
    clearTimeout(this.timer);
  }

  async ask() {
    const { session } = this;
    let now = session.state.read_only;
    try {
      now = (await session.api.state()).read_only;
    } catch {
      // the connection is lost; that is said elsewhere
    }
    if (session.closed) return;
    if (now === session.state.read_only) this.watch();
    else session.later(() => session.reload());
  }
}
