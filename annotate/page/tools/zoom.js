// What a turn of the wheel, a pinch on a touch pad, and two fingers on a screen do to the zoom.

const UNITS_PX = [1, 40, 120]; // by `deltaMode`: pixels, lines (three make a notch), pages
const STEP = 0.0015; // a notch of 120 px zooms by 1.2
const NOTCH = 120 * STEP;
const PINCH_STEP = 0.01; // a pinch comes as a wheel with Ctrl, in small steps of a few pixels, and many of them
const MOST = Math.log(2); // in one event: some wheels run free

/** @param {WheelEvent} event @returns {number} above 1 comes nearer */
export function zoomOf({ deltaY, deltaMode, ctrlKey }) {
  const moved = deltaY * UNITS_PX[deltaMode];
  const turned = Math.abs(moved) * STEP;
  const pinched = Math.min(NOTCH, Math.abs(moved) * PINCH_STEP); // a real wheel with Ctrl is no faster than without
  return Math.exp(-Math.sign(moved) * Math.min(MOST, ctrlKey ? Math.max(turned, pinched) : turned));
}

/**
 * @param {Map<number, import("./pen.js").Place>} fingers two at least
 * @returns {{centre: import("./pen.js").Place, span: number}} between the first two, and how far they are apart
 */
export function spreadOf(fingers) {
  const [one, other] = fingers.values();
  const centre = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  return { centre, span: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)) };
}
