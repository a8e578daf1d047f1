/** The visible part of a scan: converts points between window and scan, and moves the view. */

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").Region} Region */
/** @typedef {import("../core/messages.js").Point} Point */
/** @typedef {import("../core/messages.js").State} State */

const SIDES = /** @type {const} */ (["x", "y", "width", "height"]);
const AROUND = 0.35; // of a place's size that is shown on each side of it, by `goTo`

/** Stands still until OpenSeadragon is open. */
export class Camera {
  #owed = [0, 0]; // device pixels that `panBy` has yet to move the picture, less than one

  /**
   * @param {OpenSeadragon.Viewer} osd OpenSeadragon, of which the viewport's width is the scan's
   * @param {State} state of the mirror, as the server tells it
   */
  constructor(osd, state) {
    this.osd = osd;
    this.state = state;
  }

  /** @returns {Frame} where the scan lies on the canvases now */
  get frame() {
    const { viewport } = this.osd;
    const [size, bounds] = [viewport.getContainerSize(), viewport.getBoundsNoRotate(true)];
    const ratio = window.devicePixelRatio || 1;
    const unit = (size.x / bounds.width) * ratio;
    return {
      width: Math.round(size.x * ratio),
      height: Math.round(size.y * ratio),
      ratio,
      factor: unit / this.state.shape[1],
      left: -bounds.x * unit,
      top: -bounds.y * unit,
    };
  }

  /** @param {Point} point @returns {{x: number, y: number}} CSS pixels in the element, as the view is now */
  screenOf([row, column]) {
    const { factor, left, top, ratio } = this.frame;
    return { x: (left + factor * (column + 0.5)) / ratio, y: (top + factor * (row + 0.5)) / ratio };
  }

  /** @param {{x: number, y: number}} place CSS pixels in the element @returns {Point} */
  scanOf({ x, y }) {
    const { factor, left, top, ratio } = this.frame;
    return [(y * ratio - top) / factor - 0.5, (x * ratio - left) / factor - 0.5];
  }

  /** CSS pixels a scan pixel. */
  get zoom() {
    const { factor, ratio } = this.frame;
    return factor / ratio;
  }

  /** Come to rest where it is. */
  rest() {
    if (!this.osd.isOpen()) return;
    const { viewport } = this.osd;
    viewport.fitBounds(viewport.getBoundsNoRotate(true), true);
  }

  /** @param {number} dx CSS pixels that the picture moves to the right, at once @param {number} dy and down */
  panBy(dx, dy) {
    if (!this.osd.isOpen()) return;
    const { viewport } = this.osd;
    const { ratio } = this.frame;
    const wanted = [dx * ratio + this.#owed[0], dy * ratio + this.#owed[1]];
    const [right, down] = wanted.map(Math.round); // whole device pixels, so that what is drawn can be moved as it is
    this.#owed = [wanted[0] - right, wanted[1] - down];
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(-right / ratio, -down / ratio), true), true);
    viewport.applyConstraints(true);
  }

  /**
   * @param {number} factor above 1 comes nearer
   * @param {{x: number, y: number}} centre CSS pixels in the element: what is there stays there
   * @param {boolean} [smooth] whether it takes a moment
   */
  zoomBy(factor, centre, smooth = false) {
    if (!this.osd.isOpen()) return;
    const { viewport } = this.osd;
    const fixed = viewport.pointFromPixel(new OpenSeadragon.Point(centre.x, centre.y), true);
    if (smooth && !isStill()) viewport.zoomBy(factor, fixed).applyConstraints();
    else this.#zoomAtOnce(factor, fixed);
  }

  /** Show a region with something around it. @param {Region} region in model pixels */
  goTo([top, left, height, width]) {
    if (!this.osd.isOpen()) return;
    const unit = this.state.scale * this.state.shape[1];
    const [x, y] = [(left - AROUND * width) / unit, (top - AROUND * height) / unit];
    const around = 1 + 2 * AROUND;
    const bounds = new OpenSeadragon.Rect(x, y, (around * width) / unit, (around * height) / unit);
    this.osd.viewport.fitBounds(bounds, isStill());
  }

  /** @returns {import("./view-memory.js").View} where the view is going to rest */
  get view() {
    const { viewport } = this.osd;
    const [, columns] = this.state.shape;
    const centre = viewport.getCenter();
    const width = viewport.getContainerSize().x;
    return { centre: [centre.y * columns - 0.5, centre.x * columns - 0.5], zoom: (viewport.getZoom() * width) / columns };
  }

  /** Whether the whole mirror is shown. */
  get isHome() {
    const { viewport } = this.osd;
    const [now, home] = [viewport.getBoundsNoRotate(), viewport.getHomeBounds()];
    return SIDES.every((side) => Math.abs(now[side] - home[side]) < 1e-3);
  }

  /** Show a view at once, as far as it is within bounds. @param {import("./view-memory.js").View} view */
  show({ centre: [row, column], zoom }) {
    const { viewport } = this.osd;
    const [, columns] = this.state.shape;
    const wanted = (zoom * columns) / viewport.getContainerSize().x;
    viewport.zoomTo(Math.max(viewport.getMinZoom(), Math.min(viewport.getMaxZoom(), wanted)), undefined, true);
    viewport.panTo(new OpenSeadragon.Point((column + 0.5) / columns, (row + 0.5) / columns), true);
    viewport.applyConstraints(true);
  }

  /** Show the whole mirror. */
  fit() {
    if (this.osd.isOpen()) this.osd.viewport.goHome(isStill());
  }

  /**
   * OpenSeadragon itself would move the point back only in the next frame.
   *
   * @param {number} factor @param {OpenSeadragon.Point} fixed
   */
  #zoomAtOnce(factor, fixed) {
    const { viewport } = this.osd;
    const before = viewport.getZoom(true);
    const zoom = Math.max(viewport.getMinZoom(), Math.min(viewport.getMaxZoom(), before * factor));
    const away = viewport.getCenter(true).minus(fixed);
    viewport.zoomTo(zoom, undefined, true);
    viewport.panTo(fixed.plus(/** @type {any} */ (away.times(before / zoom))), true);
    viewport.applyConstraints(true);
  }
}

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
