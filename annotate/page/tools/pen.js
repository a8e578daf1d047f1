// Mouse, pen and fingers on the picture: which of them draws, moves the picture, or measures.

import { Trace, radiusAt } from "./stroke.js";

const WHEEL_STEP = 0.0015; // a notch of 120 px zooms by 1.2
const PINCH_STEP = 0.01; // a touch pad's pinch comes as a wheel with Ctrl, in small steps
const LINE_PX = 16; // a wheel that counts lines
const ERASER_BUTTON = 5;

/** @typedef {{x: number, y: number}} Place CSS pixels in the picture's element */
/** @typedef {{pointer: number, pointerType: string, last: Place}} Held pointer that is down, and where it was last */
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
   */
  constructor(viewer, tools, hooks) {
    this.viewer = viewer;
    this.tools = tools;
    this.hooks = hooks;
    this.surface = viewer.surface;
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
    on("lostpointercapture", (event) => this.lose(event));
    on("pointerleave", () => this.showRing(null));
    on("contextmenu", (event) => event.preventDefault());
    this.surface.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
    /** @param {KeyboardEvent} event */
    const straighten = ({ key, shiftKey }) =>
      key === "Shift" && this.action?.kind === "draw" && this.showStroke(this.action, shiftKey);
    window.addEventListener("keydown", straighten, options);
    window.addEventListener("keyup", straighten, options);
    tools.addEventListener("change", () => this.showCursor(), options);
    viewer.onMove(() => this.showRing(this.hover));
    this.showCursor();
  }

  stop() {
    this.cancel();
    this.listening.abort();
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

  /** @param {PointerEvent} event @returns {"draw"|"pan"|"measure"|null} what this pointer is to do */
  kindOf(event) {
    const { tools } = this;
    if (event.button === 1 || tools.hand || tools.tool === "pan") return "pan";
    if (event.pointerType === "touch" && !tools.fingers) return "pan";
    if (tools.tool === "measure") return event.button === 0 ? "measure" : null;
    return [0, 2, ERASER_BUTTON].includes(event.button) ? "draw" : null;
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.surface.focus({ preventScroll: true });
    event.preventDefault();
    if (event.pointerType === "pen" && !this.penSeen) this.meetPen();
    if (event.pointerType === "touch") {
      if (this.action?.kind === "draw" && this.action.pointerType !== "touch") return; // the hand that holds the pen
      this.fingers.set(event.pointerId, this.placeOf(event));
      if (this.fingers.size === 2) return this.beginPinch();
      if (this.fingers.size > 2) return;
    }
    if (event.pointerType === "pen" && this.action?.pointerType !== "pen") this.cancel(); // the hand came first
    if (this.action) return; // a further button or finger
    const kind = this.kindOf(event);
    if (!kind) return;
    this.capture(event.pointerId);
    const held = { pointer: event.pointerId, pointerType: event.pointerType, last: this.placeOf(event) };
    if (kind === "draw") this.beginStroke(event, held);
    else this.action = { kind, ...held };
    if (kind === "measure") this.hooks.measure.begin(this.viewer.camera.scanOf(held.last));
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

  /** With a pen in hand, fingers move the picture. */
  meetPen() {
    this.penSeen = true;
    this.tools.set({ fingers: false });
  }

  /** @param {PointerEvent} event @param {Held} held */
  beginStroke(event, held) {
    if (!this.hooks.mayDraw()) return;
    const flip = event.button === 2;
    const sign = event.button === ERASER_BUTTON ? -1 : this.tools.sign(flip);
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
    if (event.pointerType !== "touch") this.showRing(event);
    if (this.fingers.has(event.pointerId)) {
      if (this.action?.kind === "pinch") return this.pinch(event);
      this.fingers.set(event.pointerId, this.placeOf(event));
    }
    const { action } = this;
    if (action?.pointer !== event.pointerId) return;
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
    if (action?.kind === "pinch") return this.fingers.size < 2 ? this.end() : undefined;
    if (action?.pointer !== event.pointerId || event.buttons) return;
    if (action.kind === "draw") {
      this.showStroke(action, event.shiftKey);
      const stroke = action.trace.finished(action.straight);
      this.viewer.stroke(stroke.path_px, stroke.radius_px, stroke.sign, stroke.client);
      this.end();
      this.hooks.onStroke(stroke);
      return;
    }
    if (action.kind === "measure") this.hooks.onMeasured(this.hooks.measure.end());
    this.end();
  }

  /** The system took the pointer away: what was under way counts for nothing. @param {PointerEvent} event */
  lose(event) {
    this.fingers.delete(event.pointerId);
    if (this.action?.kind === "pinch" && this.fingers.size < 2) this.end();
    if (this.action?.pointer === event.pointerId) this.cancel();
  }

  beginPinch() {
    this.cancel(); // what the first finger had begun
    this.action = { kind: "pinch", pointer: null, pointerType: "touch" };
    for (const pointer of this.fingers.keys()) this.capture(pointer);
  }

  /** @param {PointerEvent} event one of the first two fingers has moved */
  pinch(event) {
    const spread = () => {
      const [one, other] = this.fingers.values();
      const centre = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
      return { centre, span: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)) };
    };
    const before = spread();
    this.fingers.set(event.pointerId, this.placeOf(event));
    const after = spread();
    this.viewer.camera.panBy(after.centre.x - before.centre.x, after.centre.y - before.centre.y);
    this.viewer.camera.zoomBy(after.span / before.span, after.centre);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const moved = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
    this.viewer.camera.zoomBy(Math.exp(-moved * (event.ctrlKey ? PINCH_STEP : WHEEL_STEP)), this.placeOf(event));
  }

  /** @param {PointerEvent|null} event the pen's ring follows it; null hides it */
  showRing(event) {
    this.hover = event;
    const { ring } = this.hooks;
    const shown = event && this.tools.draws && !this.tools.hand && this.action?.kind !== "pan";
    ring.hidden = !shown;
    if (!shown) return;
    const { x, y } = this.placeOf(event);
    const size = Math.max(4, 2 * this.tools.radius_px * this.viewer.camera.zoom);
    const sign = this.action?.kind === "draw" ? this.action.trace.sign : this.tools.sign();
    ring.style.width = ring.style.height = `${size}px`;
    ring.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
    ring.dataset.sign = sign > 0 ? "add" : "erase";
  }

  showCursor() {
    const moves = this.tools.hand || this.tools.tool === "pan";
    const grabbed = this.action?.kind === "pan";
    this.surface.style.cursor = grabbed ? "grabbing" : moves ? "grab" : "crosshair";
    this.showRing(this.hover);
  }
}
