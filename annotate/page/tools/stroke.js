// A stroke while it is drawn: points and radii in scan pixels, thinned without a visible difference.

export const TOLERANCE_PX = 0.25; // scan pixels by which a thinned stroke may stray from what was drawn
export const MOST_POINTS = 20_000;
const WIDEST_PX = 200; // radius in scan pixels; the server takes no wider pen
const LIGHTEST = 0.4; // a pen that hardly touches draws this share of the width, a pressed one 2 - LIGHTEST

/**
 * @param {number} radius the pen's, in scan pixels @param {string} pointerType @param {number} pressure in [0, 1]
 * @returns {number} the radius at this moment; only a pen's pressure counts, and half of it is the chosen width
 */
export function radiusAt(radius, pointerType, pressure) {
  const share = pointerType === "pen" ? LIGHTEST + 2 * (1 - LIGHTEST) * pressure : 1;
  return Math.min(WIDEST_PX, radius * share);
}

/** @typedef {import("../core/messages.js").Point} Point */
/** @typedef {[row: number, column: number, radius: number]} Triple */

/**
 * @param {Triple} p @param {Triple} a @param {Triple} b
 * @returns {number} how far p lies from the piece a b, the radius taken as a third dimension
 */
function distance([p0, p1, p2], [a0, a1, a2], [b0, b1, b2]) {
  const [d0, d1, d2] = [b0 - a0, b1 - a1, b2 - a2];
  const square = d0 * d0 + d1 * d1 + d2 * d2;
  const along = (p0 - a0) * d0 + (p1 - a1) * d1 + (p2 - a2) * d2;
  const share = square ? Math.min(1, Math.max(0, along / square)) : 0;
  return Math.hypot(p0 - a0 - share * d0, p1 - a1 - share * d1, p2 - a2 - share * d2);
}

/**
 * Douglas and Peucker's line simplification (1973).
 * @param {Triple[]} triples @param {number} tolerance
 * @returns {number[]} the indices kept
 */
function keptOf(triples, tolerance) {
  const kept = new Uint8Array(triples.length);
  kept[0] = kept[triples.length - 1] = 1;
  const pieces = [[0, triples.length - 1]];
  for (let piece = pieces.pop(); piece; piece = pieces.pop()) {
    const [first, last] = piece;
    let furthest = -1;
    let most = tolerance;
    for (let i = first + 1; i < last; i++) {
      const away = distance(triples[i], triples[first], triples[last]);
      if (away > most) [furthest, most] = [i, away];
    }
    if (furthest < 0) continue;
    kept[furthest] = 1;
    pieces.push([first, furthest], [furthest, last]);
  }
  return [...kept.keys()].filter((i) => kept[i]);
}

/**
 * Leave out points that a straight piece between their neighbours shows as well.
 * @param {Point[]} points @param {number[]} radii
 * @param {number} [tolerance] scan pixels @param {number} [most] points at most; the tolerance grows until they fit
 * @returns {{points: Point[], radii: number[]}}
 */
export function thin(points, radii, tolerance = TOLERANCE_PX, most = MOST_POINTS) {
  const triples = points.map(([row, column], i) => /** @type {Triple} */ ([row, column, radii[i]]));
  let kept = keptOf(triples, tolerance);
  for (let wider = 2 * tolerance; kept.length > most; wider *= 2) kept = keptOf(triples, wider);
  return { points: kept.map((i) => points[i]), radii: kept.map((i) => radii[i]) };
}

/** @returns {string} a random UUID (`crypto.randomUUID` is missing where the page comes by http from elsewhere) */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {number} value */
const rounded = (value) => Math.round(value * 100) / 100;

/** The stroke under way. */
export class Trace {
  /** @param {1|-1} sign */
  constructor(sign) {
    this.sign = sign;
    this.client = uuid();
    /** @type {Point[]} */
    this.points = [];
    /** @type {number[]} */
    this.radii = [];
  }

  /** @param {Point} point @param {number} radius scan pixels */
  add(point, radius) {
    const last = this.points.at(-1);
    if (last && last[0] === point[0] && last[1] === point[1]) {
      const end = this.radii.length - 1;
      this.radii[end] = Math.max(this.radii[end], radius); // a pen pressed where it stands
      return;
    }
    this.points.push(point);
    this.radii.push(radius);
    if (this.points.length > 2 * MOST_POINTS) Object.assign(this, thin(this.points, this.radii));
  }

  /** @param {boolean} straight from first point to last @returns {{points: Point[], radii: number[]}} */
  shown(straight) {
    if (!straight || this.points.length < 2) return { points: this.points, radii: this.radii };
    const radius = this.radii[this.radii.length >> 1];
    return { points: [this.points[0], this.points[this.points.length - 1]], radii: [radius, radius] };
  }

  /** @param {boolean} straight @returns {import("../core/messages.js").Stroke} to send */
  finished(straight) {
    const drawn = this.shown(straight);
    const { points, radii } = thin(drawn.points, drawn.radii);
    return {
      client: this.client,
      sign: this.sign,
      path_px: points.map(([row, column]) => [rounded(row), rounded(column)]),
      radius_px: radii.map((radius) => Math.max(0.01, rounded(radius))),
    };
  }
}
