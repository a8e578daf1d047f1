// The first minute: three lines on the picture say what to do, until somebody draws in this browser for the first time.

import { recall, remember } from "./settings.js";

const DRAWN = "drawn"; // the setting: a stroke was drawn in this browser

export class FirstLines {
  /** @param {HTMLElement} element @param {import("./session.js").Session} session */
  constructor(element, session) {
    this.element = element;
    element.hidden = session.state.strokes > 0 || recall(DRAWN, false);
  }

  /** A stroke begins: whoever draws knows how. */
  drawn() {
    if (!recall(DRAWN, false)) remember(DRAWN, true);
    this.element.hidden = true;
  }
}
