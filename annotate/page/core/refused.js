// Strokes that the server does not take: they stay on the picture, marked, until they are sent again or discarded.

import { Refusal } from "./api.js";
import { find } from "./dom.js";
import { counted } from "./status.js";
import { uuid } from "../tools/stroke.js";

/** @typedef {import("./messages.js").StrokeRequest} StrokeRequest */
/** @typedef {import("./session.js").Session} Session */

/** The refused strokes of one mirror, with the reasons; kept in the browser like those that are still to be sent. */
export class RefusedStrokes {
  /** @param {import("./own-strokes.js").OwnStrokes} own */
  constructor(own) {
    this.own = own;
    /** @type {Map<string, {stroke: StrokeRequest, reason: string}>} by the strokes' client ids */
    this.strokes = new Map();
  }

  get size() {
    return this.strokes.size;
  }

  /** @returns {string|undefined} why the newest was refused */
  get reason() {
    return [...this.strokes.values()].at(-1)?.reason;
  }

  /** @param {StrokeRequest} stroke @param {string} reason */
  add(stroke, reason) {
    const { session, unsent } = this.own;
    this.strokes.set(stroke.client, { stroke, reason });
    unsent.keep(stroke);
    session.viewer?.markRefused(stroke.client);
    session.tell("connection");
  }

  /** Send them again, under other names: the server may have noted the ones that it refused. */
  sendAgain() {
    for (const { stroke } of this.taken()) this.own.redraw({ ...stroke, client: uuid() });
  }

  /** Forget them. */
  discard() {
    this.taken();
    this.own.session.tell("connection");
  }

  /** @returns {{stroke: StrokeRequest, reason: string}[]} all of them, which are no longer here nor on the picture */
  taken() {
    const all = [...this.strokes.values()];
    this.strokes.clear();
    for (const { stroke } of all) {
      this.own.unsent.forget(stroke.client);
      this.own.session.viewer?.dropStroke(stroke.client);
    }
    return all;
  }
}

/**
 * The banner that says which strokes are not taken, why, and what can be done.
 * @param {HTMLElement} root @param {Session} session @param {AbortSignal} signal
 */
export function bindRefused(root, session, signal) {
  const banner = find(root, "#refused", HTMLElement);
  const text = find(root, "#refused-text", HTMLElement);
  const render = () => {
    const { outbox, trouble, state } = session;
    const { refused } = session.own;
    const held = trouble instanceof Refusal && !state.read_only ? outbox.strokes : 0; // the other banner says the rest
    const count = refused.size + held;
    banner.hidden = !count;
    const reason = (refused.reason ?? trouble?.message ?? "").replace(/[^.?!]$/, "$&.");
    text.textContent = count ? `${counted(count, "stroke")} not taken by the server: ${reason}` : "";
  };
  find(root, "#send-refused", HTMLElement).addEventListener(
    "click",
    () => {
      session.own.refused.sendAgain();
      session.outbox.nudge();
    },
    { signal },
  );
  find(root, "#drop-refused", HTMLElement).addEventListener(
    "click",
    () => {
      session.own.refused.discard();
      if (session.trouble instanceof Refusal) session.outbox.giveUp();
    },
    { signal },
  );
  session.addEventListener("connection", render, { signal });
  session.addEventListener("state", render, { signal });
  render();
}
