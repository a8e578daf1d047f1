// Strokes that the server does not take: they stay on the picture, marked, until they are sent again or discarded.

import { Refusal } from "./api.js";
import { find } from "./dom.js";
import { counted } from "./status.js";
import { uuid } from "../tools/stroke.js";

/** @typedef {import("./messages.js").StrokeRequest} StrokeRequest */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {{stroke: StrokeRequest, reason: string}} Refused */

/** The refused strokes of one mirror, with the reasons; kept in the browser like those that are still to be sent. */
export class RefusedStrokes {
  /** @param {import("./own-strokes.js").OwnStrokes} own */
  constructor(own) {
    this.own = own;
    /** As they would be sent again, by the client ids that they have on the picture. @type {Map<string, Refused>} */
    this.strokes = new Map();
  }

  get size() {
    return this.strokes.size;
  }

  /** @returns {string|undefined} why the newest was refused */
  get reason() {
    return [...this.strokes.values()].at(-1)?.reason;
  }

  /**
   * Keep one, under another name: the server may have noted this one, and would not look at it again.
   * @param {StrokeRequest} stroke @param {string} reason
   */
  add(stroke, reason) {
    const { session, unsent } = this.own;
    const again = { ...stroke, client: uuid() };
    this.strokes.set(stroke.client, { stroke: again, reason });
    unsent.keep(again);
    unsent.forget(stroke.client);
    session.viewer?.markRefused(stroke.client);
    session.tell("connection");
  }

  sendAgain() {
    for (const stroke of this.taken()) this.own.redraw(stroke);
  }

  /** Forget them. */
  discard() {
    this.taken();
    this.own.session.tell("connection");
  }

  /** @returns {StrokeRequest[]} all of them, which are no longer here nor on the picture */
  taken() {
    const all = [...this.strokes];
    this.strokes.clear();
    return all.map(([client, { stroke }]) => {
      this.own.unsent.forget(stroke.client);
      this.own.session.viewer?.dropStroke(client);
      return stroke;
    });
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
