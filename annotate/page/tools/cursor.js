// What is seen of the pen on the picture: a ring as wide as it draws, and the shape of the pointer.

const SMALLEST_PX = 4; // CSS pixels, a ring's width

export class Cursor {
  /**
   * @param {HTMLElement} ring @param {import("../layers/viewer.js").Viewer} viewer
   * @param {import("./toolbar.js").Tools} tools
   */
  constructor(ring, viewer, tools) {
    this.ring = ring;
    this.viewer = viewer;
    this.tools = tools;
    ring.style.pointerEvents = "none"; // what is under it gets the pointer
  }

  /**
   * @param {import("./pen.js").Place|null} place of the mouse or the pen; null where there is none
   * @param {import("./pen.js").Action|null} action what the pointers do
   */
  show(place, action) {
    const { tools, viewer } = this;
    const grabbed = action?.kind === "pan";
    const moves = tools.hand || tools.tool === "pan";
    viewer.surface.style.cursor = grabbed ? "grabbing" : moves ? "grab" : "crosshair";
    this.ring.hidden = !place || !tools.draws || tools.hand || grabbed;
    if (!place || this.ring.hidden) return;
    const size = Math.max(SMALLEST_PX, 2 * tools.radius_px * viewer.camera.zoom);
    const sign = action?.kind === "draw" ? action.trace.sign : tools.sign();
    this.ring.style.width = this.ring.style.height = `${size}px`;
    this.ring.style.transform = `translate(${place.x - size / 2}px, ${place.y - size / 2}px)`;
    this.ring.dataset.sign = sign > 0 ? "add" : "erase";
  }
}
