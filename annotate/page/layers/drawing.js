/** The drawings on the screen: initial, current, errors and what a redrawing would change, each on its own canvas. */

import { decodeGrey } from "./decode.js";
import { ErrorMipmap, GreyMipmap } from "./mipmaps.js";
import { TiledCanvas } from "./tiled-canvas.js";

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").State} State */
/** @typedef {import("../core/messages.js").Region} Region */

/**
 * What a patch changed, as it is seen.
 *
 * @typedef {{region: Region, added: number, removed: number, signs: Int8Array}} Difference
 *     signs: (height, width), +1 where line appeared, -1 where it vanished
 */

/** Initial and current drawing, its errors against the truth, and how it differs from a redrawing. */
export class Drawings {
  /**
   * @param {HTMLElement} parent of the canvases
   * @param {State} state of the mirror, as the server tells it
   */
  constructor(parent, { model_shape, scale, layers }) {
    this.shape = model_shape;
    /** By what they mean. @type {Record<string, string>} */
    this.colours = Object.assign({}, ...layers.map(({ colours }) => colours));
    /** @type {Partial<Record<"initial" | "current" | "truth" | "proposed", GreyMipmap>>} */
    this.maps = {};
    /** @type {Record<"initial" | "current" | "errors" | "redrawing", TiledCanvas>} */
    this.canvases = {
      initial: new TiledCanvas(parent, "initial", scale),
      current: new TiledCanvas(parent, "current", scale),
      errors: new TiledCanvas(parent, "errors", scale),
      redrawing: new TiledCanvas(parent, "redrawing", scale),
    };
    /** @type {ErrorMipmap | null} */
    this.errors = null;
    /** @type {ErrorMipmap | null} */
    this.redrawing = null;
    this.opacity = { initial: 0, current: 1, errors: 0, redrawing: 0 };
    this.comparing = false;
    this.#show();
  }

  /** Whether something shown is not painted yet. */
  get unfinished() {
    return Object.values(this.canvases).some((canvas) => canvas.shown && canvas.unfinished);
  }

  /** @param {"initial" | "current" | "errors" | "redrawing"} name @param {number} opacity */
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
   * @param {"initial" | "current" | "truth" | "proposed"} which
   * @param {Blob} blob a PNG of model size
   */
  async load(which, blob) {
    const { height, width, values } = await decodeGrey(blob);
    if (height !== this.shape[0] || width !== this.shape[1]) {
      throw new Error(`The ${which} drawing has ${height} x ${width} pixels instead of ${this.shape.join(" x ")}.`);
    }
    const map = new GreyMipmap(
      height,
      width,
      this.colours[which === "initial" ? "initial drawing" : "current drawing"],
      which !== "initial",
    );
    map.write([0, 0, height, width], values);
    this.maps[which] = map;
    if (which === "initial" || which === "current") this.canvases[which].setMap(map);
    if (which === "current" || which === "truth") this.canvases.errors.setMap((this.errors = null));
    if (which === "current" || which === "proposed") this.canvases.redrawing.setMap((this.redrawing = null));
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
    if (this.maps.proposed) keepUp(this.maps.proposed, current, region, values);
    current.write(region, values);
    this.errors?.update(region);
    this.redrawing?.update(region);
    for (const name of /** @type {const} */ (["current", "errors", "redrawing"])) this.canvases[name].update(region);
    return difference;
  }

  /** @param {Frame} frame */
  redraw(frame) {
    for (const canvas of Object.values(this.canvases)) canvas.redraw(frame);
  }

  /** Errors are worked out when they are first shown. */
  #show() {
    const { initial, current, errors, redrawing } = this.opacity;
    const { canvases, maps } = this;
    const comparing = this.comparing && maps.initial;
    canvases.initial.setOpacity(comparing ? Math.max(current, initial) || 1 : initial);
    canvases.current.setOpacity(comparing ? 0 : current);
    canvases.errors.setOpacity(comparing ? 0 : errors);
    canvases.redrawing.setOpacity(comparing ? 0 : redrawing);
    if (canvases.errors.shown && !this.errors && maps.current && maps.truth) {
      this.errors = new ErrorMipmap(maps.current, maps.truth, this.colours.missing, this.colours.superfluous);
      canvases.errors.setMap(this.errors);
    }
    if (canvases.redrawing.shown && !this.redrawing && maps.current && maps.proposed) {
      const { colours } = this;
      this.redrawing = new ErrorMipmap(maps.current, maps.proposed, colours["would come"], colours["would go"]);
      canvases.redrawing.setMap(this.redrawing);
    }
  }
}

/** @param {GreyMipmap} map @param {Region} region @param {Uint8Array} values @returns {Difference} */
function differenceOf(map, region, values) {
  const [top, left, height, width] = region;
  const { values: kept, width: stride } = map.levels[0];
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

/**
 * What is drawn by hand is never drawn anew: what changes in the current drawing changes in the proposed one.
 *
 * @param {GreyMipmap} proposed @param {GreyMipmap} current before the change
 * @param {Region} region @param {Uint8Array} values that come
 */
function keepUp(proposed, current, region, values) {
  const [top, left, height, width] = region;
  const { values: kept, width: stride } = current.levels[0];
  const after = new Uint8Array(values.length);
  for (let row = 0, at = 0; row < height; row++) {
    let from = (top + row) * stride + left;
    for (const end = at + width; at < end; at++, from++) {
      after[at] = values[at] === kept[from] ? proposed.levels[0].values[from] : values[at];
    }
  }
  proposed.write(region, after);
}
