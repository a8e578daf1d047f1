// Where to look next: cells of the drawing, worst estimated quality first.

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

  /** Walk on. @returns {number|null} the next cell; null where all have been seen or corrected */
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
