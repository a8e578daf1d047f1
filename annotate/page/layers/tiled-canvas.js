/** A canvas with one map on it, cut into tiles that are kept; as long as the view is dragged it is moved, not drawn. */

import { onScreen, CanvasLayer } from "./canvas.js";
import { TILE, TileCache } from "./tile-cache.js";

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").Region} Region */
/** @typedef {import("./mipmaps.js").GreyMipmap} GreyMipmap */
/** @typedef {import("./mipmaps.js").ErrorMipmap} ErrorMipmap */

const BUDGET_MS = 4; // for painting tiles in a frame; what is left over is painted in the next
const EXACT = 1e-3; // device pixels that a drag may differ from whole ones, by rounding
const FINEST = 0.84; // device pixels a copy's pixel, below which lines would be torn and the next copy is taken
/** @type {(keyof Frame)[]} */
const SIZE_KEYS = ["width", "height", "ratio", "factor"];
const CRISP = 4; // device pixels a model pixel, from which its edges are shown

/**
 * A part of a canvas in device pixels.
 *
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box
 */

/** One map on its canvas. What is on it already is moved, not drawn, while the view is dragged. */
export class TiledCanvas extends CanvasLayer {
  /**
   * @param {HTMLElement} parent
   * @param {string} name
   * @param {number} scale model pixels a scan pixel
   */
  constructor(parent, name, scale) {
    super(parent, name, (_, frame) => this.#paint(frame, [0, 0, frame.width, frame.height]));
    this.scale = scale;
    /** @type {TileCache | null} */
    this.tiles = null;
    /** Whether a frame's time was over before all tiles were painted. */
    this.unfinished = false;
    /** The frame that is on the canvas, whole. @type {Frame | null} */
    this.drawn = null;
  }

  /** @param {GreyMipmap | ErrorMipmap | null} map */
  setMap(map) {
    this.tiles = map && new TileCache(map);
    this.drawn = null;
  }

  /** @override @param {Frame} frame */
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

  /**
   * Move what is drawn, and draw what comes in at the edges.
   *
   * @param {Frame} frame @param {number} right @param {number} down
   */
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
    const { tiles } = this;
    if (!tiles || width <= 0 || height <= 0) return;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.clearRect(left, top, width, height);
    context.globalCompositeOperation = "lighter"; // where tiles meet within a pixel, some browsers give each its share
    this.#paintTiles(tiles, frame, [left, top, width, height]);
    context.restore();
  }

  /** @param {TileCache} tiles @param {Frame} frame @param {import("./canvas.js").Box} box */
  #paintTiles(tiles, frame, [left, top, width, height]) {
    const { levels } = tiles.map;
    const finest = frame.factor / this.scale;
    const level = Math.max(0, Math.min(levels.length - 1, Math.ceil(Math.log2(FINEST / finest))));
    const step = finest * 2 ** level;
    this.context.imageSmoothingEnabled = step < CRISP;
    const until = performance.now() + BUDGET_MS;
    const rows = between(frame.top - top, height, step, levels[level].height);
    const columns = between(frame.left - left, width, step, levels[level].width);
    for (let row = rows[0]; row < rows[1]; row++) {
      for (let column = columns[0]; column < columns[1]; column++) {
        this.#paintTile(tiles, frame, { level, row, column, step }, performance.now() < until);
      }
    }
    const [down, across] = [frame.height, frame.width].map((length) => Math.ceil(length / step / TILE) + 1);
    tiles.trim(2 * down * across);
  }

  /**
   * @param {TileCache} tiles @param {Frame} frame
   * @param {{level: number, row: number, column: number, step: number}} place step: device pixels a pixel of that level
   * @param {boolean} inTime whether it may still be made
   */
  #paintTile(tiles, frame, { level, row, column, step }, inTime) {
    const tile = tiles.get(level, row, column, inTime);
    const [x, y] = [frame.left + column * TILE * step, frame.top + row * TILE * step];
    if (tile) this.context.drawImage(tile, x, y, tile.width * step, tile.height * step);
    if (tile !== undefined) return;
    this.unfinished = true;
    const copy = tiles.map.levels[level];
    const height = Math.min(TILE, copy.height - row * TILE);
    const width = Math.min(TILE, copy.width - column * TILE);
    const { coarse, share } = coarserThan(tiles, level, row, column);
    if (!coarse) return;
    const [left, top] = [(column * TILE * share) % TILE, (row * TILE * share) % TILE];
    this.context.drawImage(coarse, left, top, width * share, height * share, x, y, width * step, height * step);
  }
}

/**
 * What stands in for a tile that is not painted yet: the next coarser that is, or else the coarsest.
 *
 * @param {TileCache} tiles @param {number} level @param {number} row @param {number} column
 */
function coarserThan(tiles, level, row, column) {
  const coarsest = tiles.map.levels.length - 1;
  for (let higher = Math.min(level + 1, coarsest); ; higher++) {
    const share = 2 ** (level - higher);
    const at = [Math.floor(row * share), Math.floor(column * share)];
    const coarse = tiles.get(higher, at[0], at[1], higher === coarsest);
    if (coarse !== undefined || higher === coarsest) return { coarse, share };
  }
}

/**
 * How far the picture has been moved, in whole device pixels; null where that is not all that has become of it.
 *
 * @param {Frame} before @param {Frame} now
 */
function shiftBetween(before, now) {
  const same = SIZE_KEYS.every((key) => before[key] === now[key]);
  const shift = [now.left - before.left, now.top - before.top];
  const whole = shift.map(Math.round);
  const exact = shift.every((length, axis) => Math.abs(length - whole[axis]) < EXACT);
  const near = Math.abs(whole[0]) < now.width && Math.abs(whole[1]) < now.height;
  return same && exact && near ? /** @type {[number, number]} */ (whole) : null;
}

/**
 * The tiles of a row that lie within a length: first, and the one behind the last.
 *
 * @param {number} offset @param {number} length @param {number} step @param {number} pixels
 */
function between(offset, length, step, pixels) {
  const first = Math.floor(-offset / step / TILE);
  const last = Math.ceil((length - offset) / step / TILE);
  return [Math.max(0, first), Math.min(Math.ceil(pixels / TILE), last)];
}
