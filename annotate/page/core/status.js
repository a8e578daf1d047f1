// The state of the session on the page: status line, enabled commands, the last answer, the model's state.

import { AnswerBar } from "./answer.js";
import { find, findAll } from "./dom.js";

/** @typedef {import("./messages.js").State} State */

/** @type {Partial<Record<import("./messages.js").Change["cause"], string>>} */
const CAUSES = { undo: "Undone", redo: "Done again", keep: "Only your stroke is kept" };

/** @param {number} count @param {string} noun @returns {string} */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {string} text @returns {string} with a full stop */
const sentence = (text) => text.replace(/[^.?!]$/, "$&.");

/** @param {number} changed model pixels @param {State} state @returns {string} for people */
export function areaOf(changed, { pixels_per_mm, scale }) {
  if (!pixels_per_mm) return `${changed} px`;
  const area = changed / (pixels_per_mm * scale) ** 2;
  return area < 0.01 ? "less than 0.01 mm²" : `${area.toFixed(2)} mm²`;
}

export class Status {
  /**
   * @param {HTMLElement} root @param {import("./session.js").Session} session
   * @param {import("./notices.js").Notices} notices
   */
  constructor(root, session, notices) {
    this.root = root;
    this.session = session;
    this.notices = notices;
    this.kind = "well";
    this.answer = new AnswerBar(this.part("answer"), this.part("answer-text"));
  }

  /** @param {string} id */
  part(id) {
    return find(this.root, `#${id}`, HTMLElement);
  }

  /** @param {"now"|"request"|"never"} mode when strokes are refined */
  render(mode) {
    const { state, underWay } = this.session;
    this.enable("undo", state.can_undo || underWay > 0);
    this.enable("redo", state.can_redo);
    this.enable("keep", state.can_keep);
    this.enable("refine", mode !== "never" && state.pending_refine > 0);
    if (!state.can_keep) this.hideAnswer();
    this.part("read-only").hidden = !state.read_only;
    this.part("read-only").textContent = this.whyNot();
    this.renderModel();
    this.renderStatus();
  }

  /** @param {string} action @param {boolean} able */
  enable(action, able) {
    for (const button of findAll(this.root, `[data-action=${action}]`, HTMLButtonElement)) {
      button.disabled = !able || Boolean(this.session.state.read_only);
    }
  }

  renderModel() {
    const { refines, model_ready, model_problem, pending_refine } = this.session.state;
    const [refining, loading] = [this.session.jobs.of("refine"), this.session.jobs.of("model")];
    /** @param {number} part */
    const percent = (part) => `${Math.round(100 * part)} %`;
    this.part("refine-mode").hidden = this.part("refine-orders").hidden = !refines;
    this.part("refine").textContent = pending_refine ? `Refine ${counted(pending_refine, "stroke")}` : "Refine";
    let says = refines ? "" : "A plain drawing page: no model was loaded.";
    if (refining) says = `Refining: ${percent(refining.share)}`;
    if (refines && !model_ready) says = `The model is being loaded: ${percent(loading?.share ?? 0)}`;
    this.part("model-state").textContent = model_problem ?? says;
  }

  /** @returns {string} why nothing can be drawn now, and what becomes of what was drawn */
  whyNot() {
    const { state, outbox } = this.session;
    if (!state.read_only) return "";
    const kept = outbox.strokes ? ` ${counted(outbox.strokes, "stroke")} kept in this browser until then.` : "";
    return `${sentence(state.read_only)} Trying again by itself.${kept} Reload this page only if that does not end.`;
  }

  renderStatus() {
    const { state, connected, unavailable, trouble, outbox, own, underWay } = this.session;
    const kept = outbox.strokes ? ` ${counted(outbox.strokes, "stroke")} kept here until then.` : "";
    const strokes = own.underWay;
    let says = underWay ? "Under way" : "Every stroke is saved";
    if (strokes) says = `${counted(strokes, "stroke")} under way`;
    if (own.refused.size) says = `${counted(own.refused.size, "stroke")} not taken`;
    if (trouble) says = `${sentence(trouble.message)} Trying again.${kept}`;
    else if (!connected) says = `${sentence(unavailable ?? "Connection lost")} Trying again.${kept}`;
    const lost = trouble || !connected || own.refused.size;
    const kind = lost ? "lost" : underWay ? "waiting" : "well";
    if (kind === "lost" && this.kind !== "lost") this.notices.announce(says);
    if (kind !== "lost" && this.kind === "lost") this.notices.announce("All is well again");
    this.kind = kind;
    this.part("connection").textContent = says;
    this.part("connection").dataset.kind = kind;
    const off = state.off_object ? `, ${areaOf(state.off_object, state)} off the object` : "";
    this.part("strokes").textContent = `${counted(state.strokes, "stroke")}${off}`;
    this.part("latency").textContent = state.latency ? `Answer in ${Math.round(state.latency)} ms` : "";
  }

  /** @param {number} zoom CSS pixels a scan pixel */
  renderZoom(zoom) {
    this.part("zoom").textContent = `${Math.round(100 * zoom)} %`;
  }

  /**
   * A change is on screen: say what it did, and what can be done about it.
   * @param {import("./messages.js").Change} change
   */
  answered({ cause, bare, changed }) {
    const repaired = changed ? capital(`${areaOf(changed, this.session.state)} repaired around your stroke`) : "";
    const drawn = bare ? "Drawn" : "Drawn; nothing else changed";
    const says = CAUSES[cause] ?? (!bare && repaired ? repaired : drawn);
    this.notices.announce(says);
    if (says === repaired) this.answer.show(says);
    else this.answer.hide();
  }

  hideAnswer() {
    this.answer.hide();
  }

  /** @param {import("./messages.js").Job} message */
  job({ job, error }) {
    const about = `job ${job}`; // of tiles the card says it
    if (error && job !== "tiles") this.notices.say(error, "problem", about);
    else this.notices.settle(about);
  }
}
