// How lines of photographs are shown to the models: said before a drawing is begun, and changed where a person knows
// better, by measuring a line on a part of the picture or by typing.

import { closeUpUrl } from "./api.js";
import { find, findAll } from "./dom.js";

/** @typedef {import("./messages.js").LineShowing} LineShowing */

const NARROWEST = 0.5; // pixels, as the server takes them

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(3)));

/** @param {LineShowing} showing @returns {string} for people */
export function showingOf({ line_width, polarity, scale, known }) {
  const how = {
    given: "as given",
    measured: "measured in drawings",
    estimated: "only an estimate; measure a line if that looks wrong",
  };
  const size = scale === 1 ? "at its own size" : `at ${short(scale)} of its size`;
  return `Lines are taken to be ${polarity} and ${short(line_width)} pixels wide (${how[known]}). Models see the picture ${size}.`;
}

export class ShownLines {
  /** @param {HTMLElement} root @param {import("./session.js").Session} session @param {AbortSignal} signal */
  constructor(root, session, signal) {
    this.root = find(root, "#shown-lines", HTMLElement);
    this.session = session;
    this.form = find(root, "#showing-form", HTMLFormElement);
    this.opens = find(root, "#show-otherwise", HTMLButtonElement);
    this.width = find(root, "#line-width", HTMLInputElement);
    this.polarities = findAll(root, "#polarity input", HTMLInputElement);
    this.part = find(root, "#close-up", HTMLElement);
    this.picture = find(this.part, "img", HTMLImageElement);
    this.across = find(this.part, "line", SVGLineElement);
    /** Where a measurement began, CSS pixels of the part. @type {{x: number, y: number}|null} */
    this.from = null;
    this.form.hidden = true; // of another mirror it may be open
    this.open(false);
    this.opens.addEventListener("click", () => this.open(!this.opened), { signal });
    this.form.addEventListener("submit", (event) => this.submit(event), { signal });
    this.part.addEventListener("pointerdown", (event) => this.begin(event), { signal });
    this.part.addEventListener("pointermove", (event) => this.from && this.measure(this.from, event), { signal });
    for (const end of ["pointerup", "pointercancel"])
      this.part.addEventListener(end, () => (this.from = null), { signal });
  }

  /** @param {boolean} busy whether something is under way that must not be disturbed */
  render(busy) {
    const { showing, started, read_only } = this.session.state;
    this.root.hidden = !showing || started;
    if (!showing || started) return;
    find(this.root, "#shown-says", HTMLElement).textContent = showingOf(showing);
    this.opens.disabled = busy || Boolean(read_only);
    if (this.opens.disabled) this.open(false);
  }

  /** @returns {boolean} whether a person is measuring, in the place of what can be begun from */
  get opened() {
    return !this.form.hidden;
  }

  /** @param {boolean} open whether the form is shown */
  open(open) {
    const { showing, name } = this.session.state;
    const was = this.opened;
    this.form.hidden = !open;
    this.opens.textContent = open ? "Leave it as it is" : "Other lines…";
    this.opens.setAttribute("aria-expanded", String(open));
    if (open !== was) this.session.tell("state");
    if (!open || !showing) return;
    this.picture.src = closeUpUrl(name);
    this.width.value = short(showing.line_width);
    for (const choice of this.polarities) choice.checked = choice.value === showing.polarity;
    for (const end of ["x1", "y1", "x2", "y2"]) this.across.setAttribute(end, "0");
  }

  /** @param {PointerEvent} event on the part */
  begin(event) {
    if (!this.picture.naturalWidth) return;
    event.preventDefault();
    this.part.setPointerCapture(event.pointerId);
    this.from = { x: event.offsetX, y: event.offsetY };
  }

  /** Take the way of the pointer as the width of a line. @param {{x: number, y: number}} from @param {PointerEvent} event */
  measure({ x, y }, { offsetX, offsetY }) {
    const ends = { x1: x, y1: y, x2: offsetX, y2: offsetY };
    for (const [end, value] of Object.entries(ends)) this.across.setAttribute(end, String(value));
    const pixels = (Math.hypot(offsetX - x, offsetY - y) * this.picture.naturalWidth) / this.picture.clientWidth;
    this.width.value = short(Math.max(pixels, NARROWEST));
  }

  /** Have the set prepared anew. @param {Event} event */
  async submit(event) {
    event.preventDefault();
    const { api, jobs } = this.session;
    const { showing } = this.session.state;
    const [width, polarity] = [Number(this.width.value), this.polarities.find(({ checked }) => checked)?.value];
    const same = showing && this.width.value === short(showing.line_width); // what was not touched is not given
    /** @param {Partial<import("./messages.js").Job>} stands */
    const say = (stands) => {
      jobs.set({ job: "showing", share: 0, done: false, error: null, waits_for: null, ...stands });
      this.session.tell("state");
    };
    say({});
    try {
      const other = polarity !== showing?.polarity;
      await api.showLines(same ? null : width, other ? /** @type {"dark"|"bright"} */ (polarity) : null);
    } catch (error) {
      say({ done: true, error: error.message });
    }
  }
}
