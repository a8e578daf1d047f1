// The walk from place to place: where to look next, what looks right, how far the mirror is.

import { Places } from "./places.js";

export class Walk {
  /**
   * @param {HTMLElement} root @param {import("./session.js").Session} session
   * @param {object} hooks
   * @param {() => import("./viewer.js").Viewer|null} hooks.viewer
   * @param {() => boolean} hooks.mayDraw
   * @param {import("./notices.js").Notices} hooks.notices
   */
  constructor(root, session, hooks) {
    this.session = session;
    this.hooks = hooks;
    this.places = new Places(session.state.places ?? Places.none);
    const part = (id) => root.querySelector(`#${id}`);
    this.bar = part("progress");
    this.share = part("progress-shown");
    this.text = part("places-shown");
    this.right = part("looks-right");
  }

  /** Go to the next place. */
  next() {
    const viewer = this.hooks.viewer();
    if (!viewer) return;
    const cell = this.places.next();
    this.show();
    if (cell === null) {
      this.hooks.notices.say("Every place has been looked at or corrected.");
      return;
    }
    viewer.camera.goTo(this.places.region);
    const quality = this.places.places.quality[cell];
    const estimate = quality === null ? "" : `, estimated quality ${Math.round(100 * quality)} percent`;
    this.hooks.notices.announce(`Place ${cell + 1}${estimate}`);
  }

  /** The place that is looked at needs nothing: log that, and go on. */
  looksRight() {
    const { current, places } = this.places;
    if (current === null) {
      this.hooks.notices.say("Go to a place first, with Next place (N).");
      return;
    }
    if (!this.hooks.mayDraw()) return;
    if (!places.state[current]) places.state[current] = "seen"; // the server's word follows
    this.next();
    this.session.seen(current);
  }

  /** The session has news of the places. */
  update() {
    const { places } = this.session.state;
    if (!places) return;
    this.places.update(places);
    this.show();
  }

  /** Show the places in the picture and beside it. */
  show() {
    const { places, current, says } = this.places;
    this.hooks.viewer()?.setPlaces(places, current);
    this.right.disabled = current === null;
    this.bar.value = places.progress ?? 0;
    this.share.textContent = `${Math.round(100 * (places.progress ?? 0))} %`;
    this.text.textContent = says;
  }
}
