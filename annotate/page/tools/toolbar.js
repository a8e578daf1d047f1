// The state of the pen: tool, width, straight or free, and inverted while a key is held.

import { find, findAll } from "../core/dom.js";
import { recall, remember } from "../core/settings.js";

/** @typedef {"add"|"erase"|"pan"|"measure"} Tool */

/**
 * @typedef {object} Choices
 * @property {Tool} tool
 * @property {boolean} straight
 * @property {boolean} flipped add for erase, and erase for add
 * @property {boolean} hand the picture is moved, whatever the tool
 * @property {number} width
 * @property {boolean} fingers
 */

/** @type {Tool[]} */
const TOOLS = ["add", "erase", "pan", "measure"];
const KEPT = /** @type {const} */ (["tool", "straight", "fingers"]); // beside the width
const STEP = 1.15; // a key press makes the pen that much wider
const NARROWEST_PX = 1; // scan pixels, a pen's radius
const WIDEST = 8; // times the width of a usual line

export class Tools extends EventTarget {
  /**
   * @param {number} radius_px of a usual line of this mirror, scan pixels
   * @param {number|null} pixels_per_mm of the scan; null: widths are given in pixels
   */
  constructor(radius_px, pixels_per_mm) {
    super();
    /** @type {Tool} */
    this.tool = TOOLS.find((tool) => tool === recall("tool", "add")) ?? "add";
    this.straight = recall("straight", false);
    this.flipped = false;
    this.hand = false; // Space is held
    this.unit = pixels_per_mm ? "mm" : "px";
    this.pixels = pixels_per_mm ?? 1; // scan pixels a unit of width
    this.usual = (2 * radius_px) / this.pixels;
    this.least = (2 * NARROWEST_PX) / this.pixels;
    this.most = WIDEST * this.usual;
    this.width = this.bounded(recall(`width.${this.unit}`, this.usual));
    this.fingers = recall("fingers", false);
  }

  /** @param {number} width */
  bounded(width) {
    return Math.min(this.most, Math.max(this.least, width));
  }

  /** @param {Partial<Choices>} values */
  set(values) {
    Object.assign(this, values);
    if ("width" in values) {
      this.width = this.bounded(this.width);
      remember(`width.${this.unit}`, this.width);
    }
    for (const name of KEPT) if (name in values) remember(name, this[name]);
    this.dispatchEvent(new Event("change"));
  }

  thicker() {
    this.set({ width: this.width * STEP });
  }

  thinner() {
    this.set({ width: this.width / STEP });
  }

  /** @returns {number} the pen's radius, scan pixels */
  get radius_px() {
    return (this.width * this.pixels) / 2;
  }

  /** @param {boolean} [flip] by the right button or a pen's other end @returns {1|-1} what a stroke would be */
  sign(flip = false) {
    return (this.tool === "erase") === (flip !== this.flipped) ? 1 : -1;
  }

  /** @returns {string} the width for people */
  get says() {
    return this.unit === "mm" ? `${this.width.toFixed(2)} mm` : `${this.width.toFixed(1)} px`;
  }

  get draws() {
    return this.tool === "add" || this.tool === "erase";
  }
}

export const FINGERS = "what a finger does"; // what that notice is about

/** Say once why nothing is drawn. @param {import("../core/notices.js").Notices} notices */
export function explainFingers(notices) {
  if (recall("fingers.explained", false)) return;
  remember("fingers.explained", true);
  notices.say("Fingers move the picture. To draw with one, tick “A finger draws” in the panel.", "info", FINGERS);
}

/**
 * Tie the tools to their buttons: `[data-tool]`, `#straight`, `#width`, `#fingers`.
 * @param {Tools} tools @param {HTMLElement} root @param {AbortSignal} signal
 */
export function bindTools(tools, root, signal) {
  const buttons = findAll(root, "[data-tool]", HTMLButtonElement);
  const straight = find(root, "#straight", HTMLButtonElement);
  const width = find(root, "#width", HTMLInputElement);
  const fingers = find(root, "#fingers", HTMLInputElement);
  const show = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.tool === tools.tool));
    straight.setAttribute("aria-pressed", String(tools.straight));
    width.value = String(tools.width);
    width.setAttribute("aria-valuetext", tools.says);
    find(root, "#width-shown", HTMLElement).textContent = tools.says;
    fingers.checked = tools.fingers;
    root.dataset.sign = tools.sign() > 0 ? "add" : "erase";
  };
  width.min = String(tools.least);
  width.max = String(tools.most);
  width.step = "any";
  for (const button of buttons) {
    const tool = /** @type {Tool} */ (button.dataset.tool);
    button.addEventListener("click", () => tools.set({ tool }), { signal });
  }
  straight.addEventListener("click", () => tools.set({ straight: !tools.straight }), { signal });
  width.addEventListener("input", () => tools.set({ width: Number(width.value) }), { signal });
  fingers.addEventListener("change", () => tools.set({ fingers: fingers.checked }), { signal });
  tools.addEventListener("change", show, { signal });
  show();
}
