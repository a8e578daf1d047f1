// The strokes of this tab: sent until the server has them, on the picture as they were drawn until they are answered.

import { GivenUp, UnsentStrokes } from "./outbox.js";
import { RefusedStrokes } from "./refused.js";

/** @typedef {import("./messages.js").StrokeRequest} StrokeRequest */

export class OwnStrokes {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.refused = new RefusedStrokes(this);
    /** @type {Map<number, StrokeRequest>} by the number of their events, until their answers have come */
    this.unanswered = new Map();
    /**
     * Answers that came before their stroke was acknowledged: why it was refused, or null.
     * @type {Map<number, string|null>}
     */
    this.early = new Map();
    this.released = /** @type {Map<string, number>} */ (new Map()); // client id -> when the pen was lifted
    /** @type {UnsentStrokes} made by `open`, as the state says of which scan */
    this.unsent;
  }

  /** @param {string} mirror @param {string} version which scan it is */
  open(mirror, version) {
    this.unsent = new UnsentStrokes(mirror, version);
  }

  /** @returns {number} strokes that are being sent or answered, of any tab */
  get underWay() {
    const { outbox, state } = this.session;
    return outbox.strokes + Math.max(this.unanswered.size, state.waiting);
  }

  /**
   * Send a stroke that is on screen; tried again until the server has it.
   * @param {import("./messages.js").Stroke} stroke @param {boolean} refine
   */
  async draw(stroke, refine) {
    this.released.set(stroke.client, performance.now());
    await this.send({ ...stroke, refine });
  }

  /** Show a stroke of earlier, and send it. @param {StrokeRequest} stroke */
  redraw(stroke) {
    this.session.viewer?.stroke(stroke.path_px, stroke.radius_px, stroke.sign, stroke.client);
    this.send(stroke);
  }

  /** @param {StrokeRequest} stroke */
  async send(stroke) {
    const { session, unsent } = this;
    const { client } = stroke;
    const sent = session.outbox.push(() => session.api.draw(stroke), { untilDone: true });
    unsent.keep(stroke); // after the request is on its way; a browser's storage takes a moment
    try {
      const { event } = await sent;
      unsent.forget(client);
      this.unanswered.set(event, stroke);
      const reason = this.early.get(event) ?? session.state.refused[event];
      const passed = event <= session.drawn && !session.state.waiting; // told while the connection was broken
      if (reason) this.refuse(event, reason);
      else if (this.early.has(event) || passed) this.settle(event);
      this.early.delete(event);
      session.tell("connection");
    } catch (error) {
      this.released.delete(client);
      if (!(error instanceof GivenUp)) return this.refused.add(stroke, error.message);
      unsent.forget(client);
      session.viewer?.dropStroke(client);
    }
  }

  /** A stroke's answer is on screen: its own line is removed. @param {number} event the stroke's number */
  settle(event) {
    const stroke = this.taken(event);
    if (stroke) this.measure(stroke.client);
    else this.noteEarly(event, null);
  }

  /** A stroke was written down, and can't be answered. @param {number} event its number @param {string} reason */
  refuse(event, reason) {
    const stroke = this.unanswered.get(event);
    this.unanswered.delete(event);
    if (stroke) this.refused.add(stroke, reason);
    else this.noteEarly(event, reason);
  }

  /** Of a stroke that is still being sent, or of another tab's. @param {number} event @param {string|null} reason */
  noteEarly(event, reason) {
    if (this.session.outbox.strokes) this.early.set(event, reason);
    else this.early.clear(); // all were other tabs'
  }

  /** Strokes that were refused while this tab heard nothing. @param {Record<string, string>} reasons by their numbers */
  dropRefused(reasons) {
    for (const number of [...this.unanswered.keys()]) if (reasons[number]) this.refuse(number, reasons[number]);
  }

  /** Nothing waits at the server: the strokes that it had by then are in the drawing. @param {number} event */
  dropAnswered(event) {
    for (const number of [...this.unanswered.keys()]) if (number <= event) this.taken(number);
  }

  /** @returns {StrokeRequest[]} strokes of an earlier visit that the server has not acknowledged */
  get left() {
    return this.unsent.all();
  }

  /** @param {boolean} send them now, or drop them */
  settleLeft(send) {
    for (const stroke of this.left) {
      if (send) this.redraw(stroke);
      else this.unsent.forget(stroke.client);
    }
  }

  /** @param {number} event @returns {StrokeRequest|undefined} its stroke, no longer on the picture as it was drawn */
  taken(event) {
    const stroke = this.unanswered.get(event);
    this.unanswered.delete(event);
    if (stroke) this.session.viewer?.dropStroke(stroke.client);
    return stroke;
  }

  /** From pen up to the refined picture, for whoever watches the page's speed. @param {string} client */
  measure(client) {
    const { session } = this;
    const start = this.released.get(client);
    this.released.delete(client);
    if (start === undefined) return;
    requestAnimationFrame(() => {
      const { duration } = performance.measure("stroke-answered", { start, detail: client });
      session.state.latency = duration;
      session.tell("state");
    });
  }
}
