// Where to look next: cells of the drawing, worst estimated quality first, and how far the mirror is.

/**
 * @typedef {object} PlacesState as the server sends it
 * @property {number} cell side, model pixels
 * @property {number[][]} grid [top, left, height, width] of each, model pixels
 * @property {(number|null)[]} quality estimated, in [0, 1]
 * @property {(""|"seen"|"corrected")[]} state
 * @property {number|null} next the one to look at first
 * @property {number|null} progress share looked at or corrected, in [0, 1]
 */

export class Places {
  /** @type {PlacesState} before anything is known */
  static none = { cell: 0, grid: [], quality: [], state: [], next: null, progress: null };

  /** @param {PlacesState} places */
  constructor(places) {
    this.current = null; // the one being looked at
    this.passed = new Set(); // looked at in this round, and left without a word
    this.update(places);
  }

  /** @param {PlacesState} places */
  update(places) {
    this.places = places;
    if (this.current !== null && this.current >= places.grid.length) this.current = null;
  }

  /** @returns {number[]} what is left, worst first; where nothing is known of any, as they lie */
  get left() {
    const { quality, state, next } = this.places;
    const rank = (cell) => (cell === next ? -1 : (quality[cell] ?? 2));
    return [...state.keys()]
      .filter((cell) => !state[cell])
      .sort((one, other) => rank(one) - rank(other) || one - other);
  }

  /** PlacesPanel on. @returns {number|null} the next cell; null where all have been seen or corrected */
  next() {
    if (this.current !== null) this.passed.add(this.current);
    const left = this.left;
    if (left.every((cell) => this.passed.has(cell))) this.passed.clear();
    const cell = left.find((cell) => !this.passed.has(cell) && (cell !== this.current || left.length === 1)) ?? null;
    this.current = cell;
    return cell;
  }

  /** @returns {number[]|null} the current cell's region, model pixels */
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
    const part = (id) => root.querySelector(`#${id}`);
    this.bar = part("progress");
    this.share = part("progress-shown");
    this.text = part("places-shown");
    this.right = part("looks-right");
  }

  /** Go to the next place. */
  next() {
    const viewer = this.hooks.viewer();
    if (!viewer) return;
    const cell = this.places.next();
    this.show();
    if (cell === null) {
      this.hooks.notices.say("Every place has been looked at or corrected.");
      return;
    }
    viewer.camera.goTo(this.places.region);
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
