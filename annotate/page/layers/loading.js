/** Loads what the layers that are switched on are made of, and has the panel say what is not here, and why. */

import { isDrawing } from "./supplies.js";

/** @typedef {import("./supplies.js").Which} Which */

export class LayerLoading {
  /** Whether the current drawing has come, or failed: it is loaded first. */
  #begun = false;

  /**
   * @param {import("./panel.js").LayerPanel} panel
   * @param {import("./viewer.js").Viewer} viewer
   * @param {import("../core/session.js").Session} session
   */
  constructor(panel, viewer, session) {
    this.panel = panel;
    this.viewer = viewer;
    this.session = session;
    viewer.supplies.addEventListener("change", () => this.say());
  }

  /** The current drawing has come, or failed: the others may follow. */
  begin() {
    this.#begun = true;
    for (const name of this.panel.shown) this.supply(name);
  }

  /** Load what a layer needs and nobody has asked for; a truth is large and seldom wanted. @param {string} name */
  supply(name) {
    if (this.#begun) for (const part of this.viewer.supplies.unasked(name)) this.#load(part);
    this.say();
  }

  /** Load again what could not be loaded. @param {string} name of a layer */
  again(name) {
    for (const part of this.viewer.supplies.failed(name)) {
      if (isDrawing(part)) this.#load(part);
      else this.viewer.reloadTiles(part);
    }
  }

  /** The server can be reached again. */
  reconnected() {
    for (const name of this.panel.shown) this.again(name);
  }

  say() {
    this.panel.showLacks((name) => this.viewer.supplies.lack(name));
  }

  /** @param {Which} part */
  #load(part) {
    const { session } = this;
    if (part === "current") session.later(() => session.loadCurrent());
    else session.load(part);
  }
}
