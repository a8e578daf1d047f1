// The next place to look at: cells of the drawing, lowest estimated quality first, and the mirror's progress.

import { find } from "./dom.js";

/** @typedef {import("./messages.js").Places} PlacesState as the server sends it */

export class Places {
  /** @type {PlacesState} before anything is known */
  static none = { cell: 0, grid: [], quality: [], state: [], next: null, progress: null };

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

  /** @returns {number[]} what is left, worst first; where nothing is known of any, as they lie */
  get left() {
    const { quality, state, next } = this.places;
    /** @param {number} cell */
    const rank = (cell) => (cell === next ? -1 : (quality[cell] ?? 2));
    return [...state.keys()]
      .filter((cell) => !state[cell])
      .sort((one, other) => rank(one) - rank(other) || one - other);
  }

  /** Go on. @returns {number|null} the next cell; null where all have been seen or corrected */
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

  /** @returns {string} for people */
  get says() {
    const { state } = this.places;
    const done = state.filter(Boolean).length;
    return `${done} of ${state.length} looked at or corrected`;
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
    this.right = find(root, "#looks-right", HTMLButtonElement);
  }

  /** Go to the next place. */
  next() {
    const viewer = this.hooks.viewer();
    if (!viewer) return;
    const cell = this.places.next();
    this.show();
    const { region } = this.places;
    if (cell === null || !region) {
      this.hooks.notices.say("Every place has been looked at or corrected.");
      return;
    }
    viewer.camera.goTo(region);
    const quality = this.places.places.quality[cell];
    const estimate = quality === null ? "" : `, estimated quality ${Math.round(100 * quality)} percent`;
    this.hooks.notices.announce(`Place ${cell + 1}${estimate}`);
  }

  /** The place that is looked at needs nothing: log that, and go on. */
  looksRight() {
    const { current, places } = this.places;
    if (current === null) {
      this.hooks.notices.say("Go to a place first, with Next place (N).");
      return;
    }
    if (!this.hooks.mayDraw()) return;
    if (!places.state[current]) places.state[current] = "seen"; // the server's word follows
    this.next();
    this.session.seen(current);
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
    const { places, current, says } = this.places;
    this.hooks.viewer()?.setPlaces(places, current);
    this.right.disabled = current === null;
    this.bar.value = places.progress ?? 0;
    this.share.textContent = `${Math.round(100 * (places.progress ?? 0))} %`;
    this.text.textContent = says;
  }
}
