/** The drawings on the screen: initial, current and errors, each on its own canvas, cut into tiles that are kept. */

import { greyOf } from "./greyscale.js";
import { ErrorMap, GreyMap } from "./maps.js";
import { onScreen, Sheet } from "./sheet.js";
import { TILE, Tiles } from "./tiles.js";

/** @typedef {import("./sheet.js").Frame} Frame */
/** @typedef {import("./sheet.js").Region} Region */

/** Colours that people who see few of them tell apart as well (Okabe and Ito, 2008). */
export const COLOURS = Object.freeze({
  initial: "#cc79a7",
  current: "#f0e442",
  missing: "#56b4e9",
  superfluous: "#d55e00",
});

const BUDGET_MS = 4; // for painting tiles in a frame; what is left over is painted in the next
const EXACT = 1e-3; // device pixels that a drag may differ from whole ones, by rounding
const FINEST = 0.84; // device pixels a copy's pixel, below which lines would be torn and the next copy is taken
const CRISP = 4; // device pixels a model pixel, from which its edges are shown

/**
 * A part of a canvas in device pixels.
 *
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box
 */

/** One map on its canvas. What is on it already is moved, not drawn, while the view is dragged. */
class MapSheet extends Sheet {
  /**
   * @param {HTMLElement} parent
   * @param {string} name
   * @param {number} scale model pixels a scan pixel
   */
  constructor(parent, name, scale) {
    super(parent, name, (_, frame) => this.#paint(frame, [0, 0, frame.width, frame.height]));
    this.scale = scale;
    /** @type {Tiles | null} */
    this.tiles = null;
    /** Whether a frame's time was over before all tiles were painted. */
    this.unfinished = false;
    /** The frame that is on the canvas, whole. @type {Frame | null} */
    this.drawn = null;
  }

  /** @param {GreyMap | ErrorMap | null} map */
  setMap(map) {
    this.tiles = map && new Tiles(map);
    this.drawn = null;
  }

  /** @param {Frame} frame */
  redraw(frame) {
    if (!this.shown) {
      this.drawn = null;
      return;
    }
    const shift = this.drawn && shiftBetween(this.drawn, frame);
    this.unfinished = false;
    if (!shift) super.redraw(frame);
    else if (shift[0] || shift[1]) this.#scroll(frame, ...shift);
    this.drawn = this.unfinished ? null : frame;
  }

  /** The map has changed. @param {Region} region in model pixels */
  update(region) {
    this.tiles?.update(region);
    if (!this.drawn) return;
    const [x, y, width, height] = onScreen(region, this.scale, this.drawn);
    const margin = 2 * Math.max(1, this.drawn.factor / this.scale); // neighbours are blended, and in copies as well
    const box = /** @type {Box} */ ([x - margin, y - margin, x + width + margin, y + height + margin]);
    this.#paint(this.drawn, [Math.floor(box[0]), Math.floor(box[1]), Math.ceil(box[2]), Math.ceil(box[3])]);
  }

  /** Move what is drawn, and draw what comes in at the edges. */
  #scroll(frame, right, down) {
    const { width, height } = frame;
    this.context.globalCompositeOperation = "copy";
    this.context.drawImage(this.canvas, right, down);
    this.context.globalCompositeOperation = "source-over";
    if (down) this.#paint(frame, down > 0 ? [0, 0, width, down] : [0, height + down, width, height]);
    const [top, bottom] = [Math.max(0, down), Math.min(height, height + down)];
    if (right) this.#paint(frame, right > 0 ? [0, top, right, bottom] : [width + right, top, width, bottom]);
  }

  /** Draw what lies in a box, and nothing else. @param {Frame} frame @param {Box} box */
  #paint(frame, box) {
    const { context } = this;
    const [left, top] = [Math.max(0, box[0]), Math.max(0, box[1])];
    const [width, height] = [Math.min(frame.width, box[2]) - left, Math.min(frame.height, box[3]) - top];
    if (!this.tiles || width <= 0 || height <= 0) return;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.clearRect(left, top, width, height);
    context.globalCompositeOperation = "lighter"; // where tiles meet within a pixel, some browsers give each its share
    this.#paintTiles(frame, left, top, width, height);
    context.restore();
  }

  #paintTiles(frame, left, top, width, height) {
    const { planes } = this.tiles.map;
    const finest = frame.factor / this.scale;
    const level = Math.max(0, Math.min(planes.length - 1, Math.ceil(Math.log2(FINEST / finest))));
    const step = finest * 2 ** level;
    this.context.imageSmoothingEnabled = step < CRISP;
    const until = performance.now() + BUDGET_MS;
    const rows = between(frame.top - top, height, step, planes[level].height);
    const columns = between(frame.left - left, width, step, planes[level].width);
    for (let row = rows[0]; row < rows[1]; row++) {
      for (let column = columns[0]; column < columns[1]; column++) {
        this.#paintTile(frame, { level, row, column, step }, performance.now() < until);
      }
    }
    const [down, across] = [frame.height, frame.width].map((length) => Math.ceil(length / step / TILE) + 1);
    this.tiles.trim(2 * down * across);
  }

  #paintTile(frame, { level, row, column, step }, inTime) {
    const tile = this.tiles.get(level, row, column, inTime);
    const [x, y] = [frame.left + column * TILE * step, frame.top + row * TILE * step];
    if (tile) this.context.drawImage(tile, x, y, tile.width * step, tile.height * step);
    if (tile !== undefined) return;
    this.unfinished = true;
    const plane = this.tiles.map.planes[level];
    const height = Math.min(TILE, plane.height - row * TILE);
    const width = Math.min(TILE, plane.width - column * TILE);
    const [coarse, share] = this.#coarser(level, row, column);
    if (!coarse) return;
    const [left, top] = [(column * TILE * share) % TILE, (row * TILE * share) % TILE];
    this.context.drawImage(coarse, left, top, width * share, height * share, x, y, width * step, height * step);
  }

  /** What stands in for a tile that is not painted yet: the next coarser that is, or else the coarsest. */
  #coarser(level, row, column) {
    const coarsest = this.tiles.map.planes.length - 1;
    for (let higher = Math.min(level + 1, coarsest); ; higher++) {
      const share = 2 ** (level - higher);
      const at = [Math.floor(row * share), Math.floor(column * share)];
      const tile = this.tiles.get(higher, at[0], at[1], higher === coarsest);
      if (tile !== undefined || higher === coarsest) return [tile, share];
    }
  }
}

/**
 * What a patch changed, as it is seen.
 *
 * @typedef {{region: Region, added: number, removed: number, signs: Int8Array}} Difference
 *     signs: (height, width), +1 where line appeared, -1 where it vanished
 */

/** Initial and current drawing and their errors against the truth. */
export class Drawings {
  /**
   * @param {HTMLElement} parent of the canvases
   * @param {{model_shape: [number, number], scale: number}} state
   */
  constructor(parent, { model_shape, scale }) {
    this.shape = model_shape;
    /** @type {Record<string, GreyMap>} */
    this.maps = {};
    /** @type {Record<"initial" | "current" | "errors", MapSheet>} */
    this.sheets = {
      initial: new MapSheet(parent, "initial", scale),
      current: new MapSheet(parent, "current", scale),
      errors: new MapSheet(parent, "errors", scale),
    };
    /** @type {ErrorMap | null} */
    this.errors = null;
    this.opacity = { initial: 0, current: 1, errors: 0 };
    this.comparing = false;
    this.#show();
  }

  /** Whether something shown is not painted yet. */
  get unfinished() {
    return Object.values(this.sheets).some((sheet) => sheet.shown && sheet.unfinished);
  }

  /** @param {"initial" | "current" | "errors"} name @param {number} opacity */
  setOpacity(name, opacity) {
    this.opacity[name] = opacity;
    this.#show();
  }

  /** @param {boolean} on */
  setCompare(on) {
    this.comparing = on;
    this.#show();
  }

  /**
   * Take over a whole drawing.
   *
   * @param {"initial" | "current" | "truth"} which
   * @param {Blob} blob a PNG of model size
   */
  async load(which, blob) {
    const { height, width, values } = await greyOf(blob);
    if (height !== this.shape[0] || width !== this.shape[1]) {
      throw new Error(`The ${which} drawing has ${height} x ${width} pixels instead of ${this.shape.join(" x ")}.`);
    }
    const map = new GreyMap(height, width, COLOURS[which] ?? COLOURS.current, which !== "initial");
    map.write([0, 0, height, width], values);
    this.maps[which] = map;
    if (which !== "truth") this.sheets[which].setMap(map);
    if (which !== "initial") this.sheets.errors.setMap((this.errors = null));
    this.#show();
  }

  /**
   * Take over a part of the current drawing.
   *
   * @param {Region} region
   * @param {Uint8Array} values (height, width)
   * @returns {Difference}
   */
  patch(region, values) {
    const { current } = this.maps;
    if (!current) throw new Error("No current drawing has been loaded that could change.");
    const difference = differenceOf(current, region, values);
    current.write(region, values);
    this.errors?.update(region);
    this.sheets.current.update(region);
    this.sheets.errors.update(region);
    return difference;
  }

  /** @param {Frame} frame */
  redraw(frame) {
    for (const sheet of Object.values(this.sheets)) sheet.redraw(frame);
  }

  /** Errors are worked out when they are first shown. */
  #show() {
    const { initial, current, errors } = this.opacity;
    const { sheets, maps } = this;
    const comparing = this.comparing && maps.initial;
    sheets.initial.setOpacity(comparing ? Math.max(current, initial) || 1 : initial);
    sheets.current.setOpacity(comparing ? 0 : current);
    sheets.errors.setOpacity(comparing ? 0 : errors);
    if (sheets.errors.shown && !this.errors && maps.current && maps.truth) {
      this.errors = new ErrorMap(maps.current, maps.truth, COLOURS.missing, COLOURS.superfluous);
      sheets.errors.setMap(this.errors);
    }
  }
}

function differenceOf(map, region, values) {
  const [top, left, height, width] = region;
  const { values: kept, width: stride } = map.planes[0];
  const difference = { region, added: 0, removed: 0, signs: new Int8Array(height * width) };
  for (let row = 0, at = 0; row < height; row++) {
    let from = (top + row) * stride + left;
    for (const end = at + width; at < end; at++, from++) {
      const sign = (values[at] >> 7) - (kept[from] >> 7);
      difference.signs[at] = sign;
      if (sign > 0) difference.added++;
      else if (sign < 0) difference.removed++;
    }
  }
  return difference;
}

/** How far the picture has been moved, in whole device pixels; null where that is not all that has become of it. */
function shiftBetween(before, now) {
  const same = ["width", "height", "ratio", "factor"].every((key) => before[key] === now[key]);
  const shift = [now.left - before.left, now.top - before.top];
  const whole = shift.map(Math.round);
  const exact = shift.every((length, axis) => Math.abs(length - whole[axis]) < EXACT);
  const near = Math.abs(whole[0]) < now.width && Math.abs(whole[1]) < now.height;
  return same && exact && near ? /** @type {[number, number]} */ (whole) : null;
}

/** The tiles of a row that lie within a length: first, and the one behind the last. */
function between(offset, length, step, pixels) {
  const first = Math.floor(-offset / step / TILE);
  const last = Math.ceil((length - offset) / step / TILE);
  return [Math.max(0, first), Math.min(Math.ceil(pixels / TILE), last)];
}
