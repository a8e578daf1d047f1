/** Overlays above and below the drawing: cells with their quality, flashes of changes, measured distances. */

import { onScreen, CanvasLayer } from "./canvas.js";

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").Region} Region */

const WORST = [213, 94, 0]; // vermilion, and blue: told apart by all eyes
const BEST = [0, 114, 178];
const CELL_ALPHA = 0.45;
const LABEL_FROM = 44; // CSS pixels that a cell's side has before its value is written into it
const FLASH_MS = 700;
const APPEARED = 0xffffffff; // white
const VANISHED = 0xff005ed5; // vermilion, as little-endian machines hold it
const LIGHT = "#ffffff"; // lines and letters, and what is around them: seen on all grounds
const DARK = "rgba(0,0,0,0.65)";
const FONT = "system-ui, sans-serif";

/** @typedef {import("../core/messages.js").Places} Places */
/** @typedef {import("./canvas.js").Box} Box */
/** @typedef {CanvasRenderingContext2D} Context */

/** Estimated quality: each cell in its colour with its value; broken outline where seen, whole where corrected. */
export class QualityLayer extends CanvasLayer {
  /** @param {HTMLElement} parent @param {number} scale model pixels a scan pixel */
  constructor(parent, scale) {
    super(parent, "quality", (context, frame) => this.#draw(context, frame));
    this.scale = scale;
    /** @type {Places | null} */
    this.places = null;
    this.setOpacity(0);
  }

  /** @param {Context} context @param {Frame} frame */
  #draw(context, frame) {
    if (!this.places) return;
    const { grid, quality, state, next } = this.places;
    context.textAlign = "center";
    context.textBaseline = "middle";
    grid.forEach((region, index) => {
      const box = onScreen(region, this.scale, frame);
      if (!isVisible(box, frame)) return;
      drawQuality(context, box, quality[index], frame.ratio);
      const inset = insetBy(box, 2 * frame.ratio);
      if (state[index]) outline(context, inset, frame.ratio, state[index] === "seen" ? [4, 4] : []);
      if (index === next) corners(context, inset, frame.ratio);
    });
  }
}

/** @param {Context} context @param {Box} box @param {number | null} quality @param {number} ratio */
function drawQuality(context, [x, y, width, height], quality, ratio) {
  if (quality === null) return;
  const mix = WORST.map((worst, channel) => Math.round(worst + (BEST[channel] - worst) * quality));
  context.fillStyle = `rgba(${mix.join(",")},${CELL_ALPHA})`;
  context.fillRect(x, y, width, height);
  if (Math.min(width, height) < LABEL_FROM * ratio) return;
  context.font = `600 ${12 * ratio}px ${FONT}`;
  context.lineWidth = 3 * ratio;
  context.strokeStyle = DARK;
  context.fillStyle = LIGHT;
  const text = `${Math.round(100 * quality)} %`;
  context.strokeText(text, x + width / 2, y + height / 2);
  context.fillText(text, x + width / 2, y + height / 2);
}

/** What comes and goes: pixels that changed, the place that is looked at, a line that is measured. */
export class GuideLayer extends CanvasLayer {
  /** @param {HTMLElement} parent @param {number} scale model pixels a scan pixel */
  constructor(parent, scale) {
    super(parent, "guides", (context, frame) => this.#draw(context, frame));
    this.scale = scale;
    /** @type {Flash[]} */
    this.flashes = [];
    /** @type {Region | null} */
    this.place = null;
    /** @type {[number, number][]} */
    this.line = [];
    this.text = "";
    this.update();
  }

  /** Show the canvas only while there is something on it. @returns {boolean} whether it has to be redrawn */
  update() {
    const before = this.shown;
    this.setOpacity(this.moving || this.place || this.line.length ? 1 : 0);
    return before || this.shown;
  }

  /** Whether it changes by itself. */
  get moving() {
    return this.flashes.length > 0;
  }

  /** @param {Context} context @param {Frame} frame */
  #draw(context, frame) {
    const now = performance.now();
    this.flashes = this.flashes.filter((flash) => flash.draw(context, frame, this.scale, now));
    if (this.place) corners(context, onScreen(this.place, this.scale, frame), frame.ratio);
    if (this.line.length) drawMeasure(context, frame, this.line, this.text);
    if (!this.flashes.length) this.update();
  }
}

/** Pixels that appeared in white and such that vanished in vermilion, for a moment. */
export class Flash {
  /**
   * @param {Region} region in model pixels
   * @param {import("./drawing.js").Difference | null} difference null where it is not known: the region's outline alone
   */
  constructor(region, difference) {
    this.start = performance.now();
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.region = region;
    this.picture = difference && pictureOf(difference);
  }

  /**
   * @param {Context} context @param {Frame} frame
   * @param {number} scale model pixels a scan pixel @param {number} now ms
   * @returns {boolean} whether it goes on
   */
  draw(context, frame, scale, now) {
    const share = (now - this.start) / FLASH_MS;
    if (share >= 1) return false;
    const box = onScreen(this.region, scale, frame);
    context.globalAlpha = this.still ? 1 : 1 - share * share;
    if (this.picture) {
      context.imageSmoothingEnabled = box[2] < this.region[3] * 4;
      context.drawImage(this.picture, ...box);
    } else outline(context, box, frame.ratio, []);
    context.globalAlpha = 1;
    return true;
  }
}

/** @param {import("./drawing.js").Difference} difference */
function pictureOf({ region: [, , height, width], signs }) {
  const pixels = new ImageData(width, height);
  const values = new Uint32Array(pixels.data.buffer);
  for (let at = 0; at < signs.length; at++) values[at] = signs[at] > 0 ? APPEARED : signs[at] < 0 ? VANISHED : 0;
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** @param {Context} context @param {Frame} frame @param {[number, number][]} points @param {string} text */
function drawMeasure(context, { factor, left, top, ratio }, points, text) {
  const at = points.map(([row, column]) => [left + factor * (column + 0.5), top + factor * (row + 0.5)]);
  context.beginPath();
  at.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
  cased(context, ratio);
  for (const [x, y] of at) {
    context.beginPath();
    context.arc(x, y, 3.5 * ratio, 0, 2 * Math.PI);
    cased(context, ratio);
  }
  const [[x, y], [toX, toY]] = [at[0], at[at.length - 1]];
  if (text) label(context, text, (x + toX) / 2, (y + toY) / 2 - 16 * ratio, ratio);
}

/**
 * White text on a dark ground.
 *
 * @param {Context} context @param {string} text @param {number} x @param {number} y @param {number} ratio
 */
function label(context, text, x, y, ratio) {
  context.font = `600 ${13 * ratio}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 12 * ratio;
  context.fillStyle = DARK;
  context.beginPath();
  context.roundRect(x - width / 2, y - 10 * ratio, width, 20 * ratio, 5 * ratio);
  context.fill();
  context.fillStyle = LIGHT;
  context.fillText(text, x, y + ratio);
}

/** @param {Context} context @param {Box} box @param {number} ratio @param {number[]} dashes */
function outline(context, [x, y, width, height], ratio, dashes) {
  context.beginPath();
  context.rect(x, y, width, height);
  cased(context, ratio, dashes);
}

/** The four corners of a box. @param {Context} context @param {Box} box @param {number} ratio */
function corners(context, [x, y, width, height], ratio) {
  const arm = Math.min(24 * ratio, width / 3, height / 3);
  context.beginPath();
  for (const [cornerX, across] of [
    [x, arm],
    [x + width, -arm],
  ]) {
    for (const [cornerY, down] of [
      [y, arm],
      [y + height, -arm],
    ]) {
      context.moveTo(cornerX + across, cornerY);
      context.lineTo(cornerX, cornerY);
      context.lineTo(cornerX, cornerY + down);
    }
  }
  cased(context, 1.5 * ratio);
}

/**
 * Stroke the path in white within black: to be seen on all grounds.
 *
 * @param {Context} context @param {number} ratio @param {number[]} dashes
 */
function cased(context, ratio, dashes = []) {
  context.lineJoin = "round";
  context.setLineDash([]);
  context.lineWidth = 3 * ratio;
  context.strokeStyle = DARK;
  context.stroke();
  context.setLineDash(dashes.map((length) => length * ratio));
  context.lineWidth = 1.25 * ratio;
  context.strokeStyle = LIGHT;
  context.stroke();
  context.setLineDash([]);
}

/** @param {Box} box @param {number} margin @returns {Box} */
function insetBy([x, y, width, height], margin) {
  return [x + margin, y + margin, width - 2 * margin, height - 2 * margin];
}

/** @param {Box} box @param {Frame} frame */
function isVisible([x, y, width, height], frame) {
  return x < frame.width && y < frame.height && x + width > 0 && y + height > 0;
}
