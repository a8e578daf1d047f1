/** The scan beneath the drawing: its raster and shaded layers as tiled images of OpenSeadragon. */

import { decodeImage } from "./decode.js";
import { ReliefTile, Shading } from "./relief.js";

/** @typedef {import("../core/messages.js").State} State */
/** @typedef {{context: () => {canvas: CanvasImageSource}, free: () => void}} Tile */
/** @typedef {(blob: Blob) => Promise<Tile>} Open */
/** @typedef {OpenSeadragon.ImageJob & {src: string, jobId: number}} Job a download of OpenSeadragon's */

const TILES_KEPT = 300; // of all pictures together; a tile takes 256 KiB, one of relief half as much again
const REQUESTS = 4; // at once: browsers open six connections, and strokes and events need theirs
const NONE = /** @type {any} */ (null); // request and error, which its types want as if there always were some
const SHARPNESS = 0.7; // device pixels a tile's pixel, below which the coarser tiles are taken

/** Tiles as the server has them: level 0 is a single one, each level doubles the one before. */
class Source extends OpenSeadragon.TileSource {
  /**
   * @param {State} state as the server tells it
   * @param {string} layer
   * @param {Open} open
   * @param {Set<Job>} jobs under way
   */
  constructor(state, layer, open, jobs) {
    const { size, levels } = state.tiles;
    const [height, width] = state.shape;
    const folder = `/api/mirrors/${encodeURIComponent(state.name)}/tiles/${layer}`;
    const version = encodeURIComponent(state.version);
    /** Some of these its types do not know. @type {any} */
    const options = {
      width,
      height,
      tileSize: size,
      tileOverlap: 0,
      minLevel: 0,
      maxLevel: Math.max(1, levels) - 1,
      getTileUrl: (/** @type {number} */ level, /** @type {number} */ column, /** @type {number} */ row) =>
        `${folder}/${level}/${column}/${row}?v=${version}`,
      hasTransparency: () => false,
      downloadTileStart: (/** @type {Job} */ job) => download(job, open, jobs),
      downloadTileAbort: (/** @type {Job} */ job) => abort(job, jobs),
      createTileCache: (/** @type {{tile: Tile}} */ record, /** @type {Tile} */ tile) => {
        record.tile = tile;
      },
      destroyTileCache: (/** @type {{tile: Tile}} */ record) => record.tile.free(),
      getTileCacheData: (/** @type {{tile: Tile}} */ record) => record.tile,
      getTileCacheDataAsContext2D: (/** @type {{tile: Tile}} */ record) => record.tile.context(),
    };
    super(options);
  }
}

/** @param {Job} job @param {Open} open @param {Set<Job>} jobs */
async function download(job, open, jobs) {
  jobs.add(job);
  job.userData.stop = new AbortController();
  const { signal } = job.userData.stop;
  try {
    const answer = await fetch(job.src, { signal });
    if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`);
    const tile = await open(await answer.blob());
    if (signal.aborted) tile.free();
    else job.finish(tile, NONE, NONE);
  } catch (error) {
    const reason = error instanceof TypeError ? "the server can't be reached" : error.message; // fetch's own error
    if (!signal.aborted) job.finish(null, NONE, reason);
  }
  jobs.delete(job);
}

/** @param {Job} job @param {Set<Job>} jobs */
function abort(job, jobs) {
  jobs.delete(job);
  job.userData.stop?.abort();
}

/** @param {Blob} blob @returns {Promise<Tile>} */
async function openPicture(blob) {
  const canvas = await decodeImage(blob);
  return { context: () => ({ canvas }), free: () => canvas.close() };
}

/** OpenSeadragon with a mirror's pictures. */
export class RasterLayers {
  /**
   * @param {HTMLElement} element
   * @param {State} state as the server tells it
   * @param {(name: string, reason: string) => void} onFailure a tile of a layer could not be fetched
   */
  constructor(element, state, onFailure) {
    this.shading = new Shading();
    const layers = state.layers.filter(({ kind }) => kind === "raster" || kind === "shaded"); // from below
    const sources = layers.length ? layers : [{ name: "none", kind: "raster" }]; // one at least, if only for the size
    this.names = layers.map(({ name }) => name);
    this.opacity = Object.fromEntries(layers.map(({ name, opacity }) => [name, opacity]));
    this.ready = state.tiles.ready;
    /** Downloads under way. @type {Set<Job>} */
    this.jobs = new Set();
    /** Some of these its types do not know. @type {any} */
    const options = {
      element,
      drawer: "canvas",
      showNavigationControl: false,
      mouseNavEnabled: false,
      tabIndex: "",
      maxImageCacheCount: TILES_KEPT,
      imageLoaderLimit: REQUESTS,
      minPixelRatio: SHARPNESS,
      blendTime: 0,
      animationTime: 0.35,
      springStiffness: 8,
      visibilityRatio: 0.2,
      minZoomImageRatio: 0.5,
      maxZoomPixelRatio: 24,
      tileSources: sources.map((layer) => ({ tileSource: this.#source(state, layer), opacity: 0 })),
    };
    this.osd = OpenSeadragon(options);
    this.osd.addOnceHandler("open", () => this.#show());
    this.osd.addHandler("tile-load-failed", ({ tiledImage, message }) => {
      onFailure(this.names[this.osd.world.getIndexOfItem(tiledImage)], message);
    });
  }

  /** @param {string} name @param {number} opacity in [0, 1] */
  setOpacity(name, opacity) {
    if (!(name in this.opacity)) return;
    this.opacity[name] = opacity;
    this.#show();
  }

  /** Fetch the tiles of a layer anew. @param {string} name */
  reload(name) {
    this.osd.world.getItemAt(this.names.indexOf(name))?.reset();
    this.#show();
  }

  /** The tiles have been made. */
  tilesReady() {
    this.ready = true;
    this.#show();
  }

  /** @param {number} x @param {number} y as of `Shading.setLight` */
  setLight(x, y) {
    this.shading.setLight(x, y);
    this.osd.forceRedraw();
  }

  /** Leave the element, and let go what is still on its way. */
  destroy() {
    for (const job of this.jobs) {
      clearTimeout(job.jobId);
      abort(job, this.jobs);
    }
    this.osd.destroy();
  }

  /** @param {State} state @param {{name: string, kind: string}} layer */
  #source(state, { name, kind }) {
    /** @type {Open} */
    const open = kind === "shaded" ? (blob) => this.#openNormals(blob) : openPicture;
    return new Source(state, name, open, this.jobs);
  }

  #show() {
    this.names.forEach((name, place) => {
      const picture = this.osd.world.getItemAt(place);
      picture?.setOpacity(this.#seen(name));
      picture?.update(true); // it has not asked for tiles while it was hidden, and would not before the view moves
    });
    this.osd.forceRedraw();
  }

  /** What is covered by an opaque picture need not be drawn. @param {string} name */
  #seen(name) {
    const above = this.names.slice(this.names.indexOf(name) + 1);
    return !this.ready || above.some((other) => this.opacity[other] === 1) ? 0 : this.opacity[name];
  }

  /** @param {Blob} blob @returns {Promise<Tile>} */
  async #openNormals(blob) {
    const tile = await ReliefTile.of(this.shading, blob);
    return { context: () => tile.shaded(), free: () => undefined };
  }
}
