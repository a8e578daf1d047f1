// The start of the page: the part of the address after # chooses the list or a mirror.

import { find } from "./dom.js";
import { Editor } from "./editor.js";
import { ImageList } from "./image-list.js";
import { Notices } from "./notices.js";
import { showKeys } from "../tools/keys.js";
import { showWaits } from "./waits.js";

/** @param {string} id @returns {HTMLElement} */
const part = (id) => find(document, `#${id}`, HTMLElement);
const notices = new Notices(part("notices"), part("announcer"));
const imageList = new ImageList(part("gallery"), (message) => {
  if (message) notices.say(message, "problem", "the list");
  else notices.settle("the list");
});
const help = find(document, "#help", HTMLDialogElement);
/** @type {Editor|null} */
let editor = null;

/** @param {string} hash @returns {string} the mirror's name; "" for the list */
function nameIn(hash) {
  const written = hash.replace(/^#\/?/, "");
  try {
    return decodeURIComponent(written).normalize("NFC"); // as the server names them
  } catch {
    return written; // no name at all; the server will say so
  }
}

/** Show what the address says. */
function show() {
  editor?.close();
  editor = null;
  notices.clear();
  const name = nameIn(location.hash);
  if (!name) {
    imageList.show();
    return;
  }
  imageList.hide();
  editor = new Editor(part("mirror"), name, notices, () => help.showModal());
  editor.open();
}

/** Notices keep clear of the banners. @param {ResizeObserverEntry[]} entries */
function underBanners([{ contentRect }]) {
  document.body.style.setProperty("--banners", `${contentRect.height}px`);
}

new ResizeObserver(underBanners).observe(part("banners"));
showKeys(part("keys"));
showWaits(part("waits"));
part("close-help").addEventListener("click", () => help.close());
help.addEventListener("click", (event) => event.target === help && help.close()); // beside it
window.addEventListener("hashchange", show);
show();
