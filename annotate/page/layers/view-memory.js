/** What was in view last, and which place was looked at: this browser keeps it for each mirror. */

import { recall, remember } from "../core/settings.js";

/** @typedef {import("../core/messages.js").Point} Point */
/** @typedef {{centre: Point, zoom: number}} View centre in scan pixels; CSS pixels a scan pixel */

const PAUSE_MS = 300; // after the last move, before it is kept

export class ViewMemory {
  /**
   * @param {import("./viewer.js").Viewer} viewer that can be moved
   * @param {AbortSignal} signal ends it, and keeps what is in view then
   */
  constructor(viewer, signal) {
    this.viewer = viewer;
    this.name = `view.${viewer.state.name}`;
    this.placeName = `place.${viewer.state.name}`;
    this.restore();
    let timer = 0;
    viewer.onMove(() => {
      clearTimeout(timer);
      timer = window.setTimeout(() => this.keep(), PAUSE_MS);
    });
    window.addEventListener("pagehide", () => this.keep(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      this.keep();
    });
  }

  /** A whole mirror in view is no view to keep: in another window it would not be whole. */
  keep() {
    const { camera, state } = this.viewer;
    remember(this.name, camera.isHome ? null : { shape: state.shape, ...camera.view });
    remember(this.placeName, this.viewer.looked);
  }

  /** @returns {number | null} index of the place that was looked at last, of those that there are */
  get place() {
    const kept = recall(this.placeName, /** @type {any} */ (null));
    return this.viewer.state.places?.grid[kept] ? kept : null;
  }

  restore() {
    const { camera, state } = this.viewer;
    const kept = recall(this.name, /** @type {unknown} */ (null));
    if (isViewOf(kept, state.shape)) camera.show(kept);
  }
}

/** @param {any} kept @param {[number, number]} shape of the scan @returns {kept is View} whether it shows some of it */
function isViewOf(kept, shape) {
  const { centre, zoom } = kept ?? {};
  if (!Array.isArray(centre) || ![zoom, ...centre].every(Number.isFinite) || zoom <= 0) return false;
  const isSame = JSON.stringify(kept.shape) === JSON.stringify(shape);
  return isSame && shape.every((length, axis) => centre[axis] >= 0 && centre[axis] <= length);
}
