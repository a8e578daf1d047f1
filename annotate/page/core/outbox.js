// Sends strokes and commands to the server, one at a time and in order. A stroke is sent until the server has it.

import { Refusal, Unreachable } from "./api.js";

/** @typedef {import("./messages.js").StrokeRequest} StrokeRequest */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/**
 * Strokes that this browser holds until the server has acknowledged them, so that closing the page loses none.
 * An entry a stroke; a browser that keeps nothing just doesn't have this second net.
 */
export class UnsentStrokes {
  /** @param {string} mirror @param {string} version which scan the strokes were drawn on */
  constructor(mirror, version) {
    this.prefix = `retrace.unsent.${mirror}.${version}.`;
  }

  /** @param {StrokeRequest} stroke */
  keep(stroke) {
    try {
      localStorage.setItem(this.prefix + stroke.client, JSON.stringify({ drawn: Date.now(), stroke }));
    } catch {
      // full or forbidden; the stroke is still in memory and is being sent
    }
  }

  /** @param {string} client */
  forget(client) {
    try {
      localStorage.removeItem(this.prefix + client);
    } catch {
      // nothing was kept either
    }
  }

  /** @returns {StrokeRequest[]} strokes of an earlier visit, in the order they were drawn */
  all() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix))
        .map((key) => JSON.parse(localStorage.getItem(key) ?? ""))
        .sort((one, other) => one.drawn - other.drawn)
        .map((entry) => entry.stroke);
    } catch {
      return [];
    }
  }
}

/**
 * @typedef {object} Item that waits to be sent
 * @property {() => Promise<any>} send
 * @property {boolean} untilDone
 * @property {(answer: any) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** Nobody wants it to be sent any more. */
export class GivenUp extends Error {
  constructor() {
    super("it was discarded with the strokes before it.");
  }
}

/** Sends one thing after the other. */
export class Outbox {
  /** @param {(trouble: Error|null, length: number) => void} onChange what keeps it, if anything, and how much waits */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Item[]} */
    this.items = [];
    this.busy = false;
    this.wake = () => {};
    this.closed = false;
    /** @type {Item|undefined} that nobody wants to be sent any more */
    this.givenUp = undefined;
  }

  get length() {
    return this.items.length;
  }

  /** How many of them are strokes. */
  get strokes() {
    return this.items.filter(({ untilDone }) => untilDone).length;
  }

  /**
   * @template T
   * @param {() => Promise<T>} send
   * @param {{untilDone?: boolean}} [options] untilDone: try again for as long as it takes
   * @returns {Promise<T>} the server's answer; rejects when refused, or unreachable and not `untilDone`
   */
  push(send, { untilDone = false } = {}) {
    return new Promise((resolve, reject) => {
      this.items.push({ send, untilDone, resolve, reject });
      this.onChange(null, this.length);
      if (!this.busy) this.work();
    });
  }

  /** Try again now: the connection is back. */
  nudge() {
    this.wake();
  }

  /** Give up all that waits; the promises reject with `GivenUp`. */
  giveUp() {
    const [first, ...others] = this.items;
    this.items = this.items.slice(0, 1);
    this.givenUp = first; // may be on its way
    for (const { reject } of others) reject(new GivenUp());
    this.wake();
  }

  /** Send nothing any more. */
  close() {
    this.closed = true;
    this.wake();
  }

  async work() {
    this.busy = true;
    let pause = FIRST_PAUSE_MS;
    while (this.items.length && !this.closed) {
      const item = this.items[0];
      const trouble = await this.tried(item);
      if (trouble) {
        this.onChange(trouble, this.length);
        await this.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
        if (this.givenUp !== item) continue;
        item.reject(new GivenUp());
      }
      this.items.shift();
      pause = FIRST_PAUSE_MS;
      this.onChange(null, this.length);
    }
    this.busy = false;
  }

  /** @param {Item} item @returns {Promise<Error|null>} what keeps it from being sent; null: it is done, or refused */
  async tried(item) {
    try {
      item.resolve(await item.send());
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Refusal && error.passing);
      if (passing && item.untilDone) return error;
      item.reject(error);
    }
    return null;
  }

  /** @param {number} ms @returns {Promise<void>} */
  sleep(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
