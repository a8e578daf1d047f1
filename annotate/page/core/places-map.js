// A small map of the places: a button each, where it lies on the mirror.

/** @typedef {import("./places.js").Places} Places */

/** Keys, and where they go: rows, columns. @type {Record<string, [number, number]>} */
const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SIDE_PX = [10, 18]; // of a button, the least and the most
const HEIGHT_PX = 190; // of the map, while buttons are no smaller than that

export class PlacesMap {
  /** @param {HTMLElement} element @param {(cell: number) => void} goTo */
  constructor(element, goTo) {
    this.element = element;
    this.goTo = goTo;
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    /** Row and column of each. @type {[number, number][]} */
    this.at = [];
    element.replaceChildren();
    element.onkeydown = (event) => this.walk(event);
  }

  /** @param {Places} places */
  show(places) {
    const { grid, cell, state, wrong } = places.places;
    if (this.buttons.length !== grid.length) this.lay(grid, cell);
    const most = Math.max(1, ...wrong.map((pixels) => pixels ?? 0));
    this.buttons.forEach((button, number) => {
      button.dataset.state = state[number];
      button.style.setProperty("--wrong", String((wrong[number] ?? 0) / most));
      button.title = places.describe(number);
      button.setAttribute("aria-label", button.title);
      button.setAttribute("aria-current", String(number === places.current));
      button.tabIndex = number === (places.current ?? 0) ? 0 : -1;
    });
  }

  /** @param {import("./messages.js").Region[]} grid @param {number} cell */
  lay(grid, cell) {
    this.at = grid.map(([top, left]) => [Math.floor(top / cell), Math.floor(left / cell)]);
    const [top, left] = [0, 1].map((axis) => Math.min(...this.at.map((place) => place[axis])));
    const [rows, columns] = [top, left].map((first, axis) => Math.max(1, ...this.at.map((at) => at[axis] - first + 1)));
    const side = Math.min(Math.max(HEIGHT_PX / rows - 2, SIDE_PX[0]), SIDE_PX[1]);
    this.element.style.gridTemplateColumns = `repeat(${columns}, minmax(min-content, ${side}px))`;
    this.buttons = this.at.map(([row, column], number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.style.gridArea = `${row - top + 1} / ${column - left + 1}`;
      button.onclick = () => this.goTo(number);
      return button;
    });
    this.element.replaceChildren(...this.buttons);
  }

  /** From one button to the next that lies there; the picture does not move. @param {KeyboardEvent} event */
  walk(event) {
    const way = WAYS[event.key];
    const from = this.buttons.findIndex((button) => button === event.target);
    if (!way || from < 0) return;
    event.stopPropagation();
    event.preventDefault();
    const [row, column] = this.at[from];
    for (let step = 1; step <= this.at.length; step += 1) {
      const [to, beside] = [row + step * way[0], column + step * way[1]];
      const found = this.at.findIndex((place) => place[0] === to && place[1] === beside);
      if (found >= 0) return this.focus(found);
    }
  }

  /** @param {number} number */
  focus(number) {
    for (const button of this.buttons) button.tabIndex = -1;
    this.buttons[number].tabIndex = 0;
    this.buttons[number].focus();
  }
}
