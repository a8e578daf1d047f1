// Exports: made by the server, saved by the browser. All formats have one menu, which says what they hold.

import { find, findAll } from "./dom.js";
import { areaOf } from "./status.js";

/** @typedef {import("./api.js").Format} Format */

const SAVED_WITHIN_MS = 60_000; // the browser has begun to write the file by then

export class ExportMenu {
  /**
   * @param {HTMLDetailsElement} menu @param {import("./session.js").Session} session
   * @param {import("./notices.js").Notices} notices @param {AbortSignal} signal
   */
  constructor(menu, session, notices, signal) {
    this.menu = menu;
    this.session = session;
    this.notices = notices;
    this.facts = find(menu, "#export-facts", HTMLElement);
    this.off = find(menu, "#export-off", HTMLElement);
    this.offObject = find(menu, "#off-object", HTMLInputElement);
    this.offObject.checked = false;
    menu.addEventListener("toggle", () => menu.open && this.sayFacts(), { signal });
    for (const button of findAll(menu, "[data-format]", HTMLButtonElement)) {
      button.disabled = false;
      button.addEventListener("click", () => this.save(button), { signal });
    }
    /** @param {PointerEvent} event */
    const closeBeside = (event) => {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    document.addEventListener("pointerdown", closeBeside, { signal });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && (menu.open = false), { signal });
  }

  /** Say how large pictures are, and whether there is line off the object. */
  sayFacts() {
    const { shape, pixels_per_mm, off_object } = this.session.state;
    const resolution = pixels_per_mm
      ? `${Number(pixels_per_mm.toFixed(2))} pixels a millimetre`
      : "the resolution is not known, so lengths are pixels";
    this.facts.textContent = `The scan: ${shape[1]} pixels wide, ${shape[0]} high; ${resolution}.`;
    this.off.hidden = !off_object;
    find(this.off, "#off-text", HTMLElement).textContent =
      `Also the ${areaOf(off_object, this.session.state)} of line off the object, left out of pictures otherwise`;
  }

  /** @param {HTMLButtonElement} button of a format */
  async save(button) {
    const { session, notices } = this;
    const format = /** @type {Format} */ (button.dataset.format);
    const what = format === "zip" ? "ZIP of all formats" : format.toUpperCase();
    const about = `export ${format} of ${session.api.name}`;
    this.menu.open = false;
    button.disabled = true; // one at a time
    notices.say(`The ${what} is being made${session.underWay ? ", once all strokes are answered" : ""}.`, "progress", about);
    try {
      const { file, name } = await session.api.export(format, this.offObject.checked && !this.off.hidden);
      download(file, name);
      notices.say(`${name} is among your downloads.`, "info", about);
    } catch (error) {
      notices.say(`No ${what}: ${error.message}`, "problem", about);
    } finally {
      button.disabled = false;
    }
  }
}

/** @param {Blob} file @param {string} name */
function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN_MS);
}
