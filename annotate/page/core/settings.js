// Settings that this browser keeps: tool, pen width, layers, what is in view; no drawing data.

const PREFIX = "retrace.settings.";

/**
 * @template T
 * @param {string} name @param {T} otherwise
 * @returns {T} what was remembered
 */
export function recall(name, otherwise) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
    return otherwise === null || isLike(kept, otherwise) ? kept : otherwise;
  } catch {
    return otherwise; // a browser that keeps nothing, or a damaged entry
  }
}

/** @param {unknown} kept @param {unknown} otherwise @returns {boolean} whether it is of the same kind */
function isLike(kept, otherwise) {
  if (kept === null || typeof kept !== typeof otherwise) return false;
  return !Array.isArray(otherwise) || (Array.isArray(kept) && otherwise.every((one, i) => isLike(kept[i], one)));
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing: the choice holds until the page is left
  }
}
