// Notices: messages that show for a while or until they are closed; screen readers read them politely.

import { findAll } from "./dom.js";

const SHOWN_MS = 6000;

export class Notices {
  /**
   * @param {HTMLElement} list a live region @param {HTMLElement} announcer a hidden live region
   */
  constructor(list, announcer) {
    this.list = list;
    this.announcer = announcer;
  }

  /**
   * @param {string} text @param {"info"|"problem"} [kind] a problem stays until it is put away
   */
  say(text, kind = "info") {
    for (const shown of findAll(this.list, ".notice", HTMLElement)) if (shown.dataset.text === text) shown.remove();
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.dataset.kind = kind;
    notice.dataset.text = text;
    const words = document.createElement("p");
    words.textContent = text.charAt(0).toUpperCase() + text.slice(1); // programs begin in lower case
    const away = document.createElement("button");
    away.type = "button";
    away.className = "icon-button";
    away.setAttribute("aria-label", "Put this message away");
    away.textContent = "✕";
    away.addEventListener("click", () => notice.remove());
    notice.append(words, away);
    this.list.append(notice);
    if (kind === "info") setTimeout(() => notice.remove(), SHOWN_MS);
  }

  /** Only for those who listen: what they can't see has happened. @param {string} text */
  announce(text) {
    this.announcer.textContent = text;
  }

  clear() {
    this.list.replaceChildren();
    this.announcer.textContent = "";
  }
}
