// Puts the room's page together: models, views, and the wires between them. Nothing is decided here.

import { Backoff } from "./backoff.js";
import { Calendar } from "./calendar.js";
import { randomId } from "./client_id.js";
import { now, sleep } from "./clock.js";
import { delivery } from "./delivery.js";
import { Exchange, Refused, Unavailable } from "./exchange.js";
import { meetingOf } from "./meeting.js";
import { handleOf } from "./mention.js";
import { Page } from "./page.js";
import { sendingOf } from "./sending.js";
import { Shelf } from "./shelf.js";
import { tellingOf } from "./telling.js";
import { openWriting } from "./writing.js";
import { Conversation } from "./models/conversation.js";
import { Heading } from "./models/heading.js";
import { History } from "./models/history.js";
import { Quoted } from "./models/quoted.js";
import { Reading } from "./models/reading.js";
import { Rooms } from "./models/rooms.js";
import { Tabs } from "./models/tabs.js";
import { Timeline } from "./models/timeline.js";
import { Vigil } from "./models/vigil.js";
import { Wishes } from "./models/wishes.js";
import { Arrivals } from "./views/arrivals.js";
import { GapBars } from "./views/gap_bars.js";
import { Lines } from "./views/lines.js";
import { HeadingView } from "./views/heading_view.js";
import { LogView } from "./views/log_view.js";
import { Paging } from "./views/paging.js";
import { Quotes } from "./views/quotes.js";
import { Scroller } from "./views/scroller.js";
import { Stops } from "./views/stops.js";
import { Strip } from "./views/strip.js";
import { WayBack } from "./views/way_back.js";

let left = null; // id up to which all was there when the reader left before it was known what they had read
const find = (selector) => document.querySelector(selector);
const page = new Page(document);
const { room, language, me } = page;
const author = { id: me, name: page.name, guest: page.guest };
const handle = () => handleOf(author.name);

const exchange = new Exchange({
  fetch: (...request) => fetch(...request),
  token: () => page.token,
  sleep,
  now,
});

// Models
const timeline = new Timeline(page);
const history = new History({ room, exchange });
const sending = sendingOf({
  ...{ find, page, exchange, sleep },
  reached: (id) => timeline.reached(id),
  changed: () => draw(),
});
const { outbox, uploads } = sending;
const ignores = (id) => rooms.ignores(id);
const conversation = new Conversation({ me, timeline, outbox, history, ignores });
const quoted = new Quoted({ room, history });
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
const reading = new Reading({
  ...{ room, exchange, sleep, backoff: new Backoff(Math.random) },
  noted: (change) => rooms.noted(change),
});
const meeting = meetingOf({ find, page, exchange, rooms, sleep, now });
const { people, typing } = meeting;
const tardy = () => (document.hidden ? 75_000 : 5000); // ms: the timers of hidden tabs are slowed down to one a minute
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
const gapBars = new GapBars({ template: find("#gap"), language, fill });
const calendar = new Calendar(language);
const templates = { echo: find("#echo"), fate: find("#fate"), reset: find("#reset"), unread: find("#unread") };
const lines = new Lines({ me, handle, calendar, templates, gapBars, words: find(".log").dataset });
const log = new LogView({ element: find(".log"), lines, calendar, ignores });
const scroller = new Scroller(find(".scroller"), find(".log"), () => timeline.newest);
const arrivals = new Arrivals({ button: find(".arrivals"), scroller, language, leave: toNewest });
const wayBack = new WayBack({
  ...{ button: find(".way-back"), scroller, go: toUnread },
  line: () => log.element("unread"),
  away: () => conversation.unreadIsAway,
});
const quotes = new Quotes({
  ...{ element: find(".log"), quoted, ignores, changed: () => log.quietly(draw) },
  lineOf: (id) => log.element(id),
});
const paging = new Paging({
  scroller,
  items: () => timeline.items,
  load: async (gap) => {
    const bar = log.element(gap.key);
    return Boolean(bar) && gapBars.load(bar, gap, true); // while the reader is on their way it may not be drawn yet
  },
});
const telling = tellingOf({ find, page, wishes, rooms, tabs, calendar, toMessage });

const headingView = new HeadingView({
  element: find(".heading"),
  renamed: (title) => telling.rename(title),
});

let writing = { keep: (change) => change(), hear: () => {} };

function draw(still) {
  sending.show();
  const inside = find(".log").contains(document.activeElement);
  scroller.hold(() => writing.keep(() => log.render(conversation.items)), still);
  if (inside && document.activeElement === document.body) scroller.focus(); // what had it is gone
  quotes.render();
  wayBack.show();
  arrivals.look();
}

// Keep only what is near the reader. What they have selected stays.
function bound(older) {
  const selection = getSelection();
  if (!selection.isCollapsed && find(".log").contains(selection.anchorNode)) return;
  const { first, last } = scroller.seen;
  timeline.bound(older, { first: log.keyOf(first), last: log.keyOf(last) });
}

function show({ watched, ignored }) {
  telling.show();
  const mark = rooms.stood === undefined ? null : rooms.stood ?? left;
  if (conversation.mark === null && mark) {
    conversation.mark = mark;
    log.quietly(draw);
  }
  if (document.hidden && conversation.pass(rooms.reached)) log.quietly(draw); // it was read in another tab
  look();
  if (watched) updates.renew();
  if (!ignored) return;
  meeting.heed();
  draw();
}

// A page that hears nothing any more cannot tell of anything, either.
function report(status) {
  strip.show(status);
  if (status.state === "closed") tabs.leave();
}

// Whoever looks at the end of the log has read it.
function look() {
  const looks = !document.hidden && document.hasFocus();
  tabs.look(looks ? room : "");
  if (!me || rooms.stood === undefined || !looks || !scroller.atEnd) return;
  rooms.read(timeline.cursor);
  reading.reach(timeline.cursor);
}

function wake() {
  rooms.wake();
  updates.wake();
  sending.wake({ ...author });
}

// What comes while nobody looks is unread when they are back, unless they have not seen yet what was unread before.
function leaveAlone() {
  updates.release();
  if (!me || !scroller.atEnd || wayBack.open) return;
  if (rooms.stood === undefined) return (left ??= timeline.cursor);
  conversation.mark = timeline.cursor;
  wayBack.renew();
  log.quietly(draw);
}

async function fill(gap) {
  await conversation.fill(gap);
  const bar = log.element(gap.key);
  bound(!gap.later);
  // The entries appear above what follows the bar, or below what leads to it.
  log.quietly(() => draw(gap.later ? bar?.previousElementSibling : bar?.nextElementSibling));
}

// Be somewhere else in the log, as one is when `going` is done, and do what is to be done there. Returns whether that worked.
async function leave(going, there) {
  try {
    await going;
  } catch (error) {
    if (error instanceof Refused || error instanceof Unavailable) return false;
    throw error;
  }
  log.quietly(draw);
  there();
  arrivals.look();
  look();
  return true;
}

function toNewest() {
  const end = () => {
    scroller.toEnd();
    scroller.focus();
  };
  return leave(conversation.toNewest(), end);
}

function toUnread() {
  return leave(conversation.toUnread(), () => log.reveal("unread"));
}

async function toMessage(id) {
  const address = `?${new URLSearchParams({ at: id })}`;
  if (!(await leave(conversation.toMessage(id), () => log.point(id)))) location.assign(address);
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
  const wasAtEnd = scroller.atEnd;
  const news = conversation.receive(update).filter((message) => !ignores(message.author.id));
  heading.apply(update);
  writing.hear(update);
  quoted.hear(update);
  bound(!wasAtEnd);
  if (news.length > 0) draw();
  else log.quietly(draw); // what is done to messages is seen, not read out
  arrivals.add(news.length, wasAtEnd);
  people.hear(update);
  if (me) telling.announce(rooms.hear(update));
  look();
}

function say(body, more) {
  outbox.post(body, { ...author }, new Date(now()).toISOString(), { ...more, files: uploads.take() });
  if (timeline.newest) scroller.toEnd();
  else leave(conversation.toNewest(), () => scroller.toEnd());
}

function openForms() {
  const typed = (text) => typing.note(text);
  const renamed = (name) => {
    author.name = name;
    updates.renew(); // the server knows by their polls who is here
  };
  sending.open({ ...author }, () => writing.say(""));
  writing = openWriting({
    ...{ find, page, exchange, history, conversation, people, typed, say, renamed, toNewest, ignores },
    draft: sending.draft,
  });
}

function openOwn() {
  scroller.onScroll(look);
  addEventListener("focus", look);
  addEventListener("blur", look);
  telling.open();
  rooms.refresh();
}

log.adopt(timeline.items);
quotes.open(toMessage);
paging.open();
meeting.open();
new Stops(find(".scroller"), meeting.meet).open();
log.onChoice({ retry: (id) => outbox.retry(id), discard: (id) => outbox.discard(id) });
addEventListener("online", wake);
addEventListener("pagehide", () => {
  tabs.leave();
  reading.leave();
  telling.leave();
});
addEventListener("pageshow", ({ persisted }) => {
  tabs.enter();
  if (persisted) wake();
});
document.addEventListener("visibilitychange", () => {
  look();
  if (document.hidden) leaveAlone();
  else wake();
});
new Vigil({ now, sleep, slack: tardy, slept: wake }).keep();
if (me) openForms();
if (me) openOwn();
draw();
if (page.at) log.point(page.at);
look();
listen();
