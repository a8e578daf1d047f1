// Where the page begins: the part of the address after # says what is shown, the list or a mirror.

import { Gallery } from "./gallery.js";
import { showKeys } from "../tools/keys.js";
import { Editor } from "./editor.js";
import { Notices } from "./notices.js";

const part = (id) => document.getElementById(id);
const notices = new Notices(part("notices"), part("announcer"));
const gallery = new Gallery(part("gallery"), (message) => notices.say(message, "problem"));
const help = part("help");
/** @type {Editor|null} */
let open = null;

/** @param {string} hash @returns {string} the mirror's name; "" for the list */
function nameIn(hash) {
  const written = hash.replace(/^#\/?/, "");
  try {
    return decodeURIComponent(written);
  } catch {
    return written; // no name at all; the server will say so
  }
}

/** Show what the address says. */
function show() {
  open?.close();
  open = null;
  notices.clear();
  const name = nameIn(location.hash);
  if (!name) {
    gallery.show();
    return;
  }
  gallery.hide();
  open = new Editor(part("mirror"), name, notices, () => help.showModal());
  open.open();
}

showKeys(part("keys"));
part("close-help").addEventListener("click", () => help.close());
help.addEventListener("click", (event) => event.target === help && help.close()); // beside it
window.addEventListener("hashchange", show);
show();
