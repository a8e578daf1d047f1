// The layers and the light of the relief.

import { copyOf, find } from "../core/dom.js";
import { recall, remember } from "../core/settings.js";

/** @typedef {import("./supplies.js").Lack} Lack */
/**
 * @typedef {object} Row
 * @property {HTMLElement} row
 * @property {HTMLInputElement} on
 * @property {HTMLInputElement} slider
 * @property {HTMLElement} note what the layer lacks
 * @property {HTMLButtonElement} again
 * @property {string} title
 * @property {string} key
 */

/** Layers that are missed where there are none: an empty picture would say that nothing is wrong. */
const ABSENT = new Map([
  ["errors", "Errors: no drawing came with this scan that it could be compared with."],
  ["quality", "Quality: nothing is estimated for this drawing."],
]);
const SWITCHED_ON = 0.7; // opacity of a layer that was never on

/** @param {string} meaning @param {string} colour @returns {HTMLElement} a dot */
function swatch(meaning, colour) {
  const dot = document.createElement("span");
  dot.className = "swatch";
  dot.dataset.meaning = meaning;
  dot.title = meaning;
  dot.style.backgroundColor = colour;
  return dot;
}

/** @param {Record<string, string>} colours by what they mean @returns {HTMLElement} each with its dot */
function legend(colours) {
  const list = document.createElement("p");
  list.className = "layer-legend";
  for (const [meaning, colour] of Object.entries(colours)) {
    const entry = document.createElement("span");
    entry.append(swatch(meaning, colour), meaning);
    list.append(entry);
  }
  return list;
}

/**
 * @param {import("../core/messages.js").State} state of the mirror
 * @returns {Set<string>} the layers that have something to show
 */
export function layersOf(state) {
  const known = Boolean(state.places?.quality.some((quality) => quality !== null));
  /** @type {Record<string, boolean>} */
  const there = { quality: known, redrawing: Boolean(state.learning?.redrawing) };
  return new Set(state.layers.map(({ name }) => name).filter((name) => there[name] ?? true));
}

export class LayerPanel {
  /**
   * @param {HTMLElement} list @param {HTMLTemplateElement} template of a row
   * @param {import("../core/messages.js").Layer[]} layers of the mirror, as the server tells them
   * @param {(name: string, opacity: number) => void} show
   * @param {(name: string) => void} [reload] a layer's parts that could not be fetched
   */
  constructor(list, template, layers, show, reload = () => {}) {
    this.show = show;
    /** By the layers' names. @type {Map<string, Row>} */
    this.rows = new Map();
    /** @type {Record<string, [opacity: number, on: boolean]>} */
    const remembered = recall("layers", {});
    const rows = layers.map(({ name, title, key, opacity, colours }) => {
      const row = copyOf(template, HTMLElement);
      const on = find(row, "input[type=checkbox]", HTMLInputElement);
      const slider = find(row, "input[type=range]", HTMLInputElement);
      row.dataset.layer = name;
      on.id = `layer-${name}`;
      slider.id = `opacity-${name}`;
      find(row, ".layer-name", HTMLElement).textContent = title;
      const entries = Object.entries(colours);
      if (entries.length > 1) row.append(legend(colours));
      else find(row, "label", HTMLElement).append(...entries.map(([meaning, colour]) => swatch(meaning, colour)));
      const shownKey = find(row, "kbd", HTMLElement);
      shownKey.textContent = key;
      shownKey.style.visibility = key ? "" : "hidden"; // its place in the row stays
      slider.setAttribute("aria-label", `${title}: opacity in percent`);
      const usual = /** @type {[number, boolean]} */ ([opacity || SWITCHED_ON, opacity > 0]);
      const [value, visible] = Array.isArray(remembered[name]) ? remembered[name] : usual;
      slider.value = String(Math.round(100 * value));
      on.checked = visible;
      const note = document.createElement("p");
      const again = document.createElement("button");
      note.className = "layer-note";
      note.setAttribute("role", "status");
      again.type = "button";
      again.className = "layer-again";
      again.textContent = "Try again";
      again.setAttribute("aria-label", `${title}: try again`);
      again.addEventListener("click", () => reload(name));
      note.hidden = again.hidden = true;
      row.append(note, again);
      const shown = { row, on, slider, note, again, title, key };
      on.addEventListener("change", () => this.apply(name, shown));
      slider.addEventListener("input", () => {
        on.checked = slider.value !== "0";
        this.apply(name, shown);
      });
      this.rows.set(name, shown);
      return row;
    });
    this.absent = document.createElement("li");
    this.absent.className = "layer-absent quiet";
    list.replaceChildren(...rows, this.absent);
    this.setAvailable(new Set(this.rows.keys()));
  }

  /** @param {Set<string>} names the layers that there are @returns {boolean} whether that is news */
  setAvailable(names) {
    let news = false;
    for (const [name, { row, on, slider }] of this.rows) {
      news ||= on.disabled === names.has(name);
      on.disabled = slider.disabled = row.hidden = !names.has(name);
    }
    const wanted = recall("layers", /** @type {Record<string, [number, boolean]>} */ ({}));
    const missed = [...ABSENT].filter(([name]) => wanted[name]?.[1] && !names.has(name));
    this.absent.textContent = missed.map(([, says]) => says).join(" ");
    this.absent.hidden = !missed.length;
    return news;
  }

  /** @returns {string[]} the layers that are switched on */
  get shown() {
    return [...this.rows].filter(([, row]) => this.opacity(row)).map(([name]) => name);
  }

  /** Say beneath each layer that is switched on what it lacks. @param {(name: string) => Lack | null} lackOf */
  showLacks(lackOf) {
    for (const [name, row] of this.rows) {
      const lack = this.opacity(row) ? lackOf(name) : null;
      row.note.hidden = !lack;
      row.note.textContent = lack?.says ?? "";
      row.note.dataset.failed = String(lack?.failed ?? false);
      row.again.hidden = !lack?.failed;
    }
  }

  /** @param {Row} row @returns {number} */
  opacity({ on, slider }) {
    return on.checked && !on.disabled ? Number(slider.value) / 100 : 0;
  }

  /** @param {string} name @param {Row} row */
  apply(name, row) {
    this.show(name, this.opacity(row));
    const all = [...this.rows].map(([each, { on, slider }]) => [each, [Number(slider.value) / 100, on.checked]]);
    remember("layers", { ...recall("layers", {}), ...Object.fromEntries(all) }); // other mirrors have other layers
  }

  /** Show every layer as its slider says. */
  applyAll() {
    for (const [name, row] of this.rows) this.show(name, this.opacity(row));
  }

  /** @param {string} key @returns {string} what happened, for people */
  toggle(key) {
    const found = [...this.rows].find(([, row]) => row.key === key);
    if (!found) return `There is no layer ${key} here`;
    const [name, row] = found;
    const { on, slider, title } = row;
    if (on.disabled) return `${title}: there is none here`;
    on.checked = !on.checked;
    if (on.checked && slider.value === "0") slider.value = String(100 * SWITCHED_ON);
    this.apply(name, row);
    return `${title} ${on.checked ? "shown" : "hidden"}`;
  }
}

const COMPASS = ["right", "lower right", "below", "lower left", "left", "upper left", "above", "upper right"];
const STRAIGHT = 0.1; // how far from the middle the light still counts as straight above
/** Turn in radians and way from the middle; the arrows move the picture. @type {Map<string, [number, number]>} */
const STEPS = new Map([
  ["PageUp", [Math.PI / 8, 0]],
  ["PageDown", [-Math.PI / 8, 0]],
  ["Home", [0, -0.25]],
  ["End", [0, 0.25]],
]);

/** The handle of the light: where on the disc it is, the light comes from; in the middle it shines straight down. */
export class LightPad {
  /** @param {HTMLElement} pad @param {HTMLElement} handle @param {(x: number, y: number) => void} show y points down */
  constructor(pad, handle, show) {
    this.pad = pad;
    this.handle = handle;
    this.show = show;
    const [x, y] = recall("light", [-0.5, -0.5]);
    this.x = x;
    this.y = y;
    const { signal } = (this.listening = new AbortController());
    pad.addEventListener(
      "pointerdown",
      (event) => {
        pad.setPointerCapture(event.pointerId);
        this.follow(event);
      },
      { signal },
    );
    pad.addEventListener("pointermove", (event) => pad.hasPointerCapture(event.pointerId) && this.follow(event), {
      signal,
    });
    pad.addEventListener("keydown", (event) => this.key(event), { signal });
    this.set(this.x, this.y);
  }

  stop() {
    this.listening.abort();
  }

  /** @param {PointerEvent} event */
  follow(event) {
    const { left, top, width, height } = this.pad.getBoundingClientRect();
    this.set((2 * (event.clientX - left)) / width - 1, (2 * (event.clientY - top)) / height - 1);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = STEPS.get(event.key);
    if (!step) return;
    event.preventDefault();
    const [turn, outwards] = step;
    const angle = Math.atan2(this.y, this.x) + turn;
    const length = Math.max(STRAIGHT / 2, Math.min(1, Math.hypot(this.x, this.y) + outwards)); // keeps its direction
    this.set(length * Math.cos(angle), length * Math.sin(angle));
  }

  /** @param {number} x @param {number} y in [-1, 1], within the disc */
  set(x, y) {
    const beyond = Math.max(1, Math.hypot(x, y));
    [this.x, this.y] = [x / beyond, y / beyond];
    this.handle.style.left = `${50 + 50 * this.x}%`;
    this.handle.style.top = `${50 + 50 * this.y}%`;
    const angle = Math.atan2(this.y, this.x);
    const from = COMPASS[(Math.round(angle / (Math.PI / 4)) + 8) % 8];
    const straight = Math.hypot(this.x, this.y) < STRAIGHT;
    this.pad.setAttribute("aria-valuenow", String(Math.round((angle * 180) / Math.PI)));
    this.pad.setAttribute("aria-valuetext", straight ? "from straight above the mirror" : `from ${from}`);
    remember("light", [this.x, this.y]);
    this.show(this.x, this.y);
  }
}
