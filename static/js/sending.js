// Puts together what the reader has written and what becomes of it: outboxes, files, drafts. Nothing is decided here.

import { Backoff } from "./backoff.js";
import { randomId } from "./client_id.js";
import { locked } from "./locked.js";
import { Pause } from "./pause.js";
import { Shelf } from "./shelf.js";
import { Tray } from "./tray.js";
import { upload } from "./upload.js";
import { Courier } from "./models/courier.js";
import { Drafts } from "./models/drafts.js";
import { Outbox } from "./models/outbox.js";
import { Unsent } from "./models/unsent.js";
import { Uploads } from "./models/uploads.js";
import { Attachments } from "./views/attachments.js";

// find: (selector) => an element of the page; reached: (id) => has the timeline passed it?; changed: () => called when there is
// something to draw
export function sendingOf({ find, page, exchange, sleep, reached, changed }) {
  const { room, me, guest, language } = page;
  const tray = new Tray({ factory: () => indexedDB, sleep });
  const patient = () => ({ backoff: new Backoff(Math.random), pause: new Pause(sleep) });
  const channel = new BroadcastChannel("unsent");
  const outboxOf = (of) =>
    new Outbox({
      ...{ unsent: new Unsent({ tray, channel, ...of }), exchange, ...patient() },
      locked: (name, task) => locked(navigator.locks, name, task),
      newId: () => randomId(crypto),
    });
  const outbox = outboxOf({ room, reached, changed });
  const unseen = { reached: () => true, changed: () => {} };
  const courier = new Courier({ room, tray, make: (other) => outboxOf({ room: other, ...unseen }) });
  const drafts = new Drafts({ shelf: (key) => new Shelf(() => localStorage, key), me, guest });
  const address = ({ name }) => `/a/room/${encodeURIComponent(room)}/file?name=${encodeURIComponent(name)}`;
  let attachments = null;
  const uploads = new Uploads({
    ...patient(),
    send: (file, how) => upload(new XMLHttpRequest(), { path: address(file), token: page.token, file, sleep, ...how }),
    changed: () => attachments.render(),
  });
  return {
    ...{ outbox, uploads },
    draft: { read: () => drafts.get(room), write: (draft) => drafts.set(room, draft) },
    // author: { id, name, guest }; post: () => says nothing but the files
    open(author, post) {
      const [form, section, template, target] = [".composer", ".attachments", "#attachment", ".drop"].map(find);
      attachments = new Attachments({ form, section, template, target, language, uploads, post });
      attachments.open(document);
      addEventListener("beforeunload", (event) => {
        if (outbox.endangered || uploads.items.length) event.preventDefault();
      });
      outbox.open(author);
      courier.round(author);
    },
    show() {
      find(".log").classList.toggle("held", outbox.held);
      if (me) find(".unkept").hidden = !outbox.endangered;
    },
    wake(author) {
      outbox.wake();
      uploads.wake();
      courier.wake();
      if (me) courier.round(author);
    },
  };
}
