// The layers and the light of the relief.

import { recall, remember } from "../core/settings.js";

const SWITCHED_ON = 0.7; // opacity of a layer that was never on

/** @param {Record<string, string>} colours by what they mean @returns {HTMLElement[]} a dot each */
function swatches(colours) {
  return Object.entries(colours).map(([meaning, colour]) => {
    const dot = document.createElement("span");
    dot.className = "swatch";
    dot.title = meaning;
    dot.style.background = colour;
    return dot;
  });
}

/** @param {any} state of the mirror @returns {Set<string>} the layers that have something to show */
export function layersOf(state) {
  const known = state.places?.quality.some((quality) => quality !== null);
  return new Set(state.layers.map(({ name }) => name).filter((name) => name !== "quality" || known));
}

export class LayerPanel {
  /**
   * @param {HTMLElement} list @param {HTMLTemplateElement} template of a row
   * @param {any[]} layers of the mirror, as the server tells them
   * @param {(name: string, opacity: number) => void} show
   */
  constructor(list, template, layers, show) {
    this.show = show;
    this.rows = new Map();
    const remembered = recall("layers", {});
    const rows = layers.map(({ name, title, key, opacity, colours }) => {
      const row = template.content.firstElementChild.cloneNode(true);
      const [on, slider] = [row.querySelector("input[type=checkbox]"), row.querySelector("input[type=range]")];
      row.dataset.layer = name;
      on.id = `layer-${name}`;
      slider.id = `opacity-${name}`;
      row.querySelector(".layer-name").textContent = title;
      row.querySelector("label").append(...swatches(colours));
      row.querySelector("kbd").textContent = key;
      slider.setAttribute("aria-label", `${title}: opacity in percent`);
      const [value, visible] = remembered[name] ?? [opacity || SWITCHED_ON, opacity > 0];
      slider.value = String(Math.round(100 * value));
      on.checked = visible;
      on.addEventListener("change", () => this.apply(name));
      slider.addEventListener("input", () => {
        on.checked = slider.value !== "0";
        this.apply(name);
      });
      this.rows.set(name, { row, on, slider, title, key });
      return row;
    });
    list.replaceChildren(...rows);
  }

  /** @param {Set<string>} names the layers that there are @returns {boolean} whether that is news */
  setAvailable(names) {
    let news = false;
    for (const [name, { row, on, slider }] of this.rows) {
      news ||= on.disabled === names.has(name);
      on.disabled = slider.disabled = row.hidden = !names.has(name);
    }
    return news;
  }

  /** @param {string} name @returns {number} */
  opacity(name) {
    const { on, slider } = this.rows.get(name);
    return on.checked && !on.disabled ? Number(slider.value) / 100 : 0;
  }

  /** @param {string} name */
  apply(name) {
    this.show(name, this.opacity(name));
    const all = [...this.rows].map(([each, { on, slider }]) => [each, [Number(slider.value) / 100, on.checked]]);
    remember("layers", Object.fromEntries(all));
  }

  /** Show every layer as its slider says. */
  applyAll() {
    for (const name of this.rows.keys()) this.show(name, this.opacity(name));
  }

  /** @param {string} key @returns {string} what happened, for people */
  toggle(key) {
    const [name, row] = [...this.rows].find(([, row]) => row.key === key) ?? [];
    if (!row) return `There is no layer ${key} here`;
    const { on, slider, title } = row;
    if (on.disabled) return `${title}: there is none here`;
    on.checked = !on.checked;
    if (on.checked && slider.value === "0") slider.value = String(100 * SWITCHED_ON);
    this.apply(name);
    return `${title} ${on.checked ? "shown" : "hidden"}`;
  }
}

const COMPASS = ["right", "lower right", "below", "lower left", "left", "upper left", "above", "upper right"];
const LIGHT_STEP = 0.1;

/** The handle of the light: where on the disc it is, the light comes from; in the middle it shines straight down. */
export class LightPad {
  /** @param {HTMLElement} pad @param {HTMLElement} handle @param {(x: number, y: number) => void} show y points down */
  constructor(pad, handle, show) {
    this.pad = pad;
    this.handle = handle;
    this.show = show;
    [this.x, this.y] = recall("light", [-0.5, -0.5]);
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
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [
      0, 0,
    ];
    if (!dx && !dy) return;
    event.preventDefault();
    this.set(this.x + dx * LIGHT_STEP, this.y + dy * LIGHT_STEP);
  }

  /** @param {number} x @param {number} y in [-1, 1], within the disc */
  set(x, y) {
    const beyond = Math.max(1, Math.hypot(x, y));
    [this.x, this.y] = [x / beyond, y / beyond];
    this.handle.style.left = `${50 + 50 * this.x}%`;
    this.handle.style.top = `${50 + 50 * this.y}%`;
    const angle = Math.atan2(this.y, this.x);
    const from = COMPASS[(Math.round(angle / (Math.PI / 4)) + 8) % 8];
    const straight = Math.hypot(this.x, this.y) < LIGHT_STEP;
    this.pad.setAttribute("aria-valuenow", String(Math.round((angle * 180) / Math.PI)));
    this.pad.setAttribute("aria-valuetext", straight ? "from straight above the mirror" : `from ${from}`);
    remember("light", [this.x, this.y]);
    this.show(this.x, this.y);
  }
}
