// One mirror, synchronised with the server: its state, its events, and the strokes that are being sent.

import { MirrorApi, Refusal } from "./api.js";
import { Jobs } from "./jobs.js";
import { Outbox, UnsentStrokes } from "./outbox.js";
import { waitingFor } from "./waits.js";

/** @typedef {import("./messages.js").Change} Change */
/** @typedef {import("./messages.js").State} State */
/** @typedef {import("./messages.js").StrokeRequest} StrokeRequest */

/**
 * Events: `state` (anything of `state` has changed), `opened` (the whole state was read anew), `answer` (detail: the
 * change message), `places`, `job` (detail: the message), `notice` (detail: {text, kind}), `connection`.
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
    this.closed = false;
    /** Why the server can't open the mirror at the moment. @type {string|null} */
    this.unavailable = null;
    /** What keeps strokes from being sent. @type {Error|null} */
    this.trouble = null;
    /** @type {Map<number, string>} event number of a stroke of this tab -> its client id, until its answer has come */
    this.own = new Map();
    this.answered = /** @type {Set<number>} */ (new Set()); // answers that came before their stroke was acknowledged
    this.released = /** @type {Map<string, number>} */ (new Map()); // client id -> when the pen was lifted
    this.outbox = new Outbox((trouble) => {
      this.trouble = trouble;
      this.tell("connection");
    });
    /** Messages are taken one after the other. @type {Promise<unknown>} */
    this.turn = Promise.resolve();
    /** @type {UnsentStrokes} made by `open`, as the state says of which scan */
    this.unsent;
  }

  /** @returns {number} strokes and commands that are being sent or answered */
  get underWay() {
    return this.outbox.length + Math.max(this.own.size, this.state.waiting);
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
    this.unsent = new UnsentStrokes(this.state.name, this.state.version);
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

  /** Load what a layer needs. @param {"initial"|"truth"} which */
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
    this.state = { ...state, latency: this.state.latency };
    this.tell("opened"); // may attach a viewer, which then loads the drawing itself
    if (viewer && this.state.event !== this.drawn) await this.loadCurrent();
    if (!this.state.waiting) this.dropAnswered(this.state.event);
    this.tell("state"); // fewer strokes may be under way than when it was opened
  }

  /** Nothing waits at the server: the strokes that it had by then are in the drawing. @param {number} event */
  dropAnswered(event) {
    for (const [stroke, client] of this.own) {
      if (stroke > event) continue; // has reached the server since
      this.viewer?.dropStroke(client);
      this.own.delete(stroke);
    }
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
    } else if (message.type === "places") {
      this.state.places = message.places;
      this.tell("places");
    } else if (message.type === "started") {
      await this.reload();
    } else if (message.type === "refused") {
      this.released.delete(this.own.get(message.stroke) ?? "");
      this.settle(message.stroke);
      this.notice(message.message, "problem");
    } else if (message.type === "trouble") {
      this.state.read_only = message.message;
      this.tell("state");
    } else if (message.type === "job") {
      await this.jobs.take(message);
      this.tell("job", message);
    }
  }

  /** @param {Change} change */
  async takeChange(change) {
    if (this.viewer && change.event > this.drawn) {
      try {
        await this.viewer.patch(change.region, change.png);
        this.drawn = change.event;
      } catch {
        await this.loadCurrent(); // a part that can't be shown: the whole instead
      }
    }
    const { strokes, waiting, can_undo, can_redo, can_keep, pending_refine } = change;
    Object.assign(this.state, { strokes, waiting, can_undo, can_redo, can_keep, pending_refine });
    if (change.stroke !== null) this.settle(change.stroke);
    if (!change.waiting) this.dropAnswered(change.event);
    if (change.message) this.notice(change.message);
    this.tell("state");
    this.tell("answer", change);
  }

  /** A stroke's answer is on screen, or there is none: its own line is removed. @param {number} event the stroke's number */
  settle(event) {
    const client = this.own.get(event);
    if (client === undefined) {
      this.answered.add(event);
      return;
    }
    this.own.delete(event);
    this.viewer?.dropStroke(client);
    this.measure(client);
  }

  /** From pen up to the refined picture, for whoever watches the page's speed. @param {string} client */
  measure(client) {
    const start = this.released.get(client);
    this.released.delete(client);
    if (start === undefined) return;
    requestAnimationFrame(() => {
      const { duration } = performance.measure("stroke-answered", { start, detail: client });
      this.state.latency = duration;
      this.tell("state");
    });
  }

  /**
   * Send a stroke that is on screen; tried again until the server has it.
   * @param {import("./messages.js").Stroke} stroke @param {boolean} refine
   */
  async draw(stroke, refine) {
    this.released.set(stroke.client, performance.now());
    await this.send({ ...stroke, refine });
  }

  /** @param {StrokeRequest} stroke */
  async send(stroke) {
    const { client } = stroke;
    const sent = this.outbox.push(() => this.api.draw(stroke), { untilDone: true });
    this.unsent.keep(stroke); // after the request is on its way; a browser's storage takes a moment
    try {
      const { event } = await sent;
      this.unsent.forget(client);
      this.own.set(event, client);
      const passed = event <= this.drawn && !this.state.waiting; // told while the connection was broken
      if (this.answered.delete(event) || passed) this.settle(event);
      this.tell("connection");
    } catch (error) {
      this.unsent.forget(client);
      this.released.delete(client);
      this.viewer?.dropStroke(client);
      this.notice(error.message, "problem");
    }
  }

  /** @returns {StrokeRequest[]} strokes of an earlier visit that the server has not acknowledged */
  get left() {
    return this.unsent.all();
  }

  /** @param {boolean} send them now, or drop them */
  settleLeft(send) {
    for (const stroke of this.left) {
      if (!send) {
        this.unsent.forget(stroke.client);
        continue;
      }
      this.viewer?.stroke(stroke.path_px, stroke.radius_px, stroke.sign, stroke.client);
      this.send(stroke);
    }
  }

  /** @param {import("./api.js").Command} command after the strokes @returns {Promise<boolean>} whether it was taken */
  async command(command) {
    try {
      await this.outbox.push(() => this.api.command(command));
      return true;
    } catch (error) {
      this.notice(error instanceof Refusal ? error.message : `Not done: ${error.message}`, "problem");
      return false;
    }
  }

  /** @param {number} cell looked at, and right as it is @returns {Promise<boolean>} */
  async seen(cell) {
    try {
      await this.outbox.push(() => this.api.seen(cell));
      return true;
    } catch (error) {
      this.notice(error.message, "problem");
      return false;
    }
  }
}
