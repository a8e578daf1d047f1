// What the page waits for: a request that the server has not answered for a while is named on the page.

const PATIENT_MS = 3000;

/** What is asked, and what is done once it is answered. @type {Map<object, string>} */
const slow = new Map();
/** @type {HTMLElement|null} */
let element = null;

function render() {
  if (!element) return;
  const whats = [...new Set(slow.values())];
  element.hidden = !whats.length;
  element.textContent = whats.length ? `Waiting for the server: ${whats.join(", ")} …` : "";
}

/** @param {HTMLElement} shownIn a live region */
export function showWaits(shownIn) {
  element = shownIn;
  render();
}

/**
 * @template T
 * @param {string} what the server does, as in "Waiting for the server: opening SYN-0001_R" @param {Promise<T>} answer
 * @returns {Promise<T>} the same
 */
export async function waitingFor(what, answer) {
  const request = {};
  const timer = setTimeout(() => {
    slow.set(request, what);
    render();
  }, PATIENT_MS);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    slow.delete(request);
    render();
  }
}
