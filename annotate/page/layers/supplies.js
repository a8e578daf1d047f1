/** What layers are made of, and whether it is here: drawings are fetched whole, tiles as they come into view. */

/** @typedef {"initial" | "current" | "truth" | "proposed"} Which of the drawings */

/** The drawings that a layer is made from. @type {Record<string, Which[]>} */
const DRAWINGS = {
  initial: ["initial"],
  current: ["current"],
  errors: ["current", "truth"],
  redrawing: ["current", "proposed"],
};

/** What is shown of a layer that lacks something. @typedef {{says: string, failed: boolean}} Lack */

/** Tells of each change by a `change` event. */
export class Supplies extends EventTarget {
  /** Why something is not here: "" while it is on its way. @type {Map<string, string>} */
  #missing = new Map();
  #asked = /** @type {Set<string>} */ (new Set());

  /** @param {string} part a drawing, or the tiles of a layer by its name: it is being fetched */
  begin(part) {
    this.#asked.add(part);
    this.#set(part, "");
  }

  /** @param {string} part that is here */
  done(part) {
    if (this.#missing.delete(part)) this.dispatchEvent(new Event("change"));
  }

  /** @param {string} part @param {string} reason why it could not be fetched */
  fail(part, reason) {
    this.#set(part, reason);
  }

  /** @param {string} layer @returns {Which[]} the drawings that it needs and that nobody has asked for */
  unasked(layer) {
    return (DRAWINGS[layer] ?? []).filter((part) => !this.#asked.has(part));
  }

  /** @param {string} layer @returns {string[]} its parts that could not be fetched */
  failed(layer) {
    return partsOf(layer).filter((part) => this.#missing.get(part));
  }

  /** @param {string} layer @returns {Lack | null} null where all of it is here */
  lack(layer) {
    const [part] = this.failed(layer);
    if (part) return { says: `Could not be loaded: ${this.#missing.get(part)}`, failed: true };
    const waits = this.unasked(layer).length || partsOf(layer).some((one) => this.#missing.has(one));
    return waits ? { says: "Is being loaded …", failed: false } : null;
  }

  /** @param {string} part @param {string} reason */
  #set(part, reason) {
    if (this.#missing.get(part) === reason) return;
    this.#missing.set(part, reason);
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} part @returns {part is Which} whether it is fetched whole */
export function isDrawing(part) {
  return part === "initial" || part === "current" || part === "truth" || part === "proposed";
}

/** @param {string} layer @returns {string[]} */
function partsOf(layer) {
  return DRAWINGS[layer] ?? [layer];
}
