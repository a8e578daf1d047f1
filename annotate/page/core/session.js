// One mirror, synchronised with the server: its state, its events, and the strokes that are being sent.

import { MirrorApi, Refusal } from "./api.js";
import { Jobs } from "./jobs.js";
import { Outbox } from "./outbox.js";
import { OwnStrokes } from "./own-strokes.js";
import { Recovery } from "./recovery.js";
import { waitingFor } from "./waits.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./messages.js").State} State */

const SETTLED_MS = 2000; // after a change, until a redrawing is loaded anew

/**
 * Events: `state` (anything of `state` has changed), `opened` (the whole state was read anew), `answer` (detail: the
 * change message), `redrawn` (likewise), `learning`, `places`, `marked` (detail: the message, and whether this tab asked for it), `job` (detail: the
 * message), `notice` (detail: {text, kind}), `connection`.
 */
export class Session extends EventTarget {
  /** @param {string} name */
  constructor(name) {
    super();
    this.api = new MirrorApi(name);
    this.state = /** @type {State} */ (/** @type {unknown} */ (null)); // until it was read
    this.jobs = new Jobs(this);
    /** @type {import("../layers/viewer.js").Viewer|null} */
    this.viewer = null;
    this.drawn = -1; // number of the last event that the drawing on screen includes
    this.connected = true;
    this.asked = false; // whether this tab waits for what its last undo or redo came to
    this.closed = false;
    /** Why the server can't open the mirror at the moment. @type {string|null} */
    this.unavailable = null;
    /** What keeps strokes from being sent. @type {Error|null} */
    this.trouble = null;
    this.own = new OwnStrokes(this);
    this.recovery = new Recovery(this);
    this.outbox = new Outbox((trouble) => {
      this.trouble = trouble;
      this.tell("connection");
    });
    /** Messages are taken one after the other. @type {Promise<unknown>} */
    this.turn = Promise.resolve();
  }

  /** @returns {number} strokes and commands that are being sent or answered */
  get underWay() {
    return this.outbox.length + Math.max(this.own.unanswered.size, this.state.waiting);
  }

  /** @param {string} type @param {unknown} [detail] */
  tell(type, detail = undefined) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} text @param {"info"|"problem"} [kind] */
  notice(text, kind = "info") {
    this.tell("notice", { text, kind });
  }

  /** Read the state and begin to listen. */
  async open() {
    this.state = await this.api.state();
    if (this.closed) return; // left while it was opened: nobody would end the stream
    this.own.open(this.state.name, this.state.version);
    this.recovery.watch();
    this.tell("opened");
    this.stopListening = this.api.listen(
      (message) => this.later(() => this.take(message)),
      (connected) => this.connection(connected),
    );
  }

  close() {
    this.closed = true;
    this.stopListening?.();
    this.outbox.close();
    this.recovery.stop();
    this.viewer = null;
  }

  /** @param {() => unknown} work after all that is under way */
  later(work) {
    this.turn = this.turn.then(work).catch((error) => this.notice(error.message, "problem"));
    return this.turn;
  }

  /** @param {boolean} connected */
  connection(connected) {
    const was = this.connected;
    this.connected = connected;
    if (connected) this.outbox.nudge();
    if (was !== connected) this.tell("connection");
  }

  /**
   * Show the drawing in a viewer, and every change from now on.
   * @param {import("../layers/viewer.js").Viewer} viewer
   * @returns {Promise<void>} the current drawing is on screen; the initial one follows
   */
  async attach(viewer) {
    this.viewer = viewer;
    await this.later(() => this.loadCurrent());
    this.load("initial");
  }

  async loadCurrent() {
    const { viewer } = this;
    if (!viewer) return;
    this.drawn = await waitingFor("loading the drawing", viewer.loadDrawing("current", this.api.drawingUrl("current")));
  }

  /** Load what a layer needs. @param {"initial"|"truth"|"proposed"} which */
  async load(which) {
    try {
      await this.viewer?.loadDrawing(which, this.api.drawingUrl(which));
    } catch (error) {
      this.notice(error.message, "problem");
    }
  }

  /** Read the state anew. */
  async reload() {
    await this.renew(await this.api.state());
  }

  /** Take a state of the server, and load the drawing where it is not the one on screen. @param {State} state */
  async renew(state) {
    const { viewer } = this;
    if (state.version !== this.state.version) {
      location.reload(); // another scan: nothing that is on screen is of it
      return;
    }
    const before = this.state.learning?.redrawing;
    this.state = { ...state, latency: this.state.latency };
    if (state.learning) this.takeLearning(state.learning, before);
    this.recovery.watch();
    this.tell("opened"); // may attach a viewer, which then loads the drawing itself
    if (viewer && this.state.event !== this.drawn) await this.loadCurrent();
    this.own.dropRefused(this.state.refused);
    if (!this.state.waiting) this.own.dropAnswered(this.state.event);
    this.tell("state"); // fewer strokes may be under way than when it was opened
  }

  /** @param {import("./messages.js").Message} message of the server */
  async take(message) {
    if (message.type === "hello") {
      this.unavailable = null;
      this.connection(true);
      await this.renew(message.state);
    } else if (message.type === "unavailable") {
      this.unavailable = message.message;
      this.connection(false);
    } else if (message.type === "change") {
      await this.takeChange(message);
    } else if (message.type === "marked") {
      this.takeMark(message);
    } else if (message.type === "redrawn") {
      await this.takeRedrawn(message);
    } else if (message.type === "learning") {
      this.takeLearning(message.learning);
    } else if (message.type === "places") {
      this.state.places = message.places;
      this.tell("places");
    } else if (message.type === "started") {
      await this.reload();
    } else if (message.type === "refused") {
      this.own.refuse(message.stroke, message.message);
    } else if (message.type === "trouble") {
      this.state.read_only = message.message;
      this.recovery.watch();
      this.tell("state");
    } else if (message.type === "recovered") {
      if (message.message) this.notice(message.message);
      await this.reload();
    } else if (message.type === "job") {
      await this.jobs.take(message);
      this.tell("job", message);
    }
  }

  /** Show what has changed. @param {Change|import("./messages.js").Redrawn} change */
  async patch({ event, region, png }) {
    if (!this.viewer || event <= this.drawn) return;
    try {
      await this.viewer.patch(region, png);
      this.drawn = event;
    } catch {
      await this.loadCurrent(); // a part that can't be shown: the whole instead
    }
  }

  /** @param {Change} change */
  async takeChange(change) {
    await this.patch(change);
    this.takeStanding(change);
    if (this.state.learning?.redrawing) this.redrawingChanged();
    if (change.cause === "undo" || change.cause === "redo") this.asked = false;
    if (change.stroke !== null) this.own.settle(change.stroke);
    if (!change.waiting) this.own.dropAnswered(change.event);
    if (change.message) this.notice(change.message);
    this.tell("state");
    this.tell("answer", change);
  }

  /** A redrawing was taken over, or back. @param {import("./messages.js").Redrawn} redrawn */
  async takeRedrawn(redrawn) {
    await this.patch(redrawn);
    this.takeStanding(redrawn);
    this.asked = false;
    this.tell("state");
    this.tell("redrawn", redrawn);
  }

  /** @param {import("./messages.js").Learning} learning @param {import("./messages.js").Redrawing|null} [before] */
  takeLearning(learning, before = this.state.learning?.redrawing) {
    this.state.learning = learning;
    const { redrawing } = learning;
    const other = redrawing?.version !== before?.version || String(redrawing?.cells) !== String(before?.cells);
    const asked = this.viewer && !this.viewer.supplies.unasked("redrawing").length; // else the layer asks for it
    if (redrawing && other && asked) this.load("proposed");
    this.tell("learning");
  }

  /** What a stroke pins is not drawn anew, also where the drawing is as it was: the server knows. */
  redrawingChanged() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => !this.closed && this.state.learning?.redrawing && this.load("proposed"), SETTLED_MS);
  }

  /** A place was marked; the drawing is as it was. @param {import("./messages.js").Marked} mark */
  takeMark(mark) {
    if (this.drawn >= 0) this.drawn = Math.max(this.drawn, mark.event);
    this.takeStanding(mark);
    const own = this.asked && mark.cause !== "seen";
    if (own) this.asked = false;
    this.tell("state");
    this.tell("marked", { ...mark, own });
  }

  /** @param {import("./messages.js").Standing} standing of the server */
  takeStanding({ strokes, waiting, can_undo, can_redo, can_keep, pending_refine, off_object }) {
    Object.assign(this.state, { strokes, waiting, can_undo, can_redo, can_keep, pending_refine, off_object });
  }

  /** @param {import("./api.js").Command} command after the strokes @returns {Promise<boolean>} whether it was taken */
  async command(command) {
    this.asked = command === "undo" || command === "redo";
    try {
      await this.outbox.push(() => this.api.command(command));
      return true;
    } catch (error) {
      this.asked = false;
      this.notice(error instanceof Refusal ? error.message : `Not done: ${error.message}`, "problem");
      return false;
    }
  }

  /** Decide of a redrawing. @param {"accept"|"dismiss"} word @param {number[]|null} cells null: all of it */
  async settle(word, cells) {
    try {
      await this.outbox.push(() => this.api.settle(word, cells));
    } catch (error) {
      this.notice(error.message, "problem");
    }
  }

  /** @param {number} cell @param {boolean} [right] whether it looks right */
  async seen(cell, right = true) {
    try {
      await this.outbox.push(() => this.api.seen(cell, right));
    } catch (error) {
      this.notice(error.message, "problem");
      this.later(() => this.reload()); // the page has shown it already
    }
  }
}
