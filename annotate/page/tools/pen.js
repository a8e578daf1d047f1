// Mouse, pen and fingers on the picture: which of them draws, moves the picture, or measures.

import { Cursor } from "./cursor.js";
import { Trace, radiusAt } from "./stroke.js";
import { spreadOf, zoomOf } from "./zoom.js";

const [LEFT, MIDDLE, RIGHT, ERASER] = [0, 1, 2, 5]; // `button` of an event; ERASER is the pen's other end
/** Of `buttons`, by `button`. @type {Record<number, number>} */
const BITS = { [LEFT]: 1, [MIDDLE]: 4, [RIGHT]: 2, [ERASER]: 32 };

/** @typedef {{x: number, y: number}} Place CSS pixels in the picture's element */
/** Pointer that is down, with which button, and where it was last. */
/** @typedef {{pointer: number, pointerType: string, button: number, last: Place}} Held */
/** @typedef {Held & {kind: "draw", trace: Trace, straight: boolean}} Draw */
/** @typedef {Draw | Held & {kind: "pan"|"measure"} | {kind: "pinch", pointer: null, pointerType: "touch"}} Action */

export class Pen {
  /**
   * @param {import("../layers/viewer.js").Viewer} viewer
   * @param {import("./toolbar.js").Tools} tools
   * @param {object} hooks
   * @param {() => boolean} hooks.mayDraw
   * @param {() => void} hooks.onBegin a stroke begins
   * @param {(stroke: import("../core/messages.js").Stroke) => void} hooks.onStroke a stroke is finished and on screen
   * @param {import("./measure.js").Measure} hooks.measure
   * @param {(length: string) => void} hooks.onMeasured
   * @param {HTMLElement} hooks.ring shows how wide the pen is
   * @param {() => void} [hooks.onFinger] a finger moves the picture though a drawing tool is in hand
   */
  constructor(viewer, tools, hooks) {
    this.viewer = viewer;
    this.tools = tools;
    this.hooks = hooks;
    this.surface = viewer.surface;
    this.cursor = new Cursor(hooks.ring, viewer, tools);
    /** Pointer ids of the fingers on the picture, and where they are. @type {Map<number, Place>} */
    this.fingers = new Map();
    /** What the pointers do. @type {Action|null} */
    this.action = null;
    /** Where the mouse or pen is. @type {PointerEvent|null} */
    this.hover = null;
    this.penSeen = false;
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    /** @param {string} type @param {(event: any) => void} handler */
    const on = (type, handler) => this.surface.addEventListener(type, handler, options);
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.lose(event));
    // Chromium lets go when one of two buttons is let go.
    on("lostpointercapture", (event) => (event.buttons ? this.capture(event.pointerId) : this.lose(event)));
    on("pointerleave", (event) => event.pointerType !== "touch" && this.hoverAt(null));
    on("contextmenu", (event) => event.preventDefault());
    this.surface.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
    /** @param {KeyboardEvent} event */
    const straighten = ({ key, shiftKey }) =>
      key === "Shift" && this.action?.kind === "draw" && this.showStroke(this.action, shiftKey);
    window.addEventListener("keydown", straighten, options);
    window.addEventListener("keyup", straighten, options);
    window.addEventListener("blur", () => this.leave(), options); // the button may be let go elsewhere
    document.addEventListener("visibilitychange", () => document.hidden && this.leave(), options);
    tools.addEventListener("change", () => this.showCursor(), options);
    viewer.onMove(() => this.showCursor());
    this.showCursor();
  }

  stop() {
    this.leave();
    this.cancel();
    this.listening.abort();
  }

  /** What is drawn so far is a stroke. */
  leave() {
    if (this.action?.kind === "draw") this.finish();
  }

  /** Drop the stroke or the measure under way. */
  cancel() {
    const { action } = this;
    this.end();
    if (action?.kind === "draw") this.viewer.dropStroke(action.trace.client);
    if (action?.kind === "measure") this.hooks.measure.clear();
  }

  end() {
    this.action = null;
    this.showCursor();
  }

  /** @param {{clientX: number, clientY: number}} event @returns {Place} */
  placeOf(event) {
    const { left, top } = this.surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {string} pointerType @param {number} button @returns {"draw"|"pan"|"measure"|null} what this pointer is to do */
  kindOf(pointerType, button) {
    const { tools } = this;
    if (button === MIDDLE || tools.hand || tools.tool === "pan") return "pan";
    const isFinger = pointerType === "touch" && !tools.fingers;
    if (tools.tool === "measure" && !(isFinger && this.penSeen)) return button === LEFT ? "measure" : null;
    if (isFinger) return "pan";
    return [LEFT, RIGHT, ERASER].includes(button) ? "draw" : null;
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.surface.focus({ preventScroll: true });
    event.preventDefault();
    if (event.pointerType === "touch" && !this.takeFinger(event)) return;
    if (event.pointerType === "pen") this.takePen();
    if (!this.action) this.begin(event, event.button); // no further button
  }

  /** @param {PointerEvent} event @returns {boolean} whether it is the only finger */
  takeFinger(event) {
    if (this.action && this.action.pointerType !== "touch") return false; // the hand that holds the pen
    this.fingers.set(event.pointerId, this.placeOf(event));
    if (this.fingers.size === 2) this.beginPinch();
    return this.fingers.size === 1;
  }

  /** The pen is down: what touches the picture besides is the hand that holds it, and was before. */
  takePen() {
    this.meetPen();
    this.fingers.clear();
    if (this.action?.pointerType === "touch") this.cancel();
    else this.leave();
  }

  /** @param {PointerEvent} event @param {number} button */
  begin(event, button) {
    const kind = this.kindOf(event.pointerType, button);
    if (!kind) return;
    this.capture(event.pointerId);
    const held = { pointer: event.pointerId, pointerType: event.pointerType, button, last: this.placeOf(event) };
    if (kind === "draw") this.beginStroke(event, held);
    else this.action = { kind, ...held };
    if (kind === "measure") this.hooks.measure.begin(this.viewer.camera.scanOf(held.last));
    if (kind === "pan" && event.pointerType === "touch" && this.tools.draws && !this.penSeen) this.hooks.onFinger?.();
    this.showCursor();
  }

  /** @param {number} pointer */
  capture(pointer) {
    try {
      this.surface.setPointerCapture(pointer);
    } catch {
      // the pointer has gone already
    }
  }

  /** With a pen in hand, fingers move the picture, unless they are told again to draw. */
  meetPen() {
    if (this.penSeen) return;
    this.penSeen = true;
    this.tools.set({ fingers: false });
    if (this.action?.kind === "draw" && this.action.pointerType === "touch") this.cancel(); // the hand came first
  }

  /** @param {PointerEvent} event @param {Held} held */
  beginStroke(event, held) {
    if (!this.hooks.mayDraw()) return;
    const sign = held.button === ERASER ? -1 : this.tools.sign(held.button === RIGHT);
    this.hooks.onBegin();
    this.hooks.measure.clear();
    const action = (this.action = {
      kind: /** @type {const} */ ("draw"),
      ...held,
      trace: new Trace(sign),
      straight: false,
    });
    this.viewer.camera.rest();
    this.addToStroke(action, event);
    this.showStroke(action, event.shiftKey);
  }

  /** @param {Draw} action @param {PointerEvent} event */
  addToStroke({ trace }, event) {
    const point = this.viewer.camera.scanOf(this.placeOf(event));
    trace.add(point, radiusAt(this.tools.radius_px, event.pointerType, event.pressure));
  }

  /** @param {Draw} action @param {boolean} shift */
  showStroke(action, shift) {
    const { trace } = action;
    action.straight = shift || this.tools.straight;
    const { points, radii } = trace.shown(action.straight);
    this.viewer.stroke(points, radii, trace.sign, trace.client);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerType !== "touch") this.hoverAt(event);
    if (event.pointerType === "pen") this.meetPen();
    if (this.fingers.has(event.pointerId)) {
      if (this.action?.kind === "pinch") return this.pinch(event);
      this.fingers.set(event.pointerId, this.placeOf(event));
    }
    const { action } = this;
    if (action?.kind === "pinch" || action?.pointer !== event.pointerId) return;
    if (action.pointerType !== "touch" && !(event.buttons & BITS[action.button])) this.changeButton(event);
    else this.follow(action, event);
  }

  /** Its button was let go while another is down, which comes as a move, or out of sight. @param {PointerEvent} event */
  changeButton(event) {
    this.finish();
    const next = [LEFT, RIGHT, ERASER, MIDDLE].find((button) => event.buttons & BITS[button]);
    if (next !== undefined) this.begin(event, next);
  }

  /** @param {Exclude<Action, {kind: "pinch"}>} action @param {PointerEvent} event */
  follow(action, event) {
    const place = this.placeOf(event);
    if (action.kind === "pan") this.viewer.camera.panBy(place.x - action.last.x, place.y - action.last.y);
    if (action.kind === "measure") this.hooks.measure.move(this.viewer.camera.scanOf(place));
    if (action.kind === "draw") {
      const between = event.getCoalescedEvents?.() ?? [];
      for (const one of between.length ? between : [event]) this.addToStroke(action, one);
      this.showStroke(action, event.shiftKey);
    }
    action.last = place;
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.fingers.delete(event.pointerId);
    const { action } = this;
    if (action?.kind === "pinch") return this.endPinch();
    if (action?.pointer !== event.pointerId) return;
    if (action.kind === "draw") this.showStroke(action, event.shiftKey);
    this.finish();
  }

  /** What is under way is done, as it is shown. */
  finish() {
    const { action } = this;
    this.end();
    if (action?.kind === "measure") this.hooks.onMeasured(this.hooks.measure.end());
    if (action?.kind !== "draw") return;
    const stroke = action.trace.finished(action.straight);
    this.viewer.stroke(stroke.path_px, stroke.radius_px, stroke.sign, stroke.client);
    this.hooks.onStroke(stroke);
  }

  /** The system took the pointer away. What mouse or pen have drawn stays; a palm has not. @param {PointerEvent} event */
  lose(event) {
    this.fingers.delete(event.pointerId);
    const { action } = this;
    if (action?.kind === "pinch") return this.endPinch();
    if (action?.pointer !== event.pointerId) return;
    if (action.pointerType === "touch") this.cancel();
    else this.finish();
  }

  beginPinch() {
    this.cancel(); // what the first finger had begun
    this.action = { kind: "pinch", pointer: null, pointerType: "touch" };
    for (const pointer of this.fingers.keys()) this.capture(pointer);
  }

  /** A finger is gone: the last one moves the picture on. */
  endPinch() {
    if (this.fingers.size > 1) return;
    const [one] = this.fingers;
    if (one) this.action = { kind: "pan", pointer: one[0], pointerType: "touch", button: LEFT, last: one[1] };
    else this.end();
  }

  /** @param {PointerEvent} event one of the first two fingers has moved */
  pinch(event) {
    const before = spreadOf(this.fingers);
    this.fingers.set(event.pointerId, this.placeOf(event));
    const after = spreadOf(this.fingers);
    this.viewer.camera.panBy(after.centre.x - before.centre.x, after.centre.y - before.centre.y);
    this.viewer.camera.zoomBy(after.span / before.span, after.centre);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.viewer.camera.zoomBy(zoomOf(event), this.placeOf(event));
  }

  /** @param {PointerEvent|null} event where the mouse or pen is; null where there is none */
  hoverAt(event) {
    this.hover = event;
    this.showCursor();
  }

  showCursor() {
    this.cursor.show(this.hover && this.placeOf(this.hover), this.action);
  }
}
