/** The tiles of a map on canvases of their own, in the map's colours, ready to be drawn at any scale. */

import { within } from "./mipmaps.js";

/** @typedef {import("./mipmaps.js").ErrorMipmap} ErrorMipmap */
/** @typedef {import("./mipmaps.js").GreyMipmap} GreyMipmap */
/** @typedef {import("../core/messages.js").Region} Region */

export const TILE = 512; // pixels of a tile's side
const KEPT = 48; // tiles of a map, unless more are on the screen; one takes 1 MiB

/** A canvas for each tile of a map that has been on the screen lately; null where nothing is to be seen. */
export class TileCache {
  /** @param {GreyMipmap | ErrorMipmap} map */
  constructor(map) {
    this.map = map;
    /** @type {Map<number, OffscreenCanvas | null>} the latest used is last */
    this.kept = new Map();
    /** Written over again and again. @type {ImageData | null} */
    this.picture = null;
  }

  /**
   * @param {number} level
   * @param {number} row
   * @param {number} column
   * @param {boolean} paint whether it is made where it is not kept
   * @returns {OffscreenCanvas | null | undefined} undefined where it is not kept
   */
  get(level, row, column, paint) {
    const key = keyOf(level, row, column);
    let tile = this.kept.get(key);
    if (tile === undefined && !paint) return undefined;
    if (tile === undefined) tile = this.#painted(level, row, column);
    else this.kept.delete(key);
    this.kept.set(key, tile);
    return tile;
  }

  /** Paint anew what is kept of a region. @param {Region} region of the map */
  update(region) {
    for (let level = 0; level < this.map.levels.length; level++) {
      const [top, left, height, width] = within(region, level);
      for (let row = Math.floor(top / TILE); row * TILE < top + height; row++) {
        for (let column = Math.floor(left / TILE); column * TILE < left + width; column++) {
          const tile = this.kept.get(keyOf(level, row, column));
          if (tile === null) this.kept.delete(keyOf(level, row, column));
          if (!tile) continue;
          const [y, x] = [Math.max(top, row * TILE), Math.max(left, column * TILE)];
          const bottom = Math.min(top + height, row * TILE + tile.height);
          const right = Math.min(left + width, column * TILE + tile.width);
          const { picture } = this.#picture(level, [y, x, bottom - y, right - x]);
          contextOf(tile).putImageData(picture, x - column * TILE, y - row * TILE);
        }
      }
    }
  }

  /** Let go what has not been used for longest. @param {number} wanted how many are kept at least */
  trim(wanted) {
    const limit = Math.max(KEPT, wanted);
    for (const key of this.kept.keys()) {
      if (this.kept.size <= limit) return;
      this.kept.delete(key);
    }
  }

  /** @param {number} level @param {number} row @param {number} column */
  #painted(level, row, column) {
    const copy = this.map.levels[level];
    const height = Math.min(TILE, copy.height - row * TILE);
    const width = Math.min(TILE, copy.width - column * TILE);
    const { picture, any } = this.#picture(level, [row * TILE, column * TILE, height, width]);
    if (!any) return null;
    const tile = new OffscreenCanvas(width, height);
    contextOf(tile).putImageData(picture, 0, 0);
    return tile;
  }

  /** @param {number} level @param {Region} region @returns {{picture: ImageData, any: boolean}} until the next call */
  #picture(level, region) {
    const [, , height, width] = region;
    const kept = this.picture;
    const fits = kept && kept.height === height && kept.width === width;
    const picture = (this.picture = fits ? kept : new ImageData(width, height));
    return { picture, any: this.map.paint(level, region, new Uint32Array(picture.data.buffer)) };
  }
}

/** @param {number} level @param {number} row @param {number} column */
function keyOf(level, row, column) {
  return (level * 4096 + row) * 4096 + column;
}

/** @param {OffscreenCanvas} tile */
function contextOf(tile) {
  return /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext("2d"));
}
