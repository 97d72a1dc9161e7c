// Puts the room's page together: models, the parts that show them, and the wires between them. Nothing is decided here.

import { Backoff } from "./backoff.js";
import { Calendar } from "./calendar.js";
import { randomId } from "./client_id.js";
import { now, sleep } from "./clock.js";
import { delivery } from "./delivery.js";
import { openDrawing } from "./drawing.js";
import { Exchange } from "./exchange.js";
import { openGoing } from "./going.js";
import { markingOf } from "./marking.js";
import { openMeeting } from "./meeting.js";
import { handleOf } from "./mention.js";
import { Page } from "./page.js";
import { sendingOf } from "./sending.js";
import { Shelf } from "./shelf.js";
import { tellingOf } from "./telling.js";
import { openWriting } from "./writing.js";
import { Conversation } from "./models/conversation.js";
import { Heading } from "./models/heading.js";
import { History } from "./models/history.js";
import { Rooms } from "./models/rooms.js";
import { Tabs } from "./models/tabs.js";
import { Timeline } from "./models/timeline.js";
import { Vigil } from "./models/vigil.js";
import { Wishes } from "./models/wishes.js";
import { HeadingView } from "./views/heading_view.js";
import { Strip } from "./views/strip.js";

const find = (selector) => document.querySelector(selector);
const page = new Page(document);
const { room, language, me } = page;
const author = { id: me, name: page.name, guest: page.guest };
const handle = () => handleOf(author.name);
const exchange = new Exchange({ fetch: (...request) => fetch(...request), token: () => page.token, sleep, now });

// Models
const timeline = new Timeline(page);
const history = new History({ room, exchange });
const sending = sendingOf({
  ...{ find, page, exchange, sleep },
  reached: (id) => timeline.reached(id),
  changed: () => drawing.draw(),
});
const { outbox, uploads } = sending;
const ignores = (id) => rooms.ignores(id);
const conversation = new Conversation({ me, timeline, outbox, history, ignores });
const heading = new Heading({ ...page, exchange, changed: () => headingView.show(heading) });
const tabs = new Tabs({
  id: randomId(crypto),
  channel: new BroadcastChannel("tabs"),
  locks: navigator.locks,
  changed: () => updates.release(),
});
const wishes = new Wishes({ shelf: new Shelf(() => localStorage, "notices"), now });
const rooms = new Rooms({
  ...{ room, cursor: page.cursor, me, handle, exchange, sleep, now, backoff: new Backoff(Math.random) },
  muted: (item) => wishes.level(item) === "none",
  changed: (what) => show(what),
});
const meeting = openMeeting({ find, page, exchange, rooms, sleep, now });
const { people } = meeting;
// ms: the timers of hidden tabs are slowed down to one a minute
const tardy = () => (document.hidden ? 75_000 : 5000);
const updates = delivery({
  ...{ page, id: tabs.id, slack: tardy, shelf: new Shelf(() => localStorage, "hold") },
  wires: {
    asks: () => [{ room, cursor: timeline.cursor, presence: people.version }, ...rooms.watched],
    me: () => (me ? rooms.version : undefined),
    fewer: () => rooms.rest(),
    mayHold: () => !(document.hidden && tabs.many),
    report,
  },
});

// Views
const strip = new Strip({ element: find(".strip"), language, now, again: wake });
const calendar = new Calendar(language);
const drawing = openDrawing({
  ...{ find, page, calendar, handle, timeline, history, conversation, ignores, sending },
  keep: (change) => writing.keep(change),
  drawn: () => going.look(),
});
const going = openGoing({
  ...{ find, page, timeline, conversation, drawing, meet: meeting.meet },
  moved: () => marking.look(),
});
const marking = markingOf({
  ...{ page, exchange, sleep, backoff: new Backoff(Math.random), rooms, tabs, timeline, conversation, drawing },
  wayBack: going.wayBack,
});
const telling = tellingOf({ find, page, wishes, rooms, tabs, calendar, toMessage: going.toMessage });
const headingView = new HeadingView({ element: find(".heading"), renamed: (title) => telling.rename(title) });
const writing = me ? openForms() : { keep: (change) => change(), hear: () => {} };

function openForms() {
  const renamed = (name) => {
    author.name = name;
    // The server knows by their polls who is here.
    updates.renew();
  };
  sending.open({ ...author }, () => writing.say(""));
  return openWriting({
    ...{ find, page, exchange, history, conversation, people, ignores, say, renamed },
    ...{ draft: sending.draft, typed: meeting.typed, toNewest: going.toNewest },
  });
}

function say(body, more) {
  outbox.post(body, { ...author }, new Date(now()).toISOString(), { ...more, files: uploads.take() });
  going.follow();
}

function show({ watched, ignored }) {
  telling.show();
  marking.settle();
  if (watched) updates.renew();
  if (!ignored) return;
  meeting.heed();
  drawing.draw();
}

// A page that hears nothing any more cannot tell of anything, either.
function report(status) {
  strip.show(status);
  if (status.state === "closed") tabs.leave();
}

function wake() {
  rooms.wake();
  updates.wake();
  sending.wake({ ...author });
}

// Whatever fails here, nobody is to believe that the page still hears.
async function listen() {
  try {
    for await (const update of updates) hear(update);
  } catch (error) {
    report({ state: "closed" });
    throw error;
  }
}

function hear(update) {
  heading.apply(update);
  writing.hear(update);
  going.hear(update);
  people.hear(update);
  if (me) telling.announce(rooms.hear(update));
  marking.look();
}

addEventListener("online", wake);
addEventListener("pagehide", () => {
  tabs.leave();
  marking.leave();
  telling.leave();
});
addEventListener("pageshow", ({ persisted }) => {
  tabs.enter();
  if (persisted) wake();
});
document.addEventListener("visibilitychange", () => {
  marking.look();
  if (!document.hidden) return wake();
  updates.release();
  marking.lookAway();
});
new Vigil({ now, sleep, slack: tardy, slept: wake }).keep();
if (me) {
  marking.open();
  telling.open();
  rooms.refresh();
}
drawing.draw();
if (page.at) drawing.log.point(page.at);
marking.look();
listen();
