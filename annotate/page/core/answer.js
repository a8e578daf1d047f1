// The bar about the last answer: in a corner, and gone after a while, or when the next stroke begins.

const SHOWN_MS = 8000;

export class AnswerBar {
  /** @param {HTMLElement} bar @param {HTMLElement} text within it */
  constructor(bar, text) {
    this.bar = bar;
    this.text = text;
    bar.onpointerenter = () => clearTimeout(this.timer); // somebody means to press a button
    bar.onpointerleave = () => this.goLater();
  }

  /** @param {string} says */
  show(says) {
    this.text.textContent = says;
    this.bar.hidden = false;
    this.goLater();
  }

  hide() {
    clearTimeout(this.timer);
    this.bar.hidden = true;
  }

  goLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.bar.contains(document.activeElement) ? this.goLater() : this.hide()), SHOWN_MS);
  }
}
