// Finds elements of the page and checks their type: a wrong id is reported at once, by name.

/**
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {new () => T} kind
 * @returns {T} the first that matches
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} that matches ${selector}.`);
  return found;
}

/**
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {new () => T} kind
 * @returns {T[]} all that match
 */
export function findAll(root, selector, kind) {
  const found = [...root.querySelectorAll(selector)];
  return /** @type {T[]} */ (found.filter((one) => one instanceof kind));
}

/**
 * @template {Element} T
 * @param {HTMLTemplateElement} template with one element @param {new () => T} kind
 * @returns {T} a copy of it
 */
export function copyOf(template, kind) {
  return /** @type {T} */ (find(template.content, ":first-child", kind).cloneNode(true));
}
