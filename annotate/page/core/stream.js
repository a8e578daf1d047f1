// Listening to the server. A browser opens six connections to a server at most, for all its windows together: so one
// stream, in a shared worker, serves them all. Where there are no shared workers each window has a stream of its own.

/** @typedef {import("./messages.js").Message} Message */

/**
 * @typedef {object} Listener
 * @property {(message: Message) => void} onMessage
 * @property {(connected: boolean) => void} onConnection
 */

const WORKER = "/page/core/stream-worker.js";
const SILENT_MS = 45_000; // the server says something every 15 s; after that the connection is dead, as after a sleep
const LOOK_MS = 5000;
const AGAIN_MS = 2000; // after an answer that was no stream

/** One event stream for any number of mirrors; each begins with the whole state of its mirrors. */
export class EventStream {
  /**
   * @param {(mirror: string, message: Message) => void} onMessage
   * @param {(connected: boolean) => void} onConnection
   */
  constructor(onMessage, onConnection) {
    this.onMessage = onMessage;
    this.onConnection = onConnection;
    /** @type {string[]} */
    this.mirrors = [];
    /** @type {EventSource|null} */
    this.source = null;
    this.heard = 0;
    setInterval(() => this.look(), LOOK_MS);
  }

  /** Follow these mirrors; the server tells the state of each anew. @param {Iterable<string>} mirrors */
  follow(mirrors) {
    this.mirrors = [...new Set(mirrors)];
    this.connect();
  }

  connect() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
    if (!this.mirrors.length) return;
    const query = new URLSearchParams(this.mirrors.map((name) => ["mirror", name]));
    const source = (this.source = new EventSource(`/api/stream?${query}`));
    this.heard = Date.now();
    source.onopen = () => {
      this.heard = Date.now();
      this.onConnection(true);
    };
    source.onmessage = ({ data }) => {
      this.heard = Date.now();
      const { mirror, message } = JSON.parse(data);
      if (mirror !== null) this.onMessage(mirror, message);
    };
    source.onerror = () => {
      this.heard = Date.now();
      this.onConnection(false);
      if (source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.connect(), AGAIN_MS);
    };
  }

  /** Connect anew where nothing has come for long. */
  look() {
    if (!this.source || Date.now() - this.heard < SILENT_MS) return;
    this.onConnection(false);
    this.connect();
  }
}

/** @typedef {{follow: (mirror: string|null) => void}} Line to the server; null: follow none any more */

/** A line that this window has for itself. @param {Listener} listener @returns {Line} */
function ownLine({ onMessage, onConnection }) {
  const stream = new EventStream((_, message) => onMessage(message), onConnection);
  return { follow: (mirror) => stream.follow(mirror === null ? [] : [mirror]) };
}

/**
 * A line through the worker.
 * @param {Listener} listener @param {() => void} onFault there is no worker after all
 * @returns {Line}
 */
function sharedLine({ onMessage, onConnection }, onFault) {
  const worker = new SharedWorker(WORKER, { type: "module", name: "events" });
  worker.onerror = onFault;
  worker.port.onmessage = ({ data }) => {
    if ("connected" in data) onConnection(data.connected);
    else onMessage(data.message);
  };
  return { follow: (mirror) => worker.port.postMessage({ follow: mirror }) };
}

/**
 * Listen to what happens to a mirror, while this window is to be seen; the first message is always `hello`.
 * @param {string} mirror @param {Listener} listener
 * @returns {() => void} stops
 */
export function listen(mirror, listener) {
  let line = window.SharedWorker ? sharedLine(listener, alone) : ownLine(listener);
  let stopped = false;
  const follow = () => line.follow(stopped || document.hidden ? null : mirror);
  const leave = () => line.follow(null); // a page that the browser keeps for "back" follows again when it is shown
  function alone() {
    line = ownLine(listener);
    follow();
  }
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", follow);
  follow();
  return () => {
    stopped = true;
    document.removeEventListener("visibilitychange", follow);
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", follow);
    leave();
  };
}
