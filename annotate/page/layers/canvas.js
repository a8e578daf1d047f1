/**
 * Canvases over the picture, and where the picture lies beneath them.
 *
 * Points are `[row, column]` in scan pixels whose centres have whole coordinates, as everywhere in this project. What
 * is drawn here counts from the edge of the first pixel instead: its centre lies at 0.5.
 */

/**
 * Where the scan lies on the canvases at this moment. Device pixel = left + factor * (scan column + 0.5).
 *
 * @typedef {object} Frame
 * @property {number} width, of the canvases in device pixels
 * @property {number} height
 * @property {number} ratio device pixels a CSS pixel
 * @property {number} factor device pixels a scan pixel
 * @property {number} left device pixels from the canvas's left edge to the scan's
 * @property {number} top
 */

/** @typedef {import("../core/messages.js").Region} Region */
/** @typedef {[x: number, y: number, width: number, height: number]} Box in device pixels */

/**
 * Where a region lies on the canvases.
 *
 * @param {Region} region in model pixels
 * @param {number} scale model pixels a scan pixel
 * @param {Frame} frame
 * @returns {Box}
 */
export function onScreen([top, left, height, width], scale, frame) {
  const step = frame.factor / scale;
  return [frame.left + left * step, frame.top + top * step, width * step, height * step];
}

/** A canvas as large as the picture's element, in device pixels, drawn by a function of context and frame. */
export class CanvasLayer {
  /**
   * @param {HTMLElement} parent
   * @param {string} name the canvas's `data-canvas`
   * @param {(context: CanvasRenderingContext2D, frame: Frame) => void} draw on a cleared canvas
   */
  constructor(parent, name, draw) {
    this.canvas = document.createElement("canvas");
    this.canvas.dataset.canvas = name;
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas.style, { position: "absolute", left: "0", top: "0", pointerEvents: "none" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.draw = draw;
    this.shown = true;
    parent.append(this.canvas);
    this.setOpacity(1);
  }

  /** @param {number} opacity in [0, 1]; at 0 it is not drawn at all */
  setOpacity(opacity) {
    this.shown = opacity > 0;
    this.canvas.style.display = this.shown ? "block" : "none";
    this.canvas.style.opacity = String(opacity);
  }

  /** @param {Frame} frame */
  redraw(frame) {
    if (!this.shown) return;
    this.fit(frame);
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, frame.width, frame.height);
    this.draw(this.context, frame);
  }

  /** Give the canvas the frame's size. @param {Frame} frame */
  fit({ width, height, ratio }) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.style.width = `${width / ratio}px`;
    canvas.style.height = `${height / ratio}px`;
  }
}
