// The first minute: three lines on the picture say what to do, until somebody draws in this browser for the first time.

import { find } from "./dom.js";
import { recall, remember } from "./settings.js";

const DRAWN = "drawn"; // the setting: a stroke was drawn in this browser

export class FirstLines {
  /** @param {HTMLElement} element @param {import("./session.js").Session} session */
  constructor(element, session) {
    this.element = element;
    const { strokes, read_only } = session.state;
    element.hidden = strokes > 0 || Boolean(read_only) || recall(DRAWN, false);
  }

  /** @returns {boolean} whether they say at this moment what a finger does */
  get tellFingers() {
    return find(this.element, ".by-touch", HTMLElement).checkVisibility();
  }

  /** A stroke begins: whoever draws knows how. */
  drawn() {
    if (!recall(DRAWN, false)) remember(DRAWN, true);
    this.element.hidden = true;
  }
}
