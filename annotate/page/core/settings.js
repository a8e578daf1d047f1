// Settings that this browser keeps: pen width, layers, whether fingers draw; no drawing data.

const PREFIX = "retrace.settings.";

/**
 * @template T
 * @param {string} name @param {T} otherwise
 * @returns {T} what was remembered
 */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise; // a browser that keeps nothing, or a damaged entry
  }
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing: the choice holds until the page is left
  }
}
