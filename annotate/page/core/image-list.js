// The list of mirrors.

import { listMirrors, thumbnailUrl } from "./api.js";
import { copyOf, find } from "./dom.js";
import { doneOf } from "./places.js";
import { recall, remember } from "./settings.js";

const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** @typedef {import("./messages.js").MirrorEntry} MirrorEntry */

/** @type {Record<string, (one: MirrorEntry, other: MirrorEntry) => number>} */
const ORDERS = {
  name: (one, other) => one.name.localeCompare(other.name, "en", { numeric: true }),
  changed: (one, other) => (other.changed ?? "").localeCompare(one.changed ?? "") || ORDERS.name(one, other),
  progress: (one, other) => (other.progress ?? -1) - (one.progress ?? -1) || ORDERS.name(one, other),
};

/** @param {MirrorEntry} mirror @returns {string} */
const stateOf = ({ problem, started, progress, strokes }) => {
  if (problem) return "Can't be read";
  if (!started) return "Not begun";
  if ((progress ?? 0) >= 1) return "All places done";
  return strokes ? "In work" : "Begun";
};

/** @param {MirrorEntry} mirror @returns {string} size of the scan for people */
function sizeOf({ shape: [rows, columns], pixels_per_mm }) {
  if (!pixels_per_mm) return `${columns} × ${rows} px`;
  return `${Math.round(columns / pixels_per_mm)} × ${Math.round(rows / pixels_per_mm)} mm`;
}

export class ImageList {
  /** @param {HTMLElement} root @param {(message: string) => void} complain empty: all is well again */
  constructor(root, complain) {
    this.root = root;
    this.complain = complain;
    this.list = find(root, "#mirrors", HTMLElement);
    this.search = find(root, "#search", HTMLInputElement);
    this.order = find(root, "#order", HTMLSelectElement);
    this.count = find(root, "#mirror-count", HTMLElement);
    this.card = find(root, "#mirror-card", HTMLTemplateElement);
    /** @type {MirrorEntry[]} */
    this.mirrors = [];
    this.order.value = recall("order", "name");
    this.search.addEventListener("input", () => this.render());
    this.order.addEventListener("change", () => {
      remember("order", this.order.value);
      this.render();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.root.hidden) this.refresh();
    });
  }

  /** Show the list, read anew. */
  async show() {
    this.root.hidden = false;
    document.title = "Mirrors";
    await this.refresh();
  }

  hide() {
    this.root.hidden = true;
  }

  async refresh() {
    try {
      this.mirrors = await listMirrors();
      this.complain("");
    } catch (error) {
      this.complain(error.message);
      return;
    } finally {
      this.root.removeAttribute("aria-busy");
    }
    this.render();
  }

  render() {
    const wanted = this.search.value.trim().toLowerCase();
    const shown = this.mirrors
      .filter(({ name, object }) => `${name} ${object ?? ""}`.toLowerCase().includes(wanted))
      .sort(ORDERS[this.order.value] ?? ORDERS.name);
    this.list.replaceChildren(...shown.map((mirror) => this.entry(mirror)));
    const all = this.mirrors.length;
    if (!all) this.count.textContent = "No mirrors are prepared yet. Prepare some with python -m data.setup.";
    else
      this.count.textContent =
        shown.length === all ? `${all} ${all === 1 ? "mirror" : "mirrors"}` : `${shown.length} of ${all} mirrors`;
  }

  /** @param {MirrorEntry} mirror @returns {HTMLElement} */
  entry(mirror) {
    const entry = copyOf(this.card, HTMLElement);
    /** @param {string} name */
    const part = (name) => find(entry, `.mirror-${name}`, HTMLElement);
    const state = stateOf(mirror);
    const link = find(entry, ".mirror-link", HTMLAnchorElement);
    link.href = `#/${encodeURIComponent(mirror.name)}`;
    link.dataset.mirror = mirror.name;
    find(entry, ".mirror-picture", HTMLImageElement).src = thumbnailUrl(mirror.name);
    part("name").textContent = mirror.name;
    part("size").textContent = sizeOf(mirror);
    part("state").textContent = state;
    part("state").dataset.state = mirror.problem
      ? "problem"
      : (mirror.progress ?? 0) >= 1
        ? "done"
        : mirror.started
          ? "begun"
          : "new";
    part("changed").textContent = mirror.changed ? WHEN.format(new Date(mirror.changed)) : "";
    part("strokes").textContent = mirror.strokes
      ? `${mirror.strokes} ${mirror.strokes === 1 ? "stroke" : "strokes"}`
      : "";
    part("problem").textContent = mirror.problem ?? "";
    const progress = find(entry, ".mirror-progress", HTMLProgressElement);
    progress.hidden = !mirror.started;
    progress.value = mirror.progress ?? 0;
    const done = mirror.places ? doneOf(mirror.places) : "";
    part("places").textContent = done;
    progress.setAttribute("aria-label", `${mirror.name}: ${done}`);
    return entry;
  }
}
