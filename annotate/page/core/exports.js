// Exports: made by the server, saved by the browser.

import { findAll } from "./dom.js";

/** @typedef {import("./api.js").Format} Format */

const SAVED_WITHIN_MS = 60_000; // the browser has begun to write the file by then

/**
 * @param {import("./api.js").MirrorApi} api @param {Format} format
 * @param {import("./notices.js").Notices} notices
 */
async function save(api, format, notices) {
  notices.say(`The ${format.toUpperCase()} is being made.`);
  try {
    const { file, name } = await api.export(format);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN_MS);
    notices.say(`${name} is among your downloads.`);
  } catch (error) {
    notices.say(error.message, "problem");
  }
}

/**
 * @param {HTMLDetailsElement} menu @param {import("./api.js").MirrorApi} api
 * @param {import("./notices.js").Notices} notices @param {AbortSignal} signal
 */
export function bindExports(menu, api, notices, signal) {
  for (const button of findAll(menu, "[data-format]", HTMLButtonElement)) {
    const choose = () => {
      menu.open = false;
      save(api, /** @type {Format} */ (button.dataset.format), notices);
    };
    button.addEventListener("click", choose, { signal });
  }
  /** @param {PointerEvent} event */
  const closeBeside = (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("pointerdown", closeBeside, { signal });
}
