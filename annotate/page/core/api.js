// Requests to the server, one function each; annotate/routes declares the responses.

import { listen } from "./stream.js";
import { waitingFor } from "./waits.js";

/** @typedef {"png"|"svg"|"pdf"|"csv"|"json"|"zip"} Format of an export; a ZIP holds all the others */
/** @typedef {"undo"|"redo"|"refine"|"keep"|"redraw"|"forget"} Command */
/** @typedef {import("./messages.js").State} State */

/** The server understood and said no; `status` is HTTP's, the message is for people. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }

  /** Whether the same request may be granted later: the fault lies with the server's moment, not with the request. */
  get passing() {
    return this.status >= 500 || [401, 403, 404, 408, 409, 429].includes(this.status);
  }
}

/** No answer came: the server is not running, or the connection broke, or it takes too long. */
export class Unreachable extends Error {
  constructor(message = "The server can't be reached. Is the program still running?") {
    super(message);
    this.name = "Unreachable";
  }
}

const ANSWER_WITHIN_MS = 30_000;
const TOO_LONG = `The server has not answered for ${ANSWER_WITHIN_MS / 1000} seconds; it has much to do, or the line is slow.`;

/** @param {Response} response @returns {Promise<string>} */
async function messageOf(response) {
  try {
    const { detail } = await response.json();
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    return `The server answered ${response.status} ${response.statusText}`.trim();
  }
}

/** @param {string} path @param {RequestInit} [options] @returns {Promise<Response>} an answer that is no refusal */
async function fetched(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "TimeoutError" ? new Unreachable(TOO_LONG) : new Unreachable();
  }
  if (!response.ok) throw new Refusal(response.status, await messageOf(response));
  return response;
}

/**
 * @param {string} what the server does, for people who wait for it @param {string} path
 * @param {object} [body] posted, where there is one
 * @returns {Promise<any>} the JSON answer
 */
const ask = (what, path, body = undefined) => waitingFor(what, answered(path, body));

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
async function answered(path, body) {
  /** @type {RequestInit} */
  const options = { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  if (body !== undefined) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetched(path, options);
  try {
    return await response.json();
  } catch {
    throw new Unreachable(); // the answer broke off half-way
  }
}

/** @param {string} header Content-Disposition @returns {string|undefined} a file's name, which may be encoded */
function nameIn(header) {
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(header);
  return encoded ? decodeURIComponent(encoded[1]) : /filename="?([^";]+)/.exec(header)?.[1];
}

/** @param {string} name @param {string} [rest] */
const pathOf = (name, rest = "") => `/api/mirrors/${encodeURIComponent(name)}${rest}`;

/** @returns {Promise<import("./messages.js").MirrorEntry[]>} all mirrors, for the list */
export const listMirrors = () => ask("reading the list of mirrors", "/api/mirrors");

/** @param {string} name @returns {string} */
export const thumbnailUrl = (name) => pathOf(name, "/thumbnail");

/** @param {string} name @param {import("./messages.js").Source} source @returns {string} what can be begun from */
export const previewUrl = (name, source) => pathOf(name, `/previews/${source}`);

/** @param {string} name @returns {string} a part of a photograph, pixel by pixel, in which lines can be measured */
export const closeUpUrl = (name) => pathOf(name, "/close_up");

/** @type {Record<Command, string>} what the server does */
const COMMANDS = {
  undo: "undoing",
  redo: "doing it again",
  refine: "refining",
  keep: "keeping the stroke alone",
  redraw: "drawing anew",
  forget: "going back to the models as they came",
};

/** One mirror on the server. */
export class MirrorApi {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @returns {Promise<State>} the whole state; opens the mirror */
  state() {
    return ask(`opening ${this.name}`, pathOf(this.name));
  }

  /** @param {import("./messages.js").Source} source */
  start(source) {
    return ask("beginning the drawing", pathOf(this.name, "/start"), { source });
  }

  makeTiles() {
    return ask("preparing the picture", pathOf(this.name, "/tiles"), {});
  }

  drawPreviews() {
    return ask("drawing what can be begun from", pathOf(this.name, "/previews"), {});
  }

  /** @param {number|null} line_width @param {"dark"|"bright"|null} polarity null: as it is */
  showLines(line_width, polarity) {
    return ask("preparing the images anew", pathOf(this.name, "/showing"), { line_width, polarity });
  }

  /**
   * Send a stroke; when this resolves it is on the server's disk. Sending it twice counts once.
   * @param {import("./messages.js").StrokeRequest} stroke
   * @returns {Promise<{event: number}>}
   */
  draw(stroke) {
    return ask("saving a stroke", pathOf(this.name, "/strokes"), stroke);
  }

  /** @param {Command} command */
  command(command) {
    return ask(COMMANDS[command], pathOf(this.name, `/${command}`), {});
  }

  /** @param {number} cell @param {boolean} right whether it looks right @returns {Promise<{event: number}>} */
  seen(cell, right) {
    return ask("noting a place", pathOf(this.name, "/seen"), { cell, right });
  }

  /** @param {number|null} cell to be learned from; null: those that are done */
  learn(cell) {
    return ask("beginning to learn", pathOf(this.name, "/learn"), { cell });
  }

  /** @param {"accept"|"dismiss"} word @param {number[]|null} cells in which a redrawing is taken over or not; null: all */
  settle(word, cells) {
    return ask("settling a redrawing", pathOf(this.name, `/redrawing/${word}`), { cells });
  }

  /** @param {"initial"|"current"|"truth"|"proposed"} which */
  drawingUrl(which) {
    return pathOf(this.name, `/drawings/${which}`);
  }

  /**
   * Make an export; it waits for strokes that are under way, and may take a while.
   * @param {Format} format @param {boolean} [offObject] whether pictures show the line off the object, too
   * @returns {Promise<{file: Blob, name: string}>}
   */
  async export(format, offObject = false) {
    const response = await fetched(pathOf(this.name, `/export/${format}?off_object=${offObject}`));
    const name = nameIn(response.headers.get("Content-Disposition") ?? "");
    return { file: await response.blob(), name: name ?? `${this.name}.${format}` };
  }

  /**
   * Listen to what happens to this mirror; the first message is `hello`, with the whole state.
   * @param {import("./stream.js").Listener["onMessage"]} onMessage
   * @param {import("./stream.js").Listener["onConnection"]} onConnection
   * @returns {() => void} stops
   */
  listen(onMessage, onConnection) {
    return listen(this.name, { onMessage, onConnection });
  }
}
