// The actions of keys and buttons, by the names that keys.js and `data-action` in index.html use.

import { LAYER_KEYS } from "./keys.js";

const PAN_PX = 80; // an arrow key moves the picture by this
const ZOOM_STEP = 1.25;

/**
 * @param {import("../core/editor.js").Editor} page
 * @returns {Record<string, (down?: boolean) => void>} held ones are told when they begin and end
 */
export function commandsOf(page) {
  const { tools, places, learning, notices } = page;
  /** @param {(camera: import("../layers/camera.js").Camera) => void} move */
  const inView = (move) => () => page.viewer && move(page.viewer.camera);
  /** @param {import("./toolbar.js").Tool} tool @param {string} says */
  const choose = (tool, says) => () => {
    tools.set({ tool });
    notices.announce(says);
  };
  /** @param {"thinner"|"thicker"} change */
  const width = (change) => () => {
    tools[change]();
    notices.announce(`Pen ${tools.says}`);
  };
  /** @param {string} key */
  const layer = (key) => [`layer${key}`, () => notices.announce(page.layers.toggle(key))];
  return {
    add: choose("add", "Add"),
    erase: choose("erase", "Erase"),
    pan: choose("pan", "Move the picture"),
    measure: choose("measure", "Measure"),
    flip: (down = false) => tools.set({ flipped: down }),
    hand: (down = false) => tools.set({ hand: down }),
    straight: () => tools.set({ straight: !tools.straight }),
    thinner: width("thinner"),
    thicker: width("thicker"),
    cancel: () => page.cancel(),
    undo: () => page.command("undo"),
    redo: () => page.command("redo"),
    keep: () => page.command("keep"),
    refine: () => page.command("refine"),
    next: () => places.next(),
    seen: () => places.looksRight(),
    learn: () => learning.learn(),
    redraw: () => page.command("redraw"),
    accept: () => learning.settle("accept", true),
    acceptAll: () => learning.settle("accept", false),
    dismiss: () => learning.settle("dismiss", true),
    dismissAll: () => learning.settle("dismiss", false),
    compare: (down = !page.comparing) => page.compare(down),
    in: inView((camera) => camera.zoomBy(ZOOM_STEP, page.centre, true)),
    out: inView((camera) => camera.zoomBy(1 / ZOOM_STEP, page.centre, true)),
    fit: inView((camera) => camera.fit()),
    left: inView((camera) => camera.panBy(PAN_PX, 0)),
    right: inView((camera) => camera.panBy(-PAN_PX, 0)),
    up: inView((camera) => camera.panBy(0, PAN_PX)),
    down: inView((camera) => camera.panBy(0, -PAN_PX)),
    panel: () => page.togglePanel(),
    help: () => page.showHelp(),
    ...Object.fromEntries(LAYER_KEYS.map(layer)),
  };
}
