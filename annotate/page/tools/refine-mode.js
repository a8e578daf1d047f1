// When strokes are refined: at once, on request, or never.

import { findAll } from "../core/dom.js";
import { recall, remember } from "../core/settings.js";

/** @typedef {"now"|"request"|"never"} Mode */

export class RefineMode {
  /**
   * @param {HTMLElement} root @param {import("../core/session.js").Session} session
   * @param {AbortSignal} signal @param {() => void} onChange
   */
  constructor(root, session, signal, onChange) {
    this.session = session;
    this.radios = findAll(root, "input[name=refine]", HTMLInputElement);
    const kept = recall("refine", "now");
    for (const radio of this.radios) {
      radio.checked = radio.value === kept;
      const choose = () => {
        remember("refine", radio.value);
        onChange();
      };
      radio.addEventListener("change", choose, { signal });
    }
  }

  /** @returns {Mode} */
  get mode() {
    const chosen = this.radios.find((radio) => radio.checked)?.value;
    if (!this.session.state.refines) return "never";
    return chosen === "request" || chosen === "never" ? chosen : "now";
  }
}
