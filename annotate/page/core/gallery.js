// The list of mirrors.

import { listMirrors, thumbnailUrl } from "./api.js";
import { recall, remember } from "./settings.js";

const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** @type {Record<string, (one: object, other: object) => number>} */
const ORDERS = {
  name: (one, other) => one.name.localeCompare(other.name, "en", { numeric: true }),
  changed: (one, other) => (other.changed ?? "").localeCompare(one.changed ?? "") || ORDERS.name(one, other),
  progress: (one, other) => (other.progress ?? -1) - (one.progress ?? -1) || ORDERS.name(one, other),
};

/** @param {object} mirror @returns {string} */
const stateOf = ({ problem, started, progress, strokes }) => {
  if (problem) return "Can't be read";
  if (!started) return "Not begun";
  if (progress >= 1) return "All looked at";
  return strokes ? "In work" : "Begun";
};

/** @param {object} mirror @returns {string} size of the scan for people */
function sizeOf({ shape: [rows, columns], pixels_per_mm }) {
  if (!pixels_per_mm) return `${columns} × ${rows} px`;
  return `${Math.round(columns / pixels_per_mm)} × ${Math.round(rows / pixels_per_mm)} mm`;
}

export class Gallery {
  /** @param {HTMLElement} root @param {(message: string) => void} complain */
  constructor(root, complain) {
    this.root = root;
    this.complain = complain;
    this.list = root.querySelector("#mirrors");
    this.search = root.querySelector("#search");
    this.order = root.querySelector("#order");
    this.count = root.querySelector("#mirror-count");
    this.card = root.querySelector("#mirror-card");
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

  /** @param {object} mirror @returns {DocumentFragment} */
  entry(mirror) {
    const entry = this.card.content.cloneNode(true);
    const part = (name) => entry.querySelector(`.mirror-${name}`);
    const state = stateOf(mirror);
    part("link").href = `#/${encodeURIComponent(mirror.name)}`;
    part("link").dataset.mirror = mirror.name;
    part("picture").src = thumbnailUrl(mirror.name);
    part("name").textContent = mirror.name;
    part("size").textContent = sizeOf(mirror);
    part("state").textContent = state;
    part("state").dataset.state = mirror.problem
      ? "problem"
      : mirror.progress >= 1
        ? "done"
        : mirror.started
          ? "begun"
          : "new";
    part("changed").textContent = mirror.changed ? WHEN.format(new Date(mirror.changed)) : "";
    part("strokes").textContent = mirror.strokes
      ? `${mirror.strokes} ${mirror.strokes === 1 ? "stroke" : "strokes"}`
      : "";
    part("problem").textContent = mirror.problem ?? "";
    const progress = part("progress");
    progress.hidden = !mirror.started;
    progress.value = mirror.progress ?? 0;
    progress.setAttribute("aria-label", `${mirror.name}: ${Math.round(100 * (mirror.progress ?? 0))} % looked at`);
    return entry;
  }
}
