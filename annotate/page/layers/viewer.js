/** One mirror on the screen: scan, drawings, unanswered strokes and overlays, all under one moving view. */

import { Camera } from "./camera.js";
import { Drawings } from "./drawing.js";
import { decodeGrey } from "./decode.js";
import { Ink } from "./ink.js";
import { RasterLayers } from "./raster.js";
import { Supplies } from "./supplies.js";
import { Flash, GuideLayer, QualityLayer } from "./overlays.js";

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").Region} Region */
/** @typedef {import("../core/messages.js").Point} Point */
/** @typedef {import("../core/messages.js").State} State */

/** @type {(keyof Frame)[]} */
const FRAME_KEYS = ["width", "height", "ratio", "factor", "left", "top"];
const TITLES = {
  initial: "initial drawing",
  current: "drawing",
  truth: "drawing that came with the scan",
  proposed: "redrawing",
};
const DRAWN = /** @type {const} */ (["initial", "current", "errors", "redrawing"]);

/** A mirror with its layers. `ready` settles when it can be moved. */
export class Viewer {
  #frame = /** @type {Frame | null} */ (null);
  #listeners = /** @type {Set<() => void>} */ (new Set());
  #turn = Promise.resolve(); // drawings and patches are taken over in the order in which they were asked for
  #differences = /** @type {import("./drawing.js").Difference[]} */ ([]);
  #scheduled = 0;
  #gone = false;
  #parts = ["pictures", "canvases", "surface"].map(layer); // from below

  /**
   * @param {HTMLElement} element positioned, and of some size
   * @param {State} state of the mirror, as the server tells it
   */
  constructor(element, state) {
    this.element = element;
    this.state = state;
    this.api = `/api/mirrors/${encodeURIComponent(state.name)}`;
    const [ground, canvases, surface] = this.#parts;
    element.append(...this.#parts);
    /** Whether what the layers are made of is here. */
    this.supplies = new Supplies();
    this.rasters = new RasterLayers(ground, state, (name, reason) => this.supplies.fail(name, reason));
    this.quality = new QualityLayer(canvases, state.scale);
    this.drawings = new Drawings(canvases, state);
    this.ink = new Ink(canvases, state.scale);
    this.guides = new GuideLayer(canvases, state.scale);
    /** Index of the place that is looked at. @type {number | null} */
    this.looked = null;
    /** The element that gets pointer events. */
    this.surface = surface;
    surface.style.touchAction = "none";
    this.osd = this.rasters.osd;
    this.camera = new Camera(this.osd, state);
    this.osd.addHandler("update-viewport", () => this.#moved());
    /** @type {Promise<void>} */
    this.ready = new Promise((done) => this.osd.addOnceHandler("open", () => done()));
  }

  /** Take everything off the screen. */
  destroy() {
    this.#gone = true;
    cancelAnimationFrame(this.#scheduled);
    this.#listeners.clear();
    this.rasters.destroy();
    for (const part of this.#parts) part.remove();
  }

  /** @param {() => void} callback called after the view has moved @returns {() => void} takes it back */
  onMove(callback) {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /**
   * @param {string} name of one of the state's layers
   * @param {number} opacity in [0, 1]; 0 hides it
   */
  setLayer(name, opacity) {
    if (name === "quality") this.quality.setOpacity(opacity);
    else {
      const drawn = DRAWN.find((one) => one === name);
      if (drawn) this.drawings.setOpacity(drawn, opacity);
      else this.rasters.setOpacity(name, opacity);
    }
    this.#redraw();
  }

  /** The pyramid of tiles has been made, since this viewer was. */
  tilesReady() {
    this.rasters.tilesReady();
  }

  /**
   * Turn the light of the relief.
   *
   * @param {number} x to the right, in [-1, 1]
   * @param {number} y downwards; (0, 0) is straight above, length 1 the horizon
   */
  setLight(x, y) {
    this.rasters.setLight(x, y);
  }

  /** @param {boolean} on whether the initial drawing is shown in place of the current one */
  setCompare(on) {
    this.drawings.setCompare(on);
    this.#redraw();
  }

  /**
   * Load a whole drawing.
   *
   * @param {import("./supplies.js").Which} which
   * @param {string} [url]
   * @returns {Promise<number>} the last event that is in it
   */
  loadDrawing(which, url = `${this.api}/drawings/${which}`) {
    this.supplies.begin(which);
    return this.#inTurn(() => this.#load(which, url));
  }

  /** @param {import("./supplies.js").Which} which @param {string} url @returns {Promise<number>} */
  async #load(which, url) {
    try {
      const answer = await fetch(url, { cache: "no-store" }).catch(() => unreachable());
      if (!answer.ok) throw new Error(await reasonOf(answer));
      await this.drawings.load(which, await answer.blob().catch(() => unreachable()));
      this.supplies.done(which);
      this.#redraw();
      return Number(answer.headers.get("X-Event") ?? 0);
    } catch (error) {
      this.supplies.fail(which, error.message);
      throw new Error(`The ${TITLES[which]} could not be loaded: ${error.message}`, { cause: error });
    }
  }

  /** Fetch the tiles of a layer anew. @param {string} name */
  reloadTiles(name) {
    this.supplies.done(name);
    this.rasters.reload(name);
  }

  /**
   * Take over a part of the current drawing; it is on the screen in the next frame.
   *
   * @param {Region} region in model pixels
   * @param {string} png base64, 8-bit grey
   * @returns {Promise<{added: number, removed: number}>} pixels that became line, and that no longer are
   */
  patch(region, png) {
    const grey = decodeGrey(blobOf(png));
    return this.#inTurn(async () => {
      const { height, width, values } = await grey;
      if (height !== region[2] || width !== region[3]) {
        throw new Error(`The change has ${height} x ${width} pixels in a region of ${region[2]} x ${region[3]}.`);
      }
      const difference = this.drawings.patch(region, values);
      this.#differences = [...this.#differences.slice(-7), difference];
      this.#redraw();
      return { added: difference.added, removed: difference.removed };
    });
  }

  /** Let what the last patch of a region changed light up. @param {Region} region in model pixels */
  flash(region) {
    const found = this.#differences.findLast((one) => one.region.every((value, place) => value === region[place]));
    const difference = found ?? null;
    if (difference && !difference.added && !difference.removed) return;
    this.guides.flashes.push(new Flash(region, difference));
    this.#guide();
  }

  /**
   * @param {import("./overlays.js").Places | null} places
   * @param {number | null} [looked] index of the place that is looked at
   */
  setPlaces(places, looked = null) {
    this.quality.places = places;
    this.looked = looked;
    this.guides.place = places && looked !== null ? places.grid[looked] : null;
    this.#guide();
    this.#redraw();
  }

  /**
   * Show an unanswered stroke at once. With an id that is on the screen already, it takes that one's place.
   *
   * @param {Point[]} points
   * @param {number[]} radii in scan pixels, one a point
   * @param {1 | -1} sign
   * @param {string} id
   */
  stroke(points, radii, sign, id) {
    this.ink.put(id, { points, radii, sign }, this.#frame);
  }

  /** @param {string} id of a stroke that the server does not take */
  markRefused(id) {
    this.ink.refuse(id, this.#frame);
  }

  /** @param {string} id of a stroke that is no longer to be seen */
  dropStroke(id) {
    this.ink.drop(id, this.#frame);
  }

  /** @param {Point[]} points of a measured line; none clears it @param {string} [text] its label */
  mark(points, text = "") {
    this.guides.line = points.map(([row, column]) => [row, column]);
    this.guides.text = text;
    this.#guide();
  }

  /**
   * Do one thing after the other, whatever becomes of the one before.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #inTurn(work) {
    const result = this.#turn.then(() => (this.#gone ? new Promise(() => {}) : work()));
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** OpenSeadragon has drawn its pictures: all else follows in the same frame. */
  #moved() {
    const before = this.#frame;
    const frame = (this.#frame = this.camera.frame);
    if (before && FRAME_KEYS.every((key) => before[key] === frame[key])) return;
    this.ink.redraw(frame);
    this.guides.redraw(frame);
    this.#redraw();
    for (const listener of this.#listeners) listener();
  }

  #redraw() {
    if (!this.#frame) return;
    this.quality.redraw(this.#frame);
    this.drawings.redraw(this.#frame);
    if (this.drawings.unfinished) this.#schedule();
  }

  #guide() {
    if (this.guides.update() && this.#frame) this.guides.redraw(this.#frame);
    if (this.guides.moving) this.#schedule();
  }

  #schedule() {
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      if (this.drawings.unfinished) this.#redraw();
      if (this.guides.moving) this.#guide();
    });
  }
}

/** @param {string} name */
function layer(name) {
  const element = document.createElement("div");
  element.dataset.layer = name;
  Object.assign(element.style, { position: "absolute", inset: "0", overflow: "hidden" });
  return element;
}

/** @param {string} base64 */
function blobOf(base64) {
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: "image/png" });
}

/** @returns {never} */
function unreachable() {
  throw new Error("the server can't be reached");
}

/** @param {Response} answer @returns {Promise<string>} */
async function reasonOf(answer) {
  const told = await answer.json().catch(() => null);
  return told?.detail ?? `${answer.status} ${answer.statusText}`;
}
