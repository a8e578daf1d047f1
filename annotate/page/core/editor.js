// The page of one mirror: passes the user's actions to the session, and the session's messages to the controls.

import { thumbnailUrl } from "./api.js";
import { find, findAll } from "./dom.js";
import { commandsOf } from "../tools/commands.js";
import { ExportMenu } from "./exports.js";
import { FirstLines } from "./first-lines.js";
import { LearningPanel } from "./learning.js";
import { Keyboard } from "../tools/keys.js";
import { bindRefused } from "./refused.js";
import { Measure } from "../tools/measure.js";
import { LayerLoading } from "../layers/loading.js";
import { LayerPanel, LightPad, layersOf } from "../layers/panel.js";
import { Pen } from "../tools/pen.js";
import { RefineMode } from "../tools/refine-mode.js";
import { Status, counted } from "./status.js";
import { Session } from "./session.js";
import { recall, remember } from "./settings.js";
import { StartCard } from "./start.js";
import { FINGERS, Tools, bindTools, explainFingers } from "../tools/toolbar.js";
import { Viewer } from "../layers/viewer.js";
import { ViewMemory } from "../layers/view-memory.js";
import { PlacesPanel } from "./places.js";

const NARROW = "(width < 900px)"; // the panel lies over the picture there, see styles/panel.css

export class Editor {
  /**
   * @param {HTMLElement} root @param {string} name of the mirror
   * @param {import("./notices.js").Notices} notices @param {() => void} showHelp
   */
  constructor(root, name, notices, showHelp) {
    this.root = root;
    this.notices = notices;
    this.showHelp = showHelp;
    this.session = new Session(name);
    this.status = new Status(root, this.session, notices);
    this.leaving = new AbortController();
    /** @type {Viewer|null} */
    this.viewer = null;
    this.comparing = false;
    // All that follows is made by `prepare`, once the state was read.
    /** @type {Tools} */
    this.tools;
    /** @type {PlacesPanel} */
    this.places;
    /** @type {LearningPanel} */
    this.learning;
    /** @type {LayerPanel} */
    this.layers;
    /** @type {LightPad} */
    this.light;
    /** @type {RefineMode} */
    this.refining;
    /** @type {StartCard} */
    this.startCard;
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} handler */
  on(target, type, handler) {
    target.addEventListener(type, handler, { signal: this.leaving.signal });
  }

  async open() {
    const { session, root, status } = this;
    document.title = session.api.name;
    this.part("name").textContent = session.api.name;
    this.part("object").textContent = "";
    root.dataset.stage = "start";
    root.setAttribute("aria-busy", "true"); // until the drawing is on screen
    this.part("loading").hidden = false;
    this.part("start-card").hidden = true;
    root.hidden = false;
    this.on(session, "opened", () => this.opened());
    this.on(session, "state", () => this.render());
    this.on(session, "connection", () => {
      status.renderStatus();
      if (session.connected) this.loading?.reconnected();
    });
    this.on(session, "places", () => this.placesChanged());
    this.on(session, "learning", () => this.placesChanged());
    this.on(session, "marked", ({ detail }) => this.places.marked(detail));
    this.on(session, "notice", ({ detail }) => this.notices.say(detail.text, detail.kind));
    this.on(session, "answer", ({ detail }) => this.answered(detail));
    this.on(session, "job", ({ detail }) => {
      status.job(detail);
      this.render();
    });
    try {
      await session.open();
    } catch (error) {
      this.part("loading").hidden = true;
      this.notices.say(error.message, "problem");
    }
  }

  close() {
    this.compare(false);
    this.pen?.stop(); // a stroke under way is sent
    this.leaving.abort();
    this.session.close();
    this.keyboard?.stop();
    this.light?.stop();
    this.viewer?.destroy();
    this.part("stage").replaceChildren();
    this.root.hidden = true;
    for (const id of ["answer", "redrawing", "first-lines", "ring", "left-over", "refused", "read-only"]) this.part(id).hidden = true;
  }

  /** The state was read: for the first time, or anew. */
  opened() {
    const { state } = this.session;
    if (this.leaving.signal.aborted) return;
    if (!this.tools) this.prepare();
    this.part("light-row").hidden = !state.layers.some(({ kind }) => kind === "shaded");
    this.startCard.render();
    if (state.started && state.tiles.ready && !this.viewer) this.showPicture();
    this.placesChanged();
    this.render();
  }

  /** All that needs the state once: tools, keys, buttons. */
  prepare() {
    const { session, root, notices } = this;
    const { state } = session;
    const { signal } = this.leaving;
    this.part("loading").hidden = true;
    this.part("object").textContent = state.object !== state.name ? state.object : "";
    find(root, "#thumbnail", HTMLImageElement).src = thumbnailUrl(state.name);
    this.tools = new Tools(state.pen.radius_px, state.pixels_per_mm);
    bindTools(this.tools, root, signal);
    this.places = new PlacesPanel(root, session, { viewer: () => this.viewer, mayDraw: () => this.mayDraw(), notices });
    this.learning = new LearningPanel(root, session, this.places, signal);
    const row = find(root, "#layer-row", HTMLTemplateElement);
    this.layers = new LayerPanel(
      this.part("layers"),
      row,
      state.layers,
      (name, opacity) => this.showLayer(name, opacity),
      (name) => this.loading?.again(name),
    );
    this.light = new LightPad(this.part("light"), this.part("light-handle"), (x, y) => this.viewer?.setLight(x, y));
    this.startCard = new StartCard(this.part("start-card"), session, signal);
    const commands = commandsOf(this);
    this.keyboard = new Keyboard(commands, () => Boolean(this.viewer));
    for (const button of findAll(root, "[data-action]", HTMLButtonElement)) {
      this.on(button, "click", () => commands[button.dataset.action ?? ""]());
    }
    new ExportMenu(find(root, "#export", HTMLDetailsElement), session, notices, signal);
    this.refining = new RefineMode(root, session, signal, () => this.render());
    bindRefused(root, session, signal);
    this.on(root, "mousedown", (event) => {
      if (event.target.closest("button")) event.preventDefault(); // the keyboard stays with the picture
    });
    this.on(this.part("send-left"), "click", () => this.settleLeftOver(true));
    this.on(this.part("drop-left"), "click", () => this.settleLeftOver(false));
    this.on(window, "beforeunload", (event) => session.outbox.length && event.preventDefault());
    this.togglePanel(recall("panel", !matchMedia(NARROW).matches));
  }

  showPicture() {
    const { session, tools } = this;
    this.root.dataset.stage = "work";
    const viewer = (this.viewer = new Viewer(this.part("stage"), session.state));
    const { surface } = viewer;
    surface.id = "surface";
    surface.tabIndex = 0;
    surface.setAttribute("role", "application");
    surface.setAttribute("aria-label", "Drawing area; press ? for the keys");
    const firstLines = new FirstLines(this.part("first-lines"), session);
    this.measure = new Measure(viewer, session.state.pixels_per_mm, this.part("measured"));
    this.pen = new Pen(viewer, tools, {
      mayDraw: () => this.mayDraw(),
      onBegin: () => {
        this.status.hideAnswer();
        firstLines.drawn();
      },
      onStroke: (stroke) => session.own.draw(stroke, this.refining.mode === "now"),
      onMeasured: (length) => length && this.notices.announce(length),
      measure: this.measure,
      ring: this.part("ring"),
      onFinger: () => firstLines.tellFingers || explainFingers(this.notices), // they say it, too
    });
    this.on(viewer.supplies, "change", () => this.showCompared());
    const loading = (this.loading = new LayerLoading(this.layers, viewer, session));
    this.layers.applyAll();
    viewer.setLight(this.light.x, this.light.y);
    viewer.ready.then(() => {
      this.places.places.current = new ViewMemory(viewer, this.leaving.signal).place;
      this.places.show();
    });
    viewer.onMove(() => this.status.renderZoom(viewer.camera.zoom));
    Promise.all([viewer.ready, session.attach(viewer)]).then(() => {
      this.root.setAttribute("aria-busy", "false");
      loading.begin();
    });
    this.offerLeftOver();
    surface.focus({ preventScroll: true });
  }

  /** @param {string} name @param {number} opacity */
  showLayer(name, opacity) {
    if (!this.viewer) return;
    this.viewer.setLayer(name, opacity);
    if (opacity) this.loading?.supply(name);
    else this.loading?.say();
  }

  /** @returns {boolean} whether anything can be changed; points at the reason where not */
  mayDraw() {
    const { read_only } = this.session.state;
    if (!read_only) return true;
    this.notices.announce(read_only);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!still) this.part("read-only").animate({ opacity: [1, 0.3, 1] }, 300);
    return false;
  }

  /** @returns {{x: number, y: number}} of the picture, CSS pixels */
  get centre() {
    const { clientWidth, clientHeight } = this.part("stage");
    return { x: clientWidth / 2, y: clientHeight / 2 };
  }

  /** Drop what is under way, put away what lies over the picture. */
  cancel() {
    this.pen?.cancel();
    this.measure?.clear();
    this.status.hideAnswer();
  }

  /** @param {boolean} [open] */
  togglePanel(open = Boolean(this.part("panel").hidden)) {
    this.part("panel").hidden = !open;
    this.part("show-panel").setAttribute("aria-expanded", String(open));
    remember("panel", open);
    if (open) this.notices.settle(FINGERS); // would cover it
  }

  /** @param {boolean} on whether the initial drawing is shown */
  compare(on) {
    this.comparing = on;
    this.viewer?.setCompare(on);
    if (on) this.loading?.again("initial");
    this.part("compare").setAttribute("aria-pressed", String(on));
    this.part("comparing").hidden = !on;
    this.showCompared();
  }

  showCompared() {
    const lack = this.viewer?.supplies.lack("initial");
    this.part("comparing").textContent = lack ? `Initial drawing: ${lack.says}` : "Initial drawing";
  }

  /** @param {import("./api.js").Command} command */
  command(command) {
    if (!this.viewer || !this.mayDraw()) return;
    const button = find(this.root, `[data-action=${command}]`, HTMLButtonElement);
    if (button.disabled) this.notices.announce(`There is nothing to ${command}`);
    else this.session.command(command);
  }

  /** @param {import("./messages.js").Change} change that is on screen */
  answered(change) {
    const [, , height, width] = change.region;
    if (height && width) this.viewer?.flash(change.region);
    this.status.answered(change);
  }

  placesChanged() {
    this.places.update();
    if (!this.layers.setAvailable(layersOf(this.session.state))) return;
    this.layers.applyAll();
  }

  render() {
    this.status.render(this.refining.mode);
    this.learning.render();
  }

  offerLeftOver() {
    const { length } = this.session.own.left;
    this.part("left-over").hidden = !length;
    this.part("left-text").textContent = `${counted(length, "stroke")} drawn earlier not taken by the server.`;
  }

  /** @param {boolean} send strokes of an earlier visit, or drop them */
  settleLeftOver(send) {
    this.session.own.settleLeft(send);
    this.part("left-over").hidden = true;
  }
}
