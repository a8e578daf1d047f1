/** Unanswered strokes: lines of the pen for which no answer has come yet. */

import { CanvasLayer } from "./canvas.js";

/** @typedef {import("./canvas.js").Frame} Frame */
/** @typedef {import("../core/messages.js").Point} Point */

/** @typedef {CanvasRenderingContext2D} Context */

const INK = Object.freeze({ 1: "#fff6a0", "-1": "#d55e00" }); // of adding and erasing strokes
const REFUSED = "#000000"; // of the dashes along a stroke that the server does not take
const OPACITY = 0.85; // of all ink: what is going to be erased shows through
const SMALLEST = 0.7; // radius in model pixels that a stroke is drawn with at least, as `Stroke` does

/** @typedef {{points: Point[], radii: number[], sign: 1 | -1, refused?: boolean}} Stroke */

/** The strokes' canvas. A stroke that grows costs no more than what is new of it. */
export class Ink extends CanvasLayer {
  /**
   * @param {HTMLElement} parent
   * @param {number} scale model pixels a scan pixel
   */
  constructor(parent, scale) {
    super(parent, "strokes", (context, frame) => this.#drawAll(context, frame));
    this.smallest = SMALLEST / scale;
    /** @type {Map<string, Stroke>} */
    this.strokes = new Map();
    this.setOpacity(0);
  }

  /**
   * Show a stroke, or what has become of it since.
   *
   * @param {string} id
   * @param {Stroke} stroke points in scan pixels, one radius each
   * @param {Frame | null} frame null while there is no picture
   */
  put(id, stroke, frame) {
    const before = this.strokes.get(id);
    const radii = stroke.radii.map((radius) => Math.max(this.smallest, radius));
    const now = { points: stroke.points.slice(), radii, sign: stroke.sign };
    this.strokes.set(id, now);
    if (!frame) return;
    if (before && grows(before, now)) drawStroke(this.#prepared(this.context, frame), now, before.points.length - 1);
    else this.#refresh(frame);
  }

  /** Mark a stroke that the server does not take. @param {string} id @param {Frame | null} frame */
  refuse(id, frame) {
    const stroke = this.strokes.get(id);
    if (!stroke) return;
    stroke.refused = true;
    if (frame) this.#refresh(frame);
  }

  /** @param {string} id @param {Frame | null} frame */
  drop(id, frame) {
    if (this.strokes.delete(id) && frame) this.#refresh(frame);
  }

  /** @param {Frame} frame */
  #refresh(frame) {
    const wanted = this.strokes.size ? OPACITY : 0;
    if (this.shown || wanted) {
      this.setOpacity(OPACITY);
      this.redraw(frame);
      this.setOpacity(wanted);
    }
  }

  /** @param {Context} context @param {Frame} frame */
  #drawAll(context, frame) {
    this.#prepared(context, frame);
    for (const stroke of this.strokes.values()) {
      drawStroke(context, stroke, 0);
      if (stroke.refused) drawDashes(context, stroke);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** @param {Context} context @param {Frame} frame */
  #prepared(context, { factor, left, top }) {
    context.setTransform(factor, 0, 0, factor, left + factor / 2, top + factor / 2);
    context.lineCap = "round";
    context.lineJoin = "round";
    return context;
  }
}

/**
 * Whether a stroke is an earlier one and more: then what is on the canvas stays.
 *
 * @param {Stroke} before @param {Stroke} now
 */
function grows(before, now) {
  const last = before.points.length - 1;
  if (now.sign !== before.sign || last < 0 || now.points.length <= last) return false;
  /** @param {number} place */
  const same = (place) =>
    now.points[place][0] === before.points[place][0] &&
    now.points[place][1] === before.points[place][1] &&
    now.radii[place] === before.radii[place];
  return [last, Math.max(0, last - 1), last >> 1, 0].every(same);
}

/**
 * Draw a stroke from one of its points on, in scan pixels.
 *
 * @param {Context} context @param {Stroke} stroke @param {number} from
 */
function drawStroke(context, { points, radii, sign }, from) {
  context.strokeStyle = context.fillStyle = INK[sign];
  if (points.length === 1) {
    context.beginPath();
    context.arc(points[0][1], points[0][0], radii[0], 0, 2 * Math.PI);
    context.fill();
  }
  let place = from;
  while (place < points.length - 1) {
    const drawn = radii[place] === radii[place + 1] ? drawEven : drawCone;
    place = drawn(context, points, radii, place);
  }
}

/** Draw a dashed line along a stroke. @param {Context} context @param {Stroke} stroke */
function drawDashes(context, { points, radii }) {
  const width = Math.max(...radii);
  context.strokeStyle = REFUSED;
  context.lineWidth = width;
  context.setLineDash([2 * width, 2 * width]);
  context.beginPath();
  for (const [row, column] of points) context.lineTo(column, row);
  if (points.length === 1) context.lineTo(points[0][1] + 0.01, points[0][0]);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Draw the steps that follow with one radius.
 *
 * @param {Context} context @param {Point[]} points @param {number[]} radii @param {number} from
 */
function drawEven(context, points, radii, from) {
  let place = from;
  context.lineWidth = 2 * radii[from];
  context.beginPath();
  context.moveTo(points[from][1], points[from][0]);
  while (place < points.length - 1 && radii[place + 1] === radii[from]) {
    place++;
    context.lineTo(points[place][1], points[place][0]);
  }
  context.stroke();
  return place;
}

/**
 * Draw one step whose radius changes: the hull of two discs.
 *
 * @param {Context} context @param {Point[]} points @param {number[]} radii @param {number} from
 */
function drawCone(context, points, radii, from) {
  const [[y, x], [toY, toX]] = [points[from], points[from + 1]];
  const [radius, toRadius] = [radii[from], radii[from + 1]];
  const length = Math.hypot(toX - x, toY - y);
  const along = Math.atan2(toY - y, toX - x);
  context.beginPath();
  if (length <= Math.abs(radius - toRadius)) {
    const [centreX, centreY] = radius > toRadius ? [x, y] : [toX, toY];
    context.arc(centreX, centreY, Math.max(radius, toRadius), 0, 2 * Math.PI);
  } else {
    const tilt = Math.acos((radius - toRadius) / length);
    context.arc(x, y, radius, along + tilt, along - tilt);
    context.arc(toX, toY, toRadius, along - tilt, along + tilt);
    context.closePath();
  }
  context.fill();
  return from + 1;
}
