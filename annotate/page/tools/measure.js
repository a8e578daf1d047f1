// Measuring: two ends, the distance between them in millimetres.

/** @typedef {import("../core/messages.js").Point} Point */

/** @param {Point} from @param {Point} to @returns {number} scan pixels between them */
export const lengthOf = (from, to) => Math.hypot(to[0] - from[0], to[1] - from[1]);

/** @param {number} length_px scan pixels @param {number|null} pixels_per_mm @returns {string} for people */
export function says(length_px, pixels_per_mm) {
  const pixels = `${Math.round(length_px)} px`;
  return pixels_per_mm ? `${(length_px / pixels_per_mm).toFixed(2)} mm (${pixels})` : pixels;
}

export class Measure {
  /**
   * @param {import("../layers/viewer.js").Viewer} viewer @param {number|null} pixels_per_mm
   * @param {HTMLElement} label shows the length
   */
  constructor(viewer, pixels_per_mm, label) {
    this.viewer = viewer;
    this.pixels_per_mm = pixels_per_mm;
    this.label = label;
    /** @type {Point|null} */
    this.from = null;
  }

  /** @param {Point} point */
  begin(point) {
    this.clear();
    this.from = point;
  }

  /** @param {Point} point */
  move(point) {
    if (!this.from) return;
    const text = says(lengthOf(this.from, point), this.pixels_per_mm);
    this.viewer.mark([this.from, point], text);
    this.label.textContent = text;
  }

  /** @returns {string} what was measured, "" where the ends are the same */
  end() {
    return this.label.textContent;
  }

  clear() {
    this.viewer.mark([]);
    this.label.textContent = "";
  }
}
