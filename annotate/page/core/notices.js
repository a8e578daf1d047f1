// Notices: messages that stack, the newest below. News fades after a while; what is under way stays until it is over,
// and a problem until it is put away or solved. Screen readers read them politely.

const SHOWN_MS = 6000;
const FADE_MS = 400; // as long as the transition in messages.css
const MOST_NEWS = 4; // at a time; older ones make room

/** @typedef {"info"|"progress"|"problem"} Kind */

export class Notices {
  /**
   * @param {HTMLElement} list a live region @param {HTMLElement} announcer a hidden live region
   */
  constructor(list, announcer) {
    this.list = list;
    this.announcer = announcer;
    /** By what they are about. @type {Map<string, Notice>} */
    this.shown = new Map();
  }

  /**
   * @param {string} text @param {Kind} [kind]
   * @param {string} [about] what it is about: what was said of that before is replaced
   */
  say(text, kind = "info", about = text) {
    const notice = this.shown.get(about) ?? this.added(about);
    notice.show(text, kind);
    const news = [...this.shown.values()].filter((one) => one.kind === "info");
    for (const old of news.slice(0, -MOST_NEWS)) old.remove();
  }

  /** It is over, or solved: what was said of it goes. @param {string} about */
  settle(about) {
    this.shown.get(about)?.remove();
  }

  /** Only for those who listen: what they can't see has happened. @param {string} text */
  announce(text) {
    this.announcer.textContent = text;
  }

  clear() {
    for (const notice of this.shown.values()) notice.remove();
    this.announcer.textContent = "";
  }

  /** @param {string} about @returns {Notice} */
  added(about) {
    const notice = new Notice(() => this.shown.delete(about));
    this.shown.set(about, notice);
    this.list.append(notice.element);
    return notice;
  }
}

class Notice {
  /** @param {() => void} onRemoved */
  constructor(onRemoved) {
    this.onRemoved = onRemoved;
    /** @type {Kind} */
    this.kind = "info";
    this.element = document.createElement("div");
    this.element.className = "notice";
    this.words = document.createElement("p");
    const away = document.createElement("button");
    away.type = "button";
    away.className = "icon-button";
    away.setAttribute("aria-label", "Put this message away");
    away.textContent = "✕";
    away.addEventListener("click", () => this.remove());
    this.element.append(this.words, away);
    for (const type of ["pointerenter", "focusin"]) this.element.addEventListener(type, () => this.stay());
    for (const type of ["pointerleave", "focusout"]) this.element.addEventListener(type, () => this.fadeLater());
  }

  /** @param {string} text @param {Kind} kind */
  show(text, kind) {
    this.kind = kind;
    this.element.dataset.kind = kind;
    this.words.textContent = text.charAt(0).toUpperCase() + text.slice(1); // programs begin in lower case
    this.fadeLater();
  }

  /** Somebody reads it. */
  stay() {
    clearTimeout(this.timer);
    this.element.classList.remove("leaving");
  }

  fadeLater() {
    this.stay();
    if (this.kind !== "info") return;
    this.timer = setTimeout(() => {
      this.element.classList.add("leaving");
      this.timer = setTimeout(() => this.remove(), FADE_MS);
    }, SHOWN_MS);
  }

  remove() {
    clearTimeout(this.timer);
    this.element.remove();
    this.onRemoved();
  }
}
