// The shared worker: one event stream for all windows of this browser that show a mirror.

import { EventStream } from "./stream.js";

/** @type {Map<MessagePort, string>} each window that is to be seen -> the mirror that it shows */
const windows = new Map();

const stream = new EventStream(
  (mirror, message) => {
    for (const [port, shown] of windows) if (shown === mirror) port.postMessage({ message });
  },
  (connected) => {
    for (const port of windows.keys()) port.postMessage({ connected });
  },
);

/** @param {MessagePort} port @param {string|null} mirror null: none any more */
function follow(port, mirror) {
  if (mirror === null && !windows.delete(port)) return;
  if (mirror !== null) windows.set(port, mirror);
  stream.follow(windows.values());
}

/** @type {any} */ (self).onconnect = (/** @type {MessageEvent} */ { ports: [port] }) => {
  port.onmessage = ({ data }) => follow(port, data.follow);
  port.addEventListener("close", () => follow(port, null)); // a window that crashed
};
