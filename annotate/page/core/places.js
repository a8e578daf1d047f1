// The places of a mirror: which comes next, which are done, and how far the mirror is.

import { find } from "./dom.js";
import { PlacesMap } from "./places-map.js";

/** @typedef {import("./messages.js").Places} PlacesState as the server sends it */

const ABOUT = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

/** @param {number} pixels @returns {string} for people */
const wrongPixels = (pixels) => `about ${ABOUT.format(pixels)} wrong pixel${pixels === 1 ? "" : "s"} expected`;

/** @param {import("./messages.js").PlacesCount} count @returns {string} for people: what is done, and what that counts */
export function doneOf({ of, right, corrected, expected }) {
  if (corrected === null) return `${right} of ${of} places looked right`;
  const done = right + corrected;
  const rest = expected === null || done === of ? "" : `; ${wrongPixels(expected)} in the rest`;
  return `${done} of ${of} places done: ${right} looked right, ${corrected} corrected${rest}`;
}

export class Places {
  /** @type {PlacesState} before anything is known */
  static none = {
    cell: 0,
    grid: [],
    quality: [],
    wrong: [],
    state: [],
    reopened: [],
    count: null,
    next: null,
    progress: null,
    unsure_first: false,
  };

  /** @param {PlacesState} places */
  constructor(places) {
    this.places = places;
    /** The one being looked at. @type {number|null} */
    this.current = null;
    /** Looked at in this round, and left without a word. @type {Set<number>} */
    this.passed = new Set();
  }

  /** @param {PlacesState} places */
  update(places) {
    this.places = places;
    if (this.current !== null && this.current >= places.grid.length) this.current = null;
  }

  /** @returns {number[]} what is open, the most wrong pixels first; where nothing is known, as they lie */
  get left() {
    const { wrong, state, next } = this.places;
    /** @param {number} cell */
    const rank = (cell) => (cell === next ? -Infinity : -(wrong[cell] ?? 0));
    return [...state.keys()]
      .filter((cell) => !state[cell])
      .sort((one, other) => (rank(one) < rank(other) ? -1 : rank(one) > rank(other) ? 1 : one - other));
  }

  /** Go on. @returns {number|null} the next cell; null where all are done */
  next() {
    if (this.current !== null) this.passed.add(this.current);
    const left = this.left;
    if (left.every((one) => this.passed.has(one))) this.passed.clear();
    const cell = left.find((one) => !this.passed.has(one) && (one !== this.current || left.length === 1)) ?? null;
    this.current = cell;
    return cell;
  }

  /** @returns {import("./messages.js").Region|null} the current cell's region, model pixels */
  get region() {
    return this.current === null ? null : this.places.grid[this.current];
  }

  /** @returns {boolean} whether the person has said of the current place that it looks right */
  get marked() {
    const { current, places } = this;
    return current !== null && places.state[current] === "seen";
  }

  /** @returns {string} for people */
  get says() {
    const { count } = this.places;
    return count ? doneOf(count) : "";
  }

  /** @param {number} cell @returns {string} what is known of a place, for people */
  describe(cell) {
    const { state, wrong, reopened } = this.places;
    const pixels = wrong[cell] ?? null;
    const expected = pixels === null ? "" : `, ${wrongPixels(pixels)}`;
    if (state[cell] === "seen") return `Place ${cell + 1}: looks right`;
    if (state[cell] === "corrected") return `Place ${cell + 1}: corrected`;
    if (!reopened.includes(cell)) return `Place ${cell + 1}: open${expected}`;
    return `Place ${cell + 1}: open again, as the drawing has changed since it looked right${expected}`;
  }
}

/** Leads from place to place, and shows how far the mirror is. */
export class PlacesPanel {
  /**
   * @param {HTMLElement} root @param {import("./session.js").Session} session
   * @param {object} hooks
   * @param {() => import("../layers/viewer.js").Viewer|null} hooks.viewer
   * @param {() => boolean} hooks.mayDraw
   * @param {import("./notices.js").Notices} hooks.notices
   */
  constructor(root, session, hooks) {
    this.session = session;
    this.hooks = hooks;
    this.places = new Places(session.state.places ?? Places.none);
    this.bar = find(root, "#progress", HTMLProgressElement);
    this.share = find(root, "#progress-shown", HTMLElement);
    this.text = find(root, "#places-shown", HTMLElement);
    this.why = find(root, "#places-why", HTMLElement);
    this.right = find(root, "#looks-right", HTMLButtonElement);
    this.map = new PlacesMap(find(root, "#places-map", HTMLElement), (cell) => this.goTo(cell));
  }

  /** Go to the next place. */
  next() {
    if (!this.hooks.viewer()) return;
    const cell = this.places.next();
    if (cell !== null) {
      this.goTo(cell);
      return;
    }
    this.show();
    this.hooks.notices.say("Every place looks right or was corrected.");
  }

  /** Go to a place. @param {number} cell */
  goTo(cell) {
    const viewer = this.hooks.viewer();
    if (!viewer || !this.places.places.grid[cell]) return;
    this.places.current = cell;
    this.show();
    viewer.camera.goTo(this.places.places.grid[cell]);
    this.hooks.notices.announce(this.places.describe(cell));
  }

  /** The current place needs nothing: log that, and go on. One that was marked is marked no longer. */
  looksRight() {
    const { current, places, marked } = this.places;
    if (current === null) {
      this.hooks.notices.say("Go to a place first: with Next place (N), or by a click on the map of places.");
      return;
    }
    if (!this.hooks.mayDraw()) return;
    const right = !marked;
    places.state[current] = right ? "seen" : ""; // the server's word follows
    places.reopened = places.reopened.filter((cell) => cell !== current);
    if (right) this.next();
    else this.show();
    this.session.seen(current, right);
  }

  /**
   * A mark was made or taken back: who undid it sees its place.
   * @param {import("./messages.js").Marked & {own: boolean}} mark
   */
  marked({ cell, cause, own }) {
    if (!own || cell === null) return;
    this.goTo(cell);
    this.hooks.notices.announce(`${cause === "undo" ? "Undone" : "Done again"}: the mark of place ${cell + 1}`);
  }

  /** The session has news of the places. */
  update() {
    const { places } = this.session.state;
    if (!places) return;
    this.places.update(places);
    this.show();
  }

  /** Show the places in the picture and beside it. */
  show() {
    const { places, current, says, marked } = this.places;
    this.hooks.viewer()?.setPlaces(places, current);
    this.map.show(this.places);
    this.right.disabled = current === null;
    this.right.setAttribute("aria-pressed", String(marked));
    this.bar.value = places.progress ?? 0;
    this.bar.title = says;
    this.share.textContent = `${Math.round(100 * (places.progress ?? 0))} %`;
    this.text.textContent = says;
    this.why.hidden = !places.unsure_first;
  }
}
