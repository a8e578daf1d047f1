// Exports: made by the server, saved by the browser.

const SAVED_WITHIN_MS = 60_000; // the browser has begun to write the file by then

/**
 * @param {import("./api.js").MirrorApi} api @param {"png"|"svg"|"pdf"|"csv"|"json"} format
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
  for (const button of menu.querySelectorAll("[data-format]")) {
    const choose = () => {
      menu.open = false;
      save(api, button.dataset.format, notices);
    };
    button.addEventListener("click", choose, { signal });
  }
  const closeBeside = (event) => menu.contains(event.target) || (menu.open = false);
  document.addEventListener("pointerdown", closeBeside, { signal });
}
