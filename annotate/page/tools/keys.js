// All keys of the page in one table, for key presses and for the help dialog.

import { findAll } from "../core/dom.js";

/**
 * @typedef {object} Key
 * @property {string} action the action's name
 * @property {string[]} keys as the browser names them, lower case, "shift+", "ctrl+" in front (Cmd counts as Ctrl)
 * @property {string} shown for people
 * @property {string} says what it does
 * @property {boolean} [held] works as long as it is held
 * @property {boolean} [repeats] works again while it stays down
 */

/** Which layer has which, the server says. */
export const LAYER_KEYS = Array.from("123456789");

/** @type {[string, Key[]][]} groups of the help dialog, in its order */
export const KEYS = [
  [
    "Pen",
    [
      { action: "add", keys: ["b"], shown: "B", says: "Add line" },
      { action: "erase", keys: ["e"], shown: "E", says: "Erase line" },
      {
        action: "flip",
        keys: ["x"],
        shown: "X (hold)",
        says: "The other of the two; so does the right button",
        held: true,
      },
      { action: "thinner", keys: ["[", ","], shown: "[", says: "Thinner pen", repeats: true },
      { action: "thicker", keys: ["]", "."], shown: "]", says: "Thicker pen", repeats: true },
      { action: "straight", keys: ["l"], shown: "L", says: "Straight strokes; for one stroke hold Shift" },
      {
        action: "cancel",
        keys: ["escape"],
        shown: "Esc",
        says: "Drop the stroke under way or the measure; put away what lies over the picture",
      },
    ],
  ],
  [
    "Answer",
    [
      { action: "undo", keys: ["z", "ctrl+z"], shown: "Z, Ctrl Z", says: "Undo" },
      { action: "redo", keys: ["shift+z", "ctrl+shift+z", "ctrl+y"], shown: "Shift Z, Ctrl Y", says: "Redo" },
      { action: "keep", keys: ["k"], shown: "K", says: "Keep my stroke only" },
      { action: "refine", keys: ["r"], shown: "R", says: "Refine the strokes that wait for it" },
    ],
  ],
  [
    "Places",
    [
      { action: "next", keys: ["n"], shown: "N", says: "Next place to look" },
      { action: "seen", keys: ["s"], shown: "S", says: "Looks right, and on to the next place; or no longer" },
    ],
  ],
  [
    "Learning",
    [
      { action: "learn", keys: ["t"], shown: "T", says: "Learn from this place: it is right as it is drawn" },
      { action: "accept", keys: ["a"], shown: "A", says: "Take the redrawing over in this place, and on to the next" },
      { action: "acceptAll", keys: ["shift+a"], shown: "Shift A", says: "Take it over everywhere" },
      { action: "dismiss", keys: ["d"], shown: "D", says: "Leave this place as it is, and on to the next" },
      { action: "dismissAll", keys: ["shift+d"], shown: "Shift D", says: "Leave all as it is" },
    ],
  ],
  [
    "View",
    [
      { action: "compare", keys: ["c"], shown: "C (hold)", says: "Show the initial drawing", held: true },
      ...LAYER_KEYS.map((key, i) => ({
        action: `layer${key}`,
        keys: [key],
        shown: i ? "" : `${key} – ${LAYER_KEYS.at(-1)}`,
        says: i ? "" : "Layers on and off",
      })),
      { action: "in", keys: ["+", "="], shown: "+", says: "Closer; so does the wheel", repeats: true },
      { action: "out", keys: ["-"], shown: "−", says: "Further away", repeats: true },
      { action: "fit", keys: ["0"], shown: "0", says: "The whole mirror" },
      { action: "left", keys: ["arrowleft"], shown: "← ↑ → ↓", says: "Move the picture", repeats: true },
      ...["right", "up", "down"].map((to) => ({
        action: to,
        keys: [`arrow${to}`],
        shown: "",
        says: "",
        repeats: true,
      })),
      { action: "hand", keys: [" ", "ctrl+ "], shown: "Space (hold)", says: "Move the picture with the pen", held: true },
    ],
  ],
  [
    "Tools",
    [
      { action: "pan", keys: ["p"], shown: "P", says: "Hand: move the picture" },
      { action: "measure", keys: ["m"], shown: "M", says: "Measure a length" },
      { action: "panel", keys: ["\\"], shown: "\\", says: "Show or hide the panel" },
      { action: "help", keys: ["?", "؟"], shown: "?", says: "This list" },
    ],
  ],
];

/** @type {Map<string, Key>} */
const BY_KEY = new Map(
  KEYS.flatMap(([, keys]) => keys.flatMap((key) => key.keys.map((name) => /** @type {const} */ ([name, key])))),
);

const LETTER = /^[a-z]$/;
/** Letters of other scripts, as Russian, Greek, Hebrew or Korean keyboards type them. */
const FOREIGN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;
/** What such a key types in Latin, where it is no letter there. @type {Record<string, string>} */
const SIGNS = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Backslash: "\\", Minus: "-", Equal: "=" };

/** @param {KeyboardEvent} event @returns {string} what it types; by the key's place where that is no Latin letter */
function typedOf({ key, code }) {
  const latin = FOREIGN.test(key) ? (/^Key([A-Z])$/.exec(code)?.[1] ?? SIGNS[code]) : undefined;
  return (latin ?? key).toLowerCase(); // so that Caps Lock changes nothing
}

/** @param {KeyboardEvent} event @returns {string} its name in the table */
function nameOf(event) {
  const typed = typedOf(event);
  const alternate = event.getModifierState("AltGraph"); // how many keyboards type brackets; looks like Ctrl and Alt
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  const other = typed.length > 1 || alternate || /[+\-=[\]?\\]/.test(typed); // as a number pad's arrows
  const key = digit && !other ? digit[1] : typed; // French keyboards type digits with Shift
  const ctrl = (event.ctrlKey || event.metaKey) && !alternate ? "ctrl+" : "";
  const shift = event.shiftKey && LETTER.test(key) ? "shift+" : "";
  return ctrl + shift + key;
}

const FIELD = "textarea, select, input:not([type=range], [type=radio], [type=checkbox])";
const CHOICE = "input:is([type=range], [type=radio], [type=checkbox])";

/** @param {string} name @returns {boolean} whether it moves the picture, and would work a focused control otherwise */
const moves = (name) => name === " " || name.startsWith("arrow");

/** Enter ticks a box and goes on to the next of several choices: Space and arrows are the picture's. @param {Element} control */
function choose(control) {
  if (!(control instanceof HTMLInputElement)) return;
  if (control.type === "checkbox") control.click();
  if (control.type !== "radio") return;
  const group = findAll(document, `input[type=radio][name="${control.name}"]`, HTMLInputElement);
  const next = group[(group.indexOf(control) + 1) % group.length];
  next.focus();
  next.click();
}

/** Listens to the keyboard while a mirror is open. */
export class Keyboard {
  /**
   * @param {Record<string, (down: boolean) => void>} actions by name; held ones are called with true, then false
   * @param {() => boolean} [hasPicture] without one, Space and arrows work the controls
   */
  constructor(actions, hasPicture = () => true) {
    this.actions = actions;
    this.hasPicture = hasPicture;
    /** Physical key -> the held action. @type {Map<string, string>} */
    this.down = new Map();
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    window.addEventListener("keydown", (event) => this.press(event), { signal });
    window.addEventListener("keyup", (event) => this.lift(event), { signal });
    window.addEventListener("blur", () => [...this.down.keys()].forEach((code) => this.release(code)), { signal });
  }

  stop() {
    this.stopping.abort();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const name = nameOf(event);
    const key = BY_KEY.get(name);
    const alternate = event.altKey && !event.getModifierState("AltGraph");
    if (alternate || event.isComposing || this.isTheirs(event.target, name)) return;
    if (key) {
      event.preventDefault();
      if (event.repeat && !key.repeats) return;
      if (key.held) this.down.set(event.code, key.action);
      this.actions[key.action]?.(true);
    } else if (event.target instanceof HTMLElement && event.target.matches(CHOICE)) {
      if (name === "enter") choose(event.target);
      if (event.ctrlKey && name.startsWith("ctrl+arrow")) event.preventDefault(); // would change it, too
    }
  }

  /**
   * @param {EventTarget|null} target @param {string} name
   * @returns {boolean} whether the focused control wants the key itself
   */
  isTheirs(target, name) {
    if (document.querySelector("dialog[open]")) return true;
    if (target instanceof HTMLElement && target.matches(FIELD)) return true;
    return moves(name) && !this.hasPicture();
  }

  /** @param {KeyboardEvent} event */
  lift(event) {
    if (this.down.has(event.code)) event.preventDefault(); // browsers press a button when Space is let go
    this.release(event.code);
  }

  /** @param {string} code */
  release(code) {
    const action = this.down.get(code);
    if (!action) return;
    this.down.delete(code);
    this.actions[action]?.(false);
  }
}

/** Fill the help dialog. @param {HTMLElement} element */
export function showKeys(element) {
  element.replaceChildren(
    ...KEYS.map(([title, keys]) => {
      const section = document.createElement("section");
      const heading = document.createElement("h3");
      heading.textContent = title;
      const list = document.createElement("dl");
      for (const { shown, says } of keys.filter((key) => key.shown)) {
        const term = document.createElement("dt");
        const kbd = document.createElement("kbd");
        kbd.textContent = shown;
        term.append(kbd);
        const what = document.createElement("dd");
        what.textContent = says;
        const pair = document.createElement("div");
        pair.append(term, what);
        list.append(pair);
      }
      section.append(heading, list);
      return section;
    }),
  );
}
