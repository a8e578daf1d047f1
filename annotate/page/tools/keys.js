// All keys of the page in one table, for key presses and for the help dialog.

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
      { action: "cancel", keys: ["escape"], shown: "Esc", says: "Drop the stroke under way, the measure, the hint" },
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
      { action: "hand", keys: [" "], shown: "Space (hold)", says: "Move the picture with the pen", held: true },
    ],
  ],
  [
    "Tools",
    [
      { action: "pan", keys: ["p"], shown: "P", says: "Hand: move the picture" },
      { action: "measure", keys: ["m"], shown: "M", says: "Measure in millimetres" },
      { action: "panel", keys: ["\\"], shown: "\\", says: "Show or hide the panel" },
      { action: "help", keys: ["?"], shown: "?", says: "This list" },
    ],
  ],
];

/** @type {Map<string, Key>} */
const BY_KEY = new Map(
  KEYS.flatMap(([, keys]) => keys.flatMap((key) => key.keys.map((name) => /** @type {const} */ ([name, key])))),
);

const LETTER = /^[a-z]$/;

/** @param {KeyboardEvent} event @returns {string} its name in the table */
function nameOf(event) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  const typed = event.key.toLowerCase();
  const key = digit && !/[+\-=[\]?\\]/.test(typed) ? digit[1] : typed; // French keyboards type digits with Shift
  const alternate = event.getModifierState("AltGraph"); // how many keyboards type brackets; looks like Ctrl and Alt
  const ctrl = (event.ctrlKey || event.metaKey) && !alternate ? "ctrl+" : "";
  const shift = event.shiftKey && LETTER.test(key) ? "shift+" : "";
  return ctrl + shift + key;
}

/**
 * @param {EventTarget|null} target @param {string} name
 * @returns {boolean} whether the focused control wants the key itself
 */
function isTheirs(target, name) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog")) return true;
  if (target.matches("textarea, select, input:not([type=range], [type=radio], [type=checkbox])")) return true;
  if (target.matches("input[type=range], input[type=radio], [role=slider]"))
    return name.startsWith("arrow") || name === " ";
  return name === " " && target.matches("button, a, summary, input");
}

/** Listens to the keyboard while a mirror is open. */
export class Keyboard {
  /**
   * @param {Record<string, (down: boolean) => void>} actions by name; held ones are called with true, then false
   */
  constructor(actions) {
    this.actions = actions;
    /** Physical key -> the held action. @type {Map<string, string>} */
    this.down = new Map();
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    window.addEventListener("keydown", (event) => this.press(event), { signal });
    window.addEventListener("keyup", (event) => this.release(event.code), { signal });
    window.addEventListener("blur", () => [...this.down.keys()].forEach((code) => this.release(code)), { signal });
  }

  stop() {
    this.stopping.abort();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const name = nameOf(event);
    const key = BY_KEY.get(name);
    if (!key || (event.altKey && !event.getModifierState("AltGraph")) || isTheirs(event.target, name)) return;
    event.preventDefault();
    if (event.repeat && !key.repeats) return;
    if (key.held) this.down.set(event.code, key.action);
    this.actions[key.action]?.(true);
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
